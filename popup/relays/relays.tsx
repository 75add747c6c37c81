// The person's wishes about relays: what there is to wish among, and what they wish. What is allowed is decided by the worker, which never falls back to other relays.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { MAX_AVOIDED, MAX_PRICE_PER_GB, NO_WISHES, type RelayWishes } from '../../src/core/circuit/relay-wishes.ts';
import type { RelaysView } from '../../src/core/circuit/relays-view.ts';
import { parseMoney, toDecimal } from '../money.ts';
import { Field, Form, Trouble, Way, wordsFor } from '../parts.tsx';
import { regionName } from '../region-name.ts';
import { useAction, useShell } from '../shell.ts';
import { AskedView } from './asked-view.tsx';
import { Choices } from './choices.tsx';
import { WORDS } from './words.ts';

/** Of USDC, in which relays ask for money. */
const DECIMALS = 6;

export function Relays(): JSX.Element {
  return (
    <AskedView
      {...{ route: 'relays', title: WORDS.title, question: 'relays/read' }}
      draw={(view, onView) => <WishesForm {...{ view, onView }} />}
    >
      <p>
        <Way to="relays/begin">{WORDS.begin}</Way>
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
      <p>{WORDS.about}</p>
      {view.wishes === 'lost' ? <p class="advice">{WORDS.lost}</p> : null}
      <Form {...{ label: WORDS.save, busy, error: wordsFor(error), blocked: isTooMany, onSubmit: save }}>
        {view.all.exits === 0 ? <p>{WORDS.none}</p> : null}
        <Choices
          {...{ name: 'exit-region', legend: WORDS.exit, all: view.exitRegions, ticked: draft.exitRegions }}
          {...{ nameOf: regionName, anywhere: true, onChange: (exitRegions) => change({ exitRegions }) }}
        />
        <details open={wishes.entryRegions.length > 0}>
          <summary>{WORDS.entry}</summary>
          <Choices
            {...{ name: 'entry-region', legend: WORDS.entryLegend, all: view.entryRegions, ticked: draft.entryRegions }}
            {...{ nameOf: regionName, anywhere: true, onChange: (entryRegions) => change({ entryRegions }) }}
          />
        </details>
        <Field
          {...{ name: 'price', label: WORDS.price, field: price, inputMode: 'decimal', note: WORDS.priceNote }}
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
          {WORDS.free(view.free)}
        </label>
        <details open={wishes.avoid.length > 0}>
          <summary>{WORDS.avoid(draft.avoid.size)}</summary>
          <Choices
            {...{ name: 'avoid', legend: WORDS.avoidLegend, all: view.operators, ticked: draft.avoid }}
            onChange={(avoid) => change({ avoid })}
          />
          {view.moreOperators > 0 ? <p class="note">{WORDS.more(view.moreOperators)}</p> : null}
        </details>
        {isTooMany ? <Trouble words={WORDS.tooMany(MAX_AVOIDED)} /> : null}
      </Form>
      <p role="status">
        {saved ? `${WORDS.saved} ` : ''}
        {WORDS.fit(view.fitting, view.all)}
      </p>
    </>
  );
}

function readPrice(text: string): { price: string | undefined; wrong?: string } {
  if (text.trim() === '') return { price: undefined };
  const price = parseMoney(text, DECIMALS);
  if (price === undefined) return { price, wrong: WORDS.nonsense };
  if (price === '0') return { price, wrong: WORDS.nothing };
  return BigInt(price) > MAX_PRICE_PER_GB ? { price, wrong: WORDS.tooMuch } : { price };
}
