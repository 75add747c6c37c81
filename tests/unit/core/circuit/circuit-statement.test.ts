// Signed statements: golden vectors that exit, page and verifier share, and what no parser may let through.

import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  parseSignedStatement,
  statementMessage,
  type CircuitStatement,
} from '../../../../src/core/circuit/circuit-statement.ts';
import { peerKeys } from '../../../../src/net/peer-keys.ts';

type Vector = { name: string; statement: Record<string, unknown>; message: string; signature: string };
const file = new URL('../../../vectors/circuit-statement.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] };
const [full] = vectors as [Vector];

const holds = async (value: unknown): Promise<boolean> => {
  const signed = parseSignedStatement(value);
  if (signed === undefined) return false;
  const { statement, signature } = signed;
  return peerKeys.verify(statement.peer, statementMessage(statement), Buffer.from(signature, 'hex'));
};

describe.each(vectors)('the vector "$name"', ({ statement, message, signature }) => {
  test('is read, signs these bytes, and holds', async () => {
    const signed = parseSignedStatement({ statement, signature });
    expect(new TextDecoder().decode(statementMessage(signed!.statement))).toBe(message);
    expect(JSON.parse(JSON.stringify(signed?.statement))).toEqual(statement);
    expect(await holds({ statement, signature })).toBe(true);
  });
});

describe('a statement that was changed never holds:', () => {
  const changes: Record<string, unknown> = {
    peer: vectors[0]?.statement['entry'],
    nonce: 'f'.repeat(64),
    time: 1795363200001,
    host: 'k3x8.dns.circuit.conet.internal',
    form: 'connect',
    version: 'http/1.1',
    entry: undefined,
    source4: '203.0.113.8',
    source6: undefined,
    gpc: false,
  };
  test.each(Object.entries(changes))('%s', async (field, value) => {
    const { statement, signature } = full;
    expect(await holds({ statement, signature })).toBe(true);
    expect(await holds({ statement: { ...statement, [field]: value }, signature })).toBe(false);
  });

  test('a field too many, at either place', async () => {
    const { statement, signature } = full;
    expect(await holds({ statement: { ...statement, client: '192.0.2.1' }, signature })).toBe(false);
    expect(await holds({ statement, signature, note: '' })).toBe(false);
  });

  test('any one character of it', async () => {
    const text = JSON.stringify({ statement: full.statement, signature: full.signature });
    const anywhere = fc.integer({ min: 0, max: text.length - 1 });
    await fc.assert(
      fc.asyncProperty(
        anywhere,
        fc.constantFrom('0', 'a', 'f', '.', ':', 'z', '-', '"', '1', ' ', '\n'),
        async (index, character) => {
          fc.pre(text[index] !== character);
          const changed = `${text.slice(0, index)}${character}${text.slice(index + 1)}`;
          let value: unknown;
          try {
            value = JSON.parse(changed);
          } catch {
            return;
          }
          expect(await holds(value)).toBe(false);
        },
      ),
    );
  });
});

test('different statements are different bytes', () => {
  const label = fc.constantFrom('k51a'.padEnd(62, 'a'), 'k51b'.padEnd(62, 'b'));
  const statement: fc.Arbitrary<CircuitStatement> = fc.record({
    peer: label,
    nonce: fc.constantFrom('a'.repeat(64), 'b'.repeat(64)),
    time: fc.nat(3),
    host: fc.constantFrom('a.b', 'a.b:81', '[::1]'),
    form: fc.constant('absolute' as const),
    version: fc.constantFrom('h2' as const, 'http/1.1' as const),
    entry: fc.option(label, { nil: undefined }),
    source4: fc.option(fc.constantFrom('1.1.1.1', '2.2.2.2'), { nil: undefined }),
    source6: fc.option(fc.constantFrom('2000::1', '2000::2'), { nil: undefined }),
    gpc: fc.boolean(),
  });
  const text = (value: CircuitStatement) => new TextDecoder().decode(statementMessage(value));
  fc.assert(
    fc.property(statement, statement, (a, b) => {
      expect(text(a) === text(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a list', []],
  ['a host with a line end', { ...full.statement, host: 'a\nb' }],
  ['an address in another spelling', { ...full.statement, source6: '2001:DB8::7' }],
  ['an IPv6 address where IPv4 stands', { ...full.statement, source4: '2001:db8::7' }],
  ['a time that is none', { ...full.statement, time: -1 }],
  ['a peer that is none', { ...full.statement, peer: 'me' }],
])('%s is no statement', (_, statement) => {
  expect(parseSignedStatement({ statement, signature: full.signature })).toBeUndefined();
});
