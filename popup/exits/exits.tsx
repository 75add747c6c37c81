// Where to leave the network, for the person to choose: by country, by operator, the fastest, one that costs nothing. What can be had is decided by the worker; where it refuses, the tab stays
// where it is.

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ExitChoice } from '../../src/core/circuit/exit-choice.ts';
import type { ExitsView } from '../../src/core/circuit/exits-view.ts';
import { regionName } from '../../src/text/formats.ts';
import { language, t } from '../../src/text/translate.ts';
import { placeOf } from '../home/change-exit.tsx';
import { Field, Trouble, View, wordsFor } from '../parts.tsx';
import { useAction, useIsThere, useShell } from '../shell.ts';
import { findPlaces, MAX_ROWS } from './find-places.ts';
import { ChoiceButton, PlaceRow, type Choosing } from './place-row.tsx';

export function Exits(): JSX.Element {
  const { ask, tab, go } = useShell();
  const isThere = useIsThere();
  const [view, setView] = useState<ExitsView>();
  const { busy, error, run } = useAction();
  useEffect(() => {
    run(async () => {
      const answer = await ask('exits/read', { tab: tab ?? 0 });
      if (isThere()) setView(answer);
    });
  }, []);
  const choose = (choice: ExitChoice): void =>
    run(async () => {
      await ask('exits/choose', { tab: tab ?? 0, choice });
      // The first view shows where the tab leaves now.
      if (isThere()) go('home');
    });
  const mark = (region: string, wanted: boolean): void =>
    run(async () => {
      const answer = await ask('exits/mark', { tab: tab ?? 0, region, wanted });
      if (isThere()) setView(answer);
    });
  return (
    <View route="exits" title={t('exits_title')}>
      {view === undefined ? (
        <p>{error === undefined ? t('exits_moment') : ''}</p>
      ) : (
        <Chooser {...{ view, onChoose: choose, onMark: mark }} />
      )}
      <div class="exits-news">
        <p role="status">{busy && view !== undefined ? t('exits_busy') : ''}</p>
        <Trouble words={wordsFor(error)} />
      </div>
    </View>
  );
}

type ChooserProps = { view: ExitsView } & Pick<Choosing, 'onChoose' | 'onMark'>;

function Chooser({ view, ...on }: ChooserProps): JSX.Element {
  const [search, setSearch] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const { choice, favourites } = view;
  const choosing: Choosing = { ...on, choice, favourites };
  const names = { nameOf: regionName, language: language().tag };
  const found = findPlaces(view.places, search, names);
  const rows = found.slice(0, MAX_ROWS);
  const marked = findPlaces(
    view.places.filter(({ region }) => favourites.includes(region)),
    '',
    names,
  );
  const isSearching = search.trim() !== '';
  return (
    <>
      <p>{forWhom(view)}</p>
      {view.isPrivate ? null : <p class="note">{t('exits_becomes_private')}</p>}
      <Field
        {...{ name: 'exit-search', label: t('exits_search'), field, first: true }}
        onInput={(value) => setSearch(value.slice(0, MAX_SEARCH))}
      />
      <p class="note" role="status" data-found>
        {t('exits_found', { countries: found.length })}
      </p>
      {isSearching ? null : <Quick {...{ view, ...choosing }} />}
      {isSearching || marked.length === 0 ? null : (
        <section data-list="favourites">
          <h2>{t('exits_favourites')}</h2>
          <ul class="places">
            {marked.map((place) => (
              <PlaceRow key={place.region} {...{ place, ...choosing }} />
            ))}
          </ul>
        </section>
      )}
      {isSearching || view.recent.length === 0 ? null : (
        <section data-list="recent">
          <h2>{t('exits_recent')}</h2>
          <ul class="places">
            {view.recent.map((of) => (
              <li key={placeOf(of)}>
                <ChoiceButton {...choosing} of={of}>
                  <span class="place-name">
                    <bdi>{placeOf(of)}</bdi>
                  </span>
                </ChoiceButton>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section data-list="all">
        <h2>{t('exits_countries')}</h2>
        {view.places.length === 0 ? <p>{t('exits_no_relays')}</p> : null}
        <ul class="places">
          {rows.map((place) => (
            <PlaceRow key={place.region} {...{ place, ...choosing }} />
          ))}
        </ul>
        {found.length > rows.length ? (
          <p class="note">{t('exits_more', { countries: found.length - rows.length })}</p>
        ) : null}
      </section>
    </>
  );
}

/** The longest name of a country has half as many. */
const MAX_SEARCH = 100;

/** What needs no country. */
function Quick({ view, ...choosing }: { view: ExitsView } & Choosing): JSX.Element {
  return (
    <ul class="places">
      <li>
        <ChoiceButton {...choosing} of={{ kind: 'fastest' }} isOff={view.standing === 0}>
          <span class="place-name">{t('exits_fastest')}</span>
          <span class="note">
            {view.standing === 0 ? t('exits_fastest_later') : t('exits_fastest_about', { exits: view.standing })}
          </span>
        </ChoiceButton>
      </li>
      <li>
        <ChoiceButton {...choosing} of={{ kind: 'free' }} isOff={view.free === 0}>
          <span class="place-name">{t('exits_free')}</span>
          <span class="note">{t('exits_free_about', { exits: view.free })}</span>
        </ChoiceButton>
      </li>
      {view.choice === undefined ? null : (
        <li>
          <ChoiceButton {...choosing} of={{ kind: 'any' }}>
            <span class="place-name">{t('exits_any')}</span>
            <span class="note">{t('exits_any_about')}</span>
          </ChoiceButton>
        </li>
      )}
    </ul>
  );
}

function forWhom({ isForSite, site }: ExitsView): string {
  if (!isForSite) return t('exits_for_all');
  return site === undefined ? t('exits_for_no_site') : t('exits_for_site', { site });
}
