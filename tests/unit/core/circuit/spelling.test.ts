import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spellFor } from '../../../../src/core/circuit/spelling.ts';
import { parseCircuitName } from '../../../../src/core/tunnel/circuit-name.ts';
import { CIRCUIT } from '../../../support/routing.ts';

describe('spellFor', () => {
  it('changes nothing but the case, so that it reads as the same circuit', () => {
    fc.assert(
      fc.property(fc.string(), (key) => {
        const spelt = spellFor(CIRCUIT.host, key);
        expect(spelt.toLowerCase()).toBe(CIRCUIT.host);
        expect(parseCircuitName(spelt)).toEqual(parseCircuitName(CIRCUIT.host));
        expect(spellFor(CIRCUIT.host, key)).toBe(spelt);
      }),
    );
  });

  it('has no two keys of a long day in one spelling', () => {
    const keys = Array.from({ length: 5000 }, (_, index) => `6f1d2c tab ${index} news.example`);
    expect(new Set(keys.map((key) => spellFor(CIRCUIT.host, key))).size).toBe(keys.length);
  });

  it('leaves no letter as it is for every key', () => {
    const spellings = Array.from({ length: 200 }, (_, index) => spellFor(CIRCUIT.host, `key ${index}`));
    for (const [at, character] of Array.from(CIRCUIT.host).entries()) {
      if (!/[a-z]/.test(character)) continue;
      const upper = spellings.filter((spelt) => spelt.charAt(at) !== character).length;
      expect([at, upper > 50 && upper < 150]).toEqual([at, true]);
    }
  });
});
