// The relay list from outside: read whole or refused with the place of the mistake.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRelayRecords, RelayRecordError } from '../../../../src/core/directory/relay-record.ts';
import { createFakeNetwork } from '../../../support/fakes/relays.ts';

const { records } = await createFakeNetwork();
const [entry, , exit] = records;

describe('a list of relays', () => {
  test('reads back, and drops what is not in the form', () => {
    expect(parseRelayRecords(JSON.parse(JSON.stringify(records)))).toEqual(records);
    expect(parseRelayRecords([{ ...entry, extra: 1 }])).toEqual([entry]);
    expect(parseRelayRecords([])).toEqual([]);
  });

  const wrong: [string, unknown, RegExp][] = [
    ['is no list', {}, /not an array/],
    ['is too long', Array.from({ length: 1001 }, () => entry), /more than 1000/],
    ['names a peer twice', [entry, entry], /twice/],
    ['holds a peer id in base58', [{ ...entry, peer: '12D3KooWabc' }], /relay 0: peer/],
    ['holds an operator with a space', [{ ...entry, operator: 'a b' }], /operator/],
    ['holds a region in small letters', [{ ...entry, region: 'de' }], /region/],
    ['holds a name for an address', [{ ...entry, entry: { ...entry!.entry, addresses: ['a.test'] } }], /IP address/],
    ['has no address', [{ ...entry, entry: { ...entry!.entry, addresses: [] } }], /no addresses/],
    ['holds a payee that is none', [{ ...entry, payee: '0x1' }], /payee/],
    ['holds a capacity of nothing', [{ ...entry, capacity: 0 }], /capacity/],
    ['holds a price below nothing', [{ ...entry, entry: { ...entry!.entry, pricePerMib: -1 } }], /price/],
    ['holds port 0', [{ ...entry, entry: { ...entry!.entry, port: 0 } }], /port/],
    ['holds a port as text', [{ ...entry, entry: { ...entry!.entry, port: '443' } }], /port/],
    [
      'holds a zone in capitals',
      [{ ...exit, exit: { ...exit!.exit, zone: { name: 'X.test', operator: 'o' } } }],
      /zone/,
    ],
    ['holds entries that are no peers', [{ ...exit, exit: { ...exit!.exit, entries: ['x'] } }], /entries\[0\]/],
    ['holds a relay that is null', [null], /relay 0 is not an object/],
  ];
  for (const [name, value, message] of wrong) {
    test(`that ${name} is refused`, () => {
      expect(() => parseRelayRecords(value)).toThrow(message);
      expect(() => parseRelayRecords(value)).toThrow(RelayRecordError);
    });
  }

  test('of any form is read or refused by name', () => {
    fc.assert(
      fc.property(fc.array(fc.anything()), (value) => {
        try {
          parseRelayRecords(value);
        } catch (error) {
          expect(error).toBeInstanceOf(RelayRecordError);
        }
      }),
    );
  });
});
