// Which relays may make a circuit: three operators, always; and the check's question and answer.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chooseCircuit,
  possibleCircuits,
  readyRelays,
  type Wishes,
} from '../../../../src/core/circuit/choose-circuit.ts';
import {
  circuitCheckUrl,
  isCircuitCheckNonce,
  parseCircuitCheckAnswer,
} from '../../../../src/core/circuit/circuit-check.ts';
import { NO_GUARDS, type GuardSet } from '../../../../src/core/circuit/guard-set.ts';
import { labelOfKey } from '../../../../src/core/directory/peer-key.ts';
import type { RelayRecord } from '../../../../src/core/directory/relay-record.ts';
import { parseCircuitName } from '../../../../src/core/tunnel/circuit-name.ts';
import { createFakeNetwork } from '../../../support/fakes/relays.ts';

const { records } = await createFakeNetwork();

const operator = fc.constantFrom('oak', 'elm', 'yew', 'fir');
const networks: fc.Arbitrary<RelayRecord[]> = fc
  .array(
    fc.record({
      operator,
      zoneOperator: operator,
      role: fc.constantFrom('entry', 'exit', 'both'),
      knows: fc.array(fc.nat(records.length - 1)),
      payee: fc.nat(6),
      network: fc.nat(6),
    }),
    { maxLength: records.length },
  )
  .map((relays) =>
    relays.map(({ operator: family, zoneOperator, role, knows, payee, network }, index) => {
      const zone = { name: 'zone.test', operator: zoneOperator };
      const relay: RelayRecord = {
        ...{ peer: records[index]!.peer, operator: family, region: 'DE', capacity: 1000 },
        payee: `0x${String(payee).padStart(40, '0')}`,
      };
      const addresses = [`192.${network}.2.${index}`];
      if (role !== 'exit') relay.entry = { addresses, port: 443, zone: zone.name, pricePerMib: 1 };
      if (role !== 'entry')
        relay.exit = { addresses, zone, entries: knows.map((known) => records[known]!.peer), pricePerMib: 1 };
      return relay;
    }),
  );

