// Which relays may make a circuit: three operators, always; and the check's question and answer.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseCircuit, possibleCircuits } from '../../../../src/core/circuit/choose-circuit.ts';
import {
  circuitCheckUrl,
  isCircuitCheckNonce,
  parseCircuitCheckAnswer,
} from '../../../../src/core/circuit/circuit-check.ts';
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
    }),
    { maxLength: records.length },
  )
  .map((relays) =>
    relays.map(({ operator: family, zoneOperator, role, knows }, index) => {
      const zone = { name: 'zone.test', operator: zoneOperator };
      const relay: RelayRecord = { peer: records[index]!.peer, operator: family, region: 'DE' };
      if (role !== 'exit') relay.entry = { address: `192.0.2.${index}`, port: 443, zone };
      if (role !== 'entry') relay.exit = { zone, entries: knows.map((known) => records[known]!.peer) };
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
          expect(parseCircuitName(proxyHost)).toEqual({
            address: from.entry!.address,
            peer: to.peer,
            zone: to.exit!.zone.name,
          });
          expect(parseCircuitName(entry.host)).toMatchObject({ address: from.entry!.address, peer: from.peer });
        }
      }),
    );
  });

  test('is drawn evenly, and any draw gives one', () => {
    const all = possibleCircuits(records);
    expect(all).toHaveLength(6);
    const drawn = all.map((_, index) => chooseCircuit(records, index / all.length)?.proxyHost);
    expect(new Set(drawn).size).toBe(6);
    expect(chooseCircuit(records, 0.999999999)).toEqual(all.at(-1));
    expect(chooseCircuit([], 0.5)).toBeUndefined();
  });

  test('that failed of late comes last, and one that failed in this round not at all', () => {
    const hosts = possibleCircuits(records).map(({ proxyHost }) => proxyHost);
    const avoid = new Set(hosts.slice(0, 5));
    expect(chooseCircuit(records, 0, { avoid })?.proxyHost).toBe(hosts[5]);
    expect(chooseCircuit(records, 0, { avoid: new Set(hosts) })?.proxyHost).toBe(hosts[0]);
    expect(chooseCircuit(records, 0, { avoid, never: new Set([hosts[5]!]) })?.proxyHost).toBe(hosts[0]);
    expect(chooseCircuit(records, 0, { never: new Set(hosts) })).toBeUndefined();
  });

  test('that is to stand beside others has another exit and another entry where there are such', () => {
    const all = possibleCircuits(records);
    for (const one of all) {
      const beside = chooseCircuit(records, 0, { beside: [one] });
      expect(beside?.exit.peer).not.toBe(one.exit.peer);
      expect(beside?.entry.peer).not.toBe(one.entry.peer);
    }
    const [one] = all;
    const sameEntry = all.filter(({ entry }) => entry.peer === one!.entry.peer);
    const never = new Set(all.filter((each) => !sameEntry.includes(each)).map(({ proxyHost }) => proxyHost));
    expect(chooseCircuit(records, 0, { beside: [one!], never })?.exit.peer).not.toBe(one!.exit.peer);
    // Better one that failed of late than none.
    expect(
      chooseCircuit(records, 0, { beside: [one!], avoid: new Set(all.map((each) => each.proxyHost)) }),
    ).toBeDefined();
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
