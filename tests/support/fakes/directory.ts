// Directories of relays for tests of selection: arbitrary ones for properties, and plain ones; draws come from the simulation's seed.

import fc from 'fast-check';
import type { RelayFacts } from '../../../src/core/circuit/relay-facts.ts';

export { drawsOf } from '../../../bench/simulate/random.ts';

/** Has the form of a peer id in base36; no key stands behind it. */
export function peerLabel(number: number): string {
  return `k51${number.toString(36).padStart(59, '0')}`;
}

/** An honest relay that is apart from all of other numbers, and is both entry and exit. */
export function plainRelay(number: number, exitLinks: readonly number[], more: Partial<RelayFacts> = {}): RelayFacts {
  return {
    peer: peerLabel(number),
    payee: `0x${number.toString(16).padStart(40, '0')}`,
    operator: `operator-${number}`,
    region: 'DE',
    addresses: [`${(number >>> 8) + 1}.${number & 255}.0.1`],
    entry: { capacity: 1e6, pricePerMib: 0n },
    exit: {
      capacity: 1e6,
      pricePerMib: 0n,
      zone: { name: 'zone.test', operator: 'zone-keeper' },
      entries: exitLinks.map(peerLabel),
    },
    ...more,
  };
}

/** `count` relays apart from each other, each an exit with a link to every other. */
export function plainDirectory(count: number, from = 0): RelayFacts[] {
  const all = Array.from({ length: count }, (_, index) => from + index);
  return all.map((number) => plainRelay(number, all));
}

const operator = fc.constantFrom('oak', 'elm', 'yew', 'fir', 'ash');
/** Mostly what a relay says, now and then what makes no sense. */
const mostly = <T>(sound: fc.Arbitrary<T>, ...odd: T[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: sound, weight: 20 }, { arbitrary: fc.constantFrom(...odd), weight: 1 });
const price = mostly(fc.constantFrom(0n, 50n, 100n), -1n);
const capacity = mostly(fc.constantFrom(1, 1e6, 1e12), 0, Number.NaN, Infinity, -5);
const address = mostly(
  fc.constantFrom(
    ...['192.0.2.1', '192.0.9.9', '198.51.100.1', '203.0.113.7', '10.1.2.3', '172.16.0.1', '8.8.8.8'],
    ...['2001:db8::1', '2001:db8:ffff::2', '2a00:1450::1', '2606:4700::1', '::ffff:192.0.2.77'],
  ),
  'nonsense',
);
const links = mostly(fc.constant(Array.from({ length: 12 }, (_, index) => index)), [0, 1, 2], []);
const COUNT = 12;

/** Few names, so that relays share operators, payees and networks all the time; some values that are none. */
export const directories: fc.Arbitrary<RelayFacts[]> = fc.array(
  fc
    .record({
      number: fc.nat(COUNT - 1),
      payee: fc.constantFrom('0xAA', '0xaa', '0xbb', '0xcc', '0xdd', '0xee', '0xff'),
      operator,
      region: fc.constantFrom('DE', 'FR', 'US'),
      addresses: fc.array(address, { minLength: 1, maxLength: 2 }),
      role: fc.constantFrom('entry', 'exit', 'both'),
      entry: fc.record({ capacity, pricePerMib: price }),
      exit: fc.record({ capacity, pricePerMib: price, zone: operator, entries: links }),
      latencyMs: fc.option(fc.constantFrom(0, 20, 5000, -1, Number.NaN), { nil: undefined }),
    })
    .map(({ number, role, entry, exit, latencyMs, ...rest }) => ({
      peer: peerLabel(number),
      ...rest,
      ...(role === 'exit' ? {} : { entry }),
      ...(role === 'entry'
        ? {}
        : {
            exit: {
              ...exit,
              zone: { name: 'zone.test', operator: exit.zone },
              entries: exit.entries.map(peerLabel),
            },
          }),
      ...(latencyMs === undefined ? {} : { latencyMs }),
    })),
  { maxLength: 2 * COUNT, size: 'max' },
);