describe('a circuit', () => {
  test('has three operators, two peers, and an exit that keeps a line to the entry', () => {
    fc.assert(
      fc.property(networks, (relays) => {
        for (const { entry, exit, proxyHost } of possibleCircuits(relays)) {
          const from = relays.find(({ peer }) => peer === entry.peer)!;
          const to = relays.find(({ peer }) => peer === exit.peer)!;
          expect(new Set([from.operator, to.operator, to.exit!.zone.operator]).size).toBe(3);
          expect(from.peer).not.toBe(to.peer);
          expect(to.exit!.entries).toContain(from.peer);
          expect(from.payee).not.toBe(to.payee);
          expect(from.entry!.addresses[0]!.split('.')[1]).not.toBe(to.exit!.addresses[0]!.split('.')[1]);
          expect(parseCircuitName(proxyHost)).toEqual({
            address: from.entry!.addresses[0],
            peer: to.peer,
            zone: to.exit!.zone.name,
          });
          expect(parseCircuitName(entry.host)).toMatchObject({ address: from.entry!.addresses[0], peer: from.peer });
        }
      }),
    );
  });

  const relays = readyRelays(records);
  const all = possibleCircuits(records);
  const hosts = all.map(({ proxyHost }) => proxyHost);
  const NOW = 1_796_083_200_000;
  const DAY = 24 * 60 * 60_000;
  /** The next draw of each in turn; 0 after the last. */
  const draws = (...numbers: number[]) => {
    let at = 0;
    return () => numbers[at++] ?? 0;
  };
  /** With guards that are there. */
  const guards = chooseCircuit(relays, NO_GUARDS, NOW, draws()).guards;
  const choose = (wishes: Wishes = {}, draw = draws()) => chooseCircuit(relays, guards, NOW, draw, wishes).circuit;

  test('is of a guard, whoever it is, and any draw gives one', () => {
    expect(all).toHaveLength(6);
    const drawn = [0, 0.4, 0.7].flatMap((exit) => [0, 0.5].map((entry) => choose({}, draws(entry, exit))?.proxyHost));
    expect(new Set(drawn)).toEqual(new Set(hosts));
    expect(choose({}, () => 0.999999999)).toEqual(all.at(-1));
    expect(chooseCircuit(readyRelays([]), NO_GUARDS, NOW, () => 0.5).circuit).toBeUndefined();
  });

  test('that failed of late comes last, and one that failed in this round not at all', () => {
    const avoid = new Set(hosts.slice(0, 5));
    expect(choose({ avoid })?.proxyHost).toBe(hosts[5]);
    expect(choose({ avoid: new Set(hosts) })?.proxyHost).toBe(hosts[0]);
    expect(choose({ avoid, never: new Set([hosts[5]!]) })?.proxyHost).toBe(hosts[0]);
    expect(choose({ never: new Set(hosts) })).toBeUndefined();
  });

  test('that is to stand beside others has another exit and another entry where there are such', () => {
    for (const one of all) {
      const beside = choose({ beside: [one] });
      expect(beside?.exit.peer).not.toBe(one.exit.peer);
      expect(beside?.entry.peer).not.toBe(one.entry.peer);
    }
    const [one] = all;
    const sameEntry = all.filter(({ entry }) => entry.peer === one!.entry.peer);
    const never = new Set(all.filter((each) => !sameEntry.includes(each)).map(({ proxyHost }) => proxyHost));
    expect(choose({ beside: [one!], never })?.exit.peer).not.toBe(one!.exit.peer);
    // Better one that failed of late than none.
    expect(choose({ beside: [one!], avoid: new Set(hosts) })).toBeDefined();
  });

  test('an exit that carries more is taken more often, but no more than by its bound', () => {
    const strong = records.map((record, at) => (at === 3 ? { ...record, capacity: 10 ** 15 } : record));
    const weighed = readyRelays(strong.map((record) => ({ ...record, capacity: Math.max(record.capacity, 10 ** 8) })));
    const taken = Array.from({ length: 100 }, (_, at) => chooseCircuit(weighed, guards, NOW, draws(0, at / 100)));
    const share = taken.filter(({ circuit }) => circuit?.exit.peer === strong[3]!.peer).length;
    // 250 MB/s of 450.
    expect(share).toBeGreaterThan(50);
    expect(share).toBeLessThan(60);
  });

  describe('of many entries', () => {
    const one = records[0]!;
    const many = Array.from({ length: 20 }, (_, at): RelayRecord => ({
      ...one,
      ...{
        peer: labelOfKey(new Uint8Array(32).fill(at + 1)),
        operator: `o${at}`,
        payee: `0x${'ab'.repeat(19)}${10 + at}`,
      },
      entry: { ...one.entry!, addresses: [`10.${at}.0.1`, `2001:${at + 100}::1`] },
    }));
    const exits = records.slice(2).map((exit) => ({
      ...exit,
      exit: { ...exit.exit!, entries: many.map(({ peer }) => peer) },
    }));
    const large = readyRelays([...many, ...exits]);
    const entriesOf = (count: number, wishes: Wishes = {}) => {
      let set: GuardSet = NO_GUARDS;
      const met = new Set<string>();
      for (let each = 0; each < count; each += 1) {
        const choice = chooseCircuit(large, set, NOW + each * 1000, Math.random, wishes);
        set = choice.guards;
        if (choice.circuit !== undefined) met.add(choice.circuit.entry.peer);
      }
      return { met, set };
    };

    test('a thousand circuits meet two', () => {
      expect(entriesOf(1000).met.size).toBe(2);
    });

    test('when both do not answer a third is met, and they are met again when they do; never more than six', () => {
      const { set } = entriesOf(10);
      const down = (peers: readonly string[]): Wishes => ({
        never: new Set(
          possibleCircuits([...many, ...exits])
            .filter(({ entry }) => peers.includes(entry.peer))
            .map(({ proxyHost }) => proxyHost),
        ),
      });
      const firstTwo = set.map(({ peer }) => peer);
      const third = chooseCircuit(large, set, NOW, Math.random, down(firstTwo));
      expect(third.circuit).toBeDefined();
      expect(third.guards.slice(0, 2)).toEqual(set);
      expect(third.guards).toHaveLength(3);
      const back = chooseCircuit(large, third.guards, NOW, Math.random);
      expect(firstTwo).toContain(back.circuit?.entry.peer);
      expect(back.guards).toEqual(third.guards);
      let all6 = third.guards;
      for (let each = 0; each < 20; each += 1)
        all6 = chooseCircuit(large, all6, NOW, Math.random, down(all6.map(({ peer }) => peer))).guards;
      expect(all6).toHaveLength(6);
    });

    test('one that failed of late is asked again only when no other guard is to be had', () => {
      const { set } = entriesOf(10);
      const avoid = new Set(possibleCircuits([...many, ...exits]).map(({ proxyHost }) => proxyHost));
      const choice = chooseCircuit(large, set, NOW, Math.random, { avoid });
      expect(choice.guards).toEqual(set);
      expect(choice.circuit).toBeDefined();
    });

    test('its other addresses come after its first one has failed', () => {
      const { set } = entriesOf(1);
      const tried = new Set<string>();
      for (let next; (next = chooseCircuit(large, set, NOW, draws(), { never: tried }).circuit) !== undefined;)
        tried.add(next.proxyHost);
      // Two guards with three exits each, by the first address; then the same by the other.
      const addresses = [...tried].slice(0, 12).map((host) => parseCircuitName(host).address);
      expect(addresses.slice(0, 6).every((address) => address.startsWith('10.'))).toBe(true);
      expect(addresses.slice(6).every((address) => address.startsWith('2001:'))).toBe(true);
    });

    test('guards are drawn anew after their months', () => {
      const { set } = entriesOf(10);
      const later = chooseCircuit(large, set, NOW + 121 * DAY, Math.random).guards;
      expect(
        later.some(({ peer }) =>
          set.some((guard) => guard.peer === peer && guard.expiresAt === later.find((l) => l.peer === peer)?.expiresAt),
        ),
      ).toBe(false);
    });
  });

  test('whose name would be none is left out, and the others are not lost with it', () => {
    const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.test`;
    const [first, ...rest] = records.slice(2);
    const renamed = { ...first!, exit: { ...first!.exit!, zone: { name: long, operator: 'oak' } } };
    expect(possibleCircuits([...records.slice(0, 2), renamed, ...rest])).toHaveLength(4);
  });
});

describe('the check', () => {
  test('asks with the nonce, over http, at a name that nobody else can hold', () => {
    const nonce = 'ab'.repeat(32);
    expect(isCircuitCheckNonce(nonce)).toBe(true);
    expect(circuitCheckUrl(nonce)).toBe(`http://circuit.conet.internal/?nonce=${nonce}`);
  });

  test('takes no answer of another form', () => {
    const good = { peer: 'k51x', nonce: 'ab'.repeat(32), signature: 'cd'.repeat(64) };
    expect(parseCircuitCheckAnswer(good)).toEqual(good);
    for (const bad of [
      { ...good, nonce: 'AB'.repeat(32) },
      { ...good, nonce: 'ab'.repeat(31) },
      { ...good, signature: 'cd'.repeat(65) },
      { ...good, peer: 'k'.repeat(64) },
      { ...good, peer: 7 },
      null,
      [],
      'ok',
    ]) {
      expect(parseCircuitCheckAnswer(bad)).toBeUndefined();
    }
  });
});
