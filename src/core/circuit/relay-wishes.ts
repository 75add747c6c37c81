// What the person wishes of relays, as it is stored and sent: regions, a price, whom to avoid. It narrows the choice of circuits (select-circuit.ts) and never widens it.

import { formatAmount, parseAmount } from '../payment/amount.ts';
import { BYTES_PER_GB, BYTES_PER_MIB } from '../payment/price.ts';
import { asBoolean, asObject, asTexts, ParseError } from '../state/parse.ts';
import type { SelectionWishes } from './select-circuit.ts';

export type RelayWishes = {
  /** ISO 3166-1 alpha-2; empty is anywhere. */
  exitRegions: readonly string[];
  entryRegions: readonly string[];
  /**
   * USDC base units for 10^9 bytes, both hops together, as decimal text; undefined is any price. By the gigabyte, as people are shown prices, so that what was typed is read back
   * as it was; relays ask by the MiB.
   */
  maxPricePerGb: string | undefined;
  /** Only relays that ask for no money at all. */
  freeOnly: boolean;
  /** Operators, or relays by their label. */
  avoid: readonly string[];
};

export const NO_WISHES: RelayWishes = {
  ...{ exitRegions: [], entryRegions: [], maxPricePerGb: undefined, freeOnly: false, avoid: [] },
};

/** There are 249 codes, and one that a directory made up does no harm. */
export const MAX_REGIONS = 250;
/** More than anybody ticks by hand; as many as there are families in a large network. */
export const MAX_AVOIDED = 256;
/** Two hops at the highest price that a descriptor can hold come to less: a limit above is none. */
export const MAX_PRICE_PER_GB = 2_000_000_000_000n;

const REGION = /^[A-Z]{2}$/;
/** As in a descriptor (src/core/directory/descriptor-kinds.ts). A label of a peer is of the same form. */
const OPERATOR = /^[\x21-\x7e]{1,100}$/;

/** Throws `ParseError`. */
export function parseRelayWishes(value: unknown): RelayWishes {
  const { exitRegions, entryRegions, maxPricePerGb, freeOnly, avoid } = asObject(value);
  return {
    exitRegions: asSet(exitRegions, REGION, MAX_REGIONS),
    entryRegions: asSet(entryRegions, REGION, MAX_REGIONS),
    maxPricePerGb: maxPricePerGb === undefined ? undefined : asPrice(maxPricePerGb),
    freeOnly: asBoolean(freeOnly),
    avoid: asSet(avoid, OPERATOR, MAX_AVOIDED),
  };
}

export function toSelectionWishes(wishes: RelayWishes): SelectionWishes {
  const { exitRegions, entryRegions, maxPricePerGb, freeOnly, avoid } = wishes;
  return {
    ...(exitRegions.length > 0 && { exitRegions: new Set(exitRegions) }),
    ...(entryRegions.length > 0 && { entryRegions: new Set(entryRegions) }),
    // Rounded down, which is exact: no whole price lies between.
    ...(maxPricePerGb !== undefined && { maxPricePerMib: (BigInt(maxPricePerGb) * BYTES_PER_MIB) / BYTES_PER_GB }),
    freeOnly,
    avoid: new Set(avoid),
  };
}

function asPrice(value: unknown): string {
  const amount = parseAmount(value);
  if (amount > MAX_PRICE_PER_GB) throw new ParseError('a limit that is none');
  return formatAmount(amount);
}

function asSet(value: unknown, form: RegExp, most: number): string[] {
  if (!Array.isArray(value) || value.length > most) throw new ParseError('not a list, or too long');
  const texts = asTexts(value);
  if (!texts.every((text) => form.test(text))) throw new ParseError('not of its form');
  if (new Set(texts).size !== texts.length) throw new ParseError('one stands there twice');
  return texts;
}
