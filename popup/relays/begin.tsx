// Places to begin: addresses, names and a resolver, and what came of them. What is allowed is decided by the worker; the same rules are asked here first, so that the line that is wrong is named.

import type { JSX, RefObject } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { parseBeginAddress } from '../../src/core/directory/begin-address.ts';
import { BEGIN_ADVICE } from '../../src/core/directory/begin-advice.ts';
import { BeginError } from '../../src/core/directory/begin-error.ts';
import type { BeginNews, BeginView } from '../../src/core/directory/begin-news.ts';
import { MAX_BEGIN_ADDRESSES, MAX_BEGIN_NAMES, parseResolver } from '../../src/core/directory/begin-places.ts';
import { parseDnsaddrName } from '../../src/core/directory/dnsaddr.ts';
import type { MessageKey } from '../../src/core/text/text.ts';
import { t } from '../../src/text/translate.ts';
import { Field, Form, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { AskedView } from './asked-view.tsx';

const SOURCES: Readonly<Record<BeginNews['source'], MessageKey>> = {
  addresses: 'relays_begin_from_addresses',
  names: 'relays_begin_from_names',
  registry: 'relays_begin_from_registry',
  known: 'relays_begin_from_known',
};

export function Begin(): JSX.Element {
  return (
    <AskedView
      {...{ route: 'relays/begin', title: t('relays_begin_title'), question: 'relays/read-begin' }}
      draw={(view, onView) => <PlacesForm {...{ view, onView }} />}
    />
  );
}

type Wrong = Partial<Record<'addresses' | 'names' | 'resolver', string>>;

function PlacesForm({ view, onView }: { view: BeginView; onView: (view: BeginView) => void }): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const [wrong, setWrong] = useState<Wrong>({});
  const [saved, setSaved] = useState(false);
  const addresses = useRef<HTMLTextAreaElement>(null);
  const names = useRef<HTMLTextAreaElement>(null);
  const resolver = useRef<HTMLInputElement>(null);
  const save = (): void => {
    const typed = {
      addresses: linesOf(addresses.current?.value ?? ''),
      names: linesOf(names.current?.value ?? ''),
      resolver: resolver.current?.value.trim() ?? '',
    };
    const found: Wrong = {
      ...wrongLine('addresses', typed.addresses, MAX_BEGIN_ADDRESSES, parseBeginAddress),
      ...wrongLine('names', typed.names, MAX_BEGIN_NAMES, parseDnsaddrName),
      ...wrongLine('resolver', typed.resolver === '' ? [] : [typed.resolver], 1, parseResolver),
    };
    if (typed.names.length > 0 && typed.resolver === '') found.resolver = t(BEGIN_ADVICE['begin-no-resolver']);
    setWrong(found);
    setSaved(false);
    const first = (
      [
        ['addresses', addresses],
        ['names', names],
        ['resolver', resolver],
      ] as const
    ).find(([name]) => name in found);
    if (first !== undefined) {
      first[1].current?.focus();
      return;
    }
    const places = { ...typed, resolver: typed.resolver === '' ? undefined : typed.resolver };
    run(async () => {
      onView(await ask('relays/set-begin', { places }));
      setSaved(true);
    });
  };
  const { places, news } = view;
  return (
    <>
      <p>{t('relays_begin_about')}</p>
      <Form {...{ label: t('relays_begin_save'), busy, error: wordsFor(error), onSubmit: save }}>
        <Lines
          name="addresses"
          label={t('relays_begin_addresses')}
          field={addresses}
          value={places.addresses}
          note={t('relays_begin_address_note')}
          error={wrong.addresses}
        />
        <p>
          {/* A tab: a popup is gone as soon as the browser asks for the camera. */}
          <a href="/pages/scan/index.html#camera" target="_blank" rel="noreferrer">
            {t('relays_begin_scan')}
          </a>
        </p>
        <Lines
          name="names"
          label={t('relays_begin_names')}
          field={names}
          value={places.names}
          note={t('relays_begin_name_note')}
          error={wrong.names}
        />
        <Field
          {...{
            name: 'resolver',
            label: t('relays_begin_resolver'),
            field: resolver,
            note: t('relays_begin_resolver_note'),
          }}
          {...{ value: places.resolver ?? '', error: wrong.resolver }}
        />
      </Form>
      <p role="status">{saved ? t('relays_begin_saved') : ''}</p>
      {news.length === 0 ? null : (
        <section>
          <h2>{t('relays_begin_news')}</h2>
          <dl>
            {news.map(({ source, told, answered, error: failed }) => (
              <div key={source}>
                <dt>{t(SOURCES[source])}</dt>
                <dd>{failed === undefined ? t('relays_begin_came', { told, answered }) : t(BEGIN_ADVICE[failed])}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </>
  );
}

type LinesProps = {
  name: string;
  label: string;
  field: RefObject<HTMLTextAreaElement | null>;
  value: readonly string[];
  note: string;
  error: string | undefined;
};

function Lines({ name, label, field, value, note, error }: LinesProps): JSX.Element {
  return (
    <p class="field">
      <label for={name}>{label}</label>
      <textarea
        {...{ id: name, name, ref: field, rows: 3, spellcheck: false, autocapitalize: 'off', autoComplete: 'off' }}
        aria-describedby={`${name}-note`}
        aria-invalid={error !== undefined}
        defaultValue={value.join('\n')}
      />
      <span class={error === undefined ? 'note' : 'note trouble'} id={`${name}-note`} aria-live="polite">
        {error ?? note}
      </span>
    </p>
  );
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The first that is wrong, named by its place. */
function wrongLine(name: keyof Wrong, lines: readonly string[], most: number, parse: (line: string) => unknown): Wrong {
  if (lines.length > most) return { [name]: t('relays_begin_at_most', { most }) };
  for (const [at, line] of lines.entries()) {
    try {
      parse(line);
    } catch (error) {
      if (!(error instanceof BeginError)) throw error;
      const advice = t(BEGIN_ADVICE[error.code]);
      return { [name]: lines.length === 1 ? advice : t('relays_begin_in_line', { line: at + 1, advice }) };
    }
  }
  return {};
}
