// The options page: the list of views and the field that finds them at the side, and the view itself. The first run has the page for itself.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../../src/text/translate.ts';
import { hashOf, type ScreenRoute } from '../route.ts';
import { Screens } from '../screens.tsx';
import type { Shell } from '../shell.ts';
import { listed, places } from './places.ts';
import { findPlaces } from './search.ts';

export { Screens };

export function FullPage({ route, shell }: { route: ScreenRoute; shell: Shell }): JSX.Element {
  if (route === 'welcome')
    return (
      <main class="welcome">
        <Screens route={route} shell={shell} />
      </main>
    );
  return (
    <div class="frame">
      <Side route={route} />
      <main>
        <Screens route={route} shell={shell} />
      </main>
    </div>
  );
}

function Side({ route }: { route: ScreenRoute }): JSX.Element {
  const [query, setQuery] = useState('');
  const found = findPlaces(places(), query);
  const isAsked = query.trim() !== '';
  const ways = isAsked ? found : listed().map((way) => ({ ...way, hit: undefined }));
  return (
    <nav class="side" aria-label={t('options_nav')}>
      <form
        class="find"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          // Enter goes to the best one.
          const [best] = found;
          if (best !== undefined) location.hash = hashOf(best.route);
        }}
      >
        <label for="find">{t('options_find')}</label>
        <input
          {...{ id: 'find', type: 'search', autoComplete: 'off', spellcheck: false, value: query }}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
        <span class="note" role="status">
          {isAsked ? t('options_found', { count: found.length }) : ''}
        </span>
      </form>
      <ul>
        {ways.map(({ route: to, title, hit }) => (
          <li key={to}>
            <a href={hashOf(to)} aria-current={isIn(route, to) ? 'page' : undefined}>
              {title}
              {hit === undefined ? null : <span class="note place">{hit}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Below a view that is listed one is in it still, unless the other is listed itself. */
function isIn(route: ScreenRoute, listedRoute: ScreenRoute): boolean {
  if (route === listedRoute) return true;
  return route.startsWith(`${listedRoute}/`) && !listed().some((other) => other.route === route);
}
