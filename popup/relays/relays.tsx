// The person's wishes about relays: what there is to wish among, and what they wish. What is allowed is decided by the worker, which never falls back to other relays.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { MAX_AVOIDED, MAX_PRICE_PER_GB, NO_WISHES, type RelayWishes } from '../../src/core/circuit/relay-wishes.ts';
import type { RelaysView } from '../../src/core/circuit/relays-view.ts';
import { regionName } from '../../src/text/formats.ts';
import { t } from '../../src/text/translate.ts';
import { parseMoney, toDecimal } from '../money.ts';
import { Field, Form, Trouble, Way, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';
import { AskedView } from './asked-view.tsx';
import { Choices } from './choices.tsx';

/** Of USDC, in which relays ask for money. */
const DECIMALS = 6;
/** As people write that money. A message cannot hold it: the browser takes a `$` in one for a gap. */
const SYMBOL = '$';

export function Relays(): JSX.Element {
  return (
    <AskedView
      {...{ route: 'relays', title: t('relays_title'), question: 'relays/read' }}
      draw={(view, onView) => <WishesForm {...{ view, onView }} />}
    >
      <p>
        <Way to="relays/begin">{t('relays_begin_title')}</Way>
      </p>
    </AskedView>
  );
}

type Draft = {
  exitRegions: ReadonlySet<string>;
  entryRegions: ReadonlySet<string>;
  avoid: ReadonlySet<string>;
  freeOnly: boolean;
};

function WishesForm({ view, onView }: { view: RelaysView; onView: (view: RelaysView) => void }): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const wishes = view.wishes === 'lost' ? NO_WISHES : view.wishes;
  const [draft, setDraft] = useState<Draft>(() => ({
    exitRegions: new Set(wishes.exitRegions),
    entryRegions: new Set(wishes.entryRegions),
    avoid: new Set(wishes.avoid),
    freeOnly: wishes.freeOnly,
  }));
  const price = useRef<HTMLInputElement>(null);
  const [wrongPrice, setWrongPrice] = useState<string>();
  const [saved, setSaved] = useState(false);
  const change = (part: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...part }));
    setSaved(false);
  };
  const isTooMany = draft.avoid.size > MAX_AVOIDED;
  const save = (): void => {
    const read = readPrice(price.current?.value ?? '');
    setWrongPrice(read.wrong);
    setSaved(false);
    if (read.wrong !== undefined) {
      price.current?.focus();
      return;
    }
    const wanted: RelayWishes = {
      exitRegions: [...draft.exitRegions],
      entryRegions: [...draft.entryRegions],
      maxPricePerGb: read.price,
      freeOnly: draft.freeOnly,
      avoid: [...draft.avoid],
    };
    run(async () => {
      onView(await ask('relays/set-wishes', { wishes: wanted }));
      setSaved(true);
    });
  };
  const { maxPricePerGb } = wishes;
  return (
    <>
      <p>{t('relays_about')}</p>
      {view.wishes === 'lost' ? <p class="advice">{t('relays_lost')}</p> : null}
      <Form {...{ label: t('relays_save'), busy, error: wordsFor(error), blocked: isTooMany, onSubmit: save }}>
        {view.all.exits === 0 ? <p>{t('relays_none')}</p> : null}
        <Choices
          {...{ name: 'exit-region', legend: t('relays_exit'), all: view.exitRegions, ticked: draft.exitRegions }}
          {...{ nameOf: regionName, anywhere: true, onChange: (exitRegions) => change({ exitRegions }) }}
        />
        <details open={wishes.entryRegions.length > 0}>
          <summary>{t('relays_entry_more')}</summary>
          <Choices
            {...{ name: 'entry-region', legend: t('relays_entry'), all: view.entryRegions, ticked: draft.entryRegions }}
            {...{ nameOf: regionName, anywhere: true, onChange: (entryRegions) => change({ entryRegions }) }}
          />
        </details>
        <Field
          {...{
            name: 'price',
            label: t('relays_price', { symbol: SYMBOL }),
            field: price,
            inputMode: 'decimal',
            note: t('relays_price_note'),
          }}
          {...{ error: wrongPrice, onInput: () => setWrongPrice(undefined) }}
          value={maxPricePerGb === undefined ? '' : toDecimal(maxPricePerGb, DECIMALS)}
        />
        <label>
          <input
            type="checkbox"
            name="free-only"
            checked={draft.freeOnly}
            onChange={(event) => change({ freeOnly: event.currentTarget.checked })}
          />
          {t('relays_free', view.free)}
        </label>
        <details open={wishes.avoid.length > 0}>
          <summary>{t('relays_avoid_title', { count: draft.avoid.size })}</summary>
          <Choices
            {...{ name: 'avoid', legend: t('relays_avoid'), all: view.operators, ticked: draft.avoid }}
            onChange={(avoid) => change({ avoid })}
          />
          {view.moreOperators > 0 ? <p class="note">{t('relays_avoid_more', { count: view.moreOperators })}</p> : null}
        </details>
        {isTooMany ? <Trouble words={t('relays_avoid_too_many', { most: MAX_AVOIDED })} /> : null}
      </Form>
      <p role="status">
        {saved ? `${t('relays_saved')} ` : ''}
        {fitWords(view)}
      </p>
    </>
  );
}

function fitWords({ fitting, all }: RelaysView): string {
  if (fitting.exits === 0) return t('relays_fit_none');
  return t('relays_fit', { ...fitting, all_entries: all.entries, all_exits: all.exits });
}

function readPrice(text: string): { price: string | undefined; wrong?: string } {
  if (text.trim() === '') return { price: undefined };
  const price = parseMoney(text, DECIMALS);
  if (price === undefined) return { price, wrong: t('relays_price_nonsense') };
  if (price === '0') return { price, wrong: t('relays_price_zero') };
  return BigInt(price) > MAX_PRICE_PER_GB ? { price, wrong: t('relays_price_too_much') } : { price };
}
