// Reports of the check page: an honest one holds; one that anybody changed, anywhere, or put together from others, never does.

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { CIRCUIT_CHECK_ADDRESS } from '../../../../src/core/circuit/circuit-check.ts';
import {
  statementMessage,
  type CircuitStatement,
  type SignedStatement,
} from '../../../../src/core/circuit/circuit-statement.ts';
import {
  canonical,
  faultsOf,
  REPORT_FORMAT,
  REPORT_VERSION,
  sealNonce,
  type CheckReport,
  type ReportBody,
  type Tools,
} from '../../../../src/core/report/check-report.ts';
import { decideLines, type Purpose } from '../../../../src/core/report/decide-lines.ts';
import { peerKeys } from '../../../../src/net/peer-keys.ts';
import { createRelay, type FakeRelay } from '../../../support/fakes/relays.ts';

const DNS_HOST = 'abcd.dns.circuit.conet.internal';
const tools: Tools = {
  verify: (peer, message, signature) => peerKeys.verify(peer, message, Buffer.from(signature, 'hex')),
  sha256: async (bytes) => createHash('sha256').update(bytes).digest('hex'),
};

let exit: FakeRelay;
let entry: FakeRelay;
let stranger: FakeRelay;
let nonces = 0;

beforeAll(async () => {
  [exit, entry, stranger] = await Promise.all([createRelay(), createRelay(), createRelay()]);
});

async function signed(change: Partial<CircuitStatement> = {}, by: FakeRelay = exit): Promise<SignedStatement> {
  const statement: CircuitStatement = {
    ...{ peer: by.label, nonce: String(++nonces).padStart(64, '0'), time: 1_800_000_000_000, host: DNS_HOST },
    ...{ form: 'absolute', version: 'h2', entry: entry.label, source4: '203.0.114.7', source6: undefined, gpc: true },
    ...change,
  };
  return { statement, signature: Buffer.from(await by.key.sign(statementMessage(statement))).toString('hex') };
}

async function body(change: Partial<ReportBody> = {}): Promise<ReportBody> {
  const of = async (purpose: Purpose, more: Partial<CircuitStatement> = {}) => ({
    purpose,
    signed: await signed(more),
  });
  const host = `[${CIRCUIT_CHECK_ADDRESS}]`;
  const statements = await Promise.all([
    of('name'),
    of('address', { host }),
    of('worker', { host }),
    of('shared-worker', { host }),
    of('extension', { host: 'circuit.conet.internal', gpc: false }),
  ]);
  const base: ReportBody = {
    format: REPORT_FORMAT,
    version: REPORT_VERSION,
    ...{ extension: '0.1.0', made: 1_800_000_000_500 },
    ...{ circuits: [{ exit: exit.label, entry: entry.label }], dnsHost: DNS_HOST, candidates: [], property: true },
    ...{ statements, lines: [] },
  };
  const changed = { ...base, ...change };
  const byPurpose = Object.fromEntries(changed.statements.map((each) => [each.purpose, each.signed.statement]));
  return { ...changed, lines: change.lines ?? decideLines({ ...changed, statements: byPurpose }) };
}

const seal = async (of: ReportBody, by = exit): Promise<CheckReport> => ({
  ...of,
  seal: await signed({ nonce: await sealNonce(of, tools), host: 'circuit.conet.internal' }, by),
});
const onDisk = (report: unknown): unknown => JSON.parse(JSON.stringify(report));

test('an honest report holds, as it comes from disk', async () => {
  const report = await seal(await body());
  expect(await faultsOf(onDisk(report), tools)).toEqual([]);
  expect(report.lines.map(({ verdict }) => verdict)).toEqual(Array(6).fill('good'));
});

test('one that tells of a problem holds too', async () => {
  const report = await seal(await body({ candidates: ['srflx'], property: null }));
  expect(await faultsOf(onDisk(report), tools)).toEqual([]);
  expect(report.lines).toContainEqual({ id: 'webrtc', verdict: 'bad' });
  expect(report.lines).toContainEqual({ id: 'gpc', verdict: 'unchecked' });
});

describe('never holds:', () => {
  test('a report with any one value changed', async () => {
    const report = onDisk(await seal(await body()));
    const paths = leaves(report);
    expect(paths.length).toBeGreaterThan(60);
    for (const path of paths) {
      const changed = structuredClone(report);
      change(changed, path);
      expect([path.join('.'), (await faultsOf(changed, tools)).length > 0]).toEqual([path.join('.'), true]);
    }
  });

  test('a report whose text was changed anywhere', async () => {
    const text = JSON.stringify(await seal(await body()));
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom('0', '1', 'a', 'e', '"', '.', ':', '-'),
        async (at, put) => {
          fc.pre(text[at] !== put);
          let value: unknown;
          try {
            value = JSON.parse(`${text.slice(0, at)}${put}${text.slice(at + 1)}`);
          } catch {
            return;
          }
          expect(await faultsOf(value, tools)).not.toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('better verdicts than the statements bear, though an exit sealed them', async () => {
    const honest = await body({ candidates: ['host'] });
    const lines = honest.lines.map(({ id }) => ({ id, verdict: 'good' as const }));
    expect(await faultsOf(onDisk(await seal({ ...honest, lines })), tools)).toEqual(['verdict']);
  });

  test('a report that a page made up, with a key of its own', async () => {
    const forged = await body();
    const statements = await Promise.all(
      forged.statements.map(async ({ purpose }) => ({ purpose, signed: await signed({ peer: exit.label }, stranger) })),
    );
    expect(await faultsOf(onDisk(await seal({ ...forged, statements }, stranger)), tools)).toContain('signature');
  });

  test('statements or a seal of another exit', async () => {
    expect(await faultsOf(onDisk(await seal(await body(), stranger)), tools)).toEqual(['stranger']);
    const statements = [{ purpose: 'name' as const, signed: await signed({}, stranger) }];
    const report = await seal(await body({ statements }));
    expect(await faultsOf(onDisk(report), tools)).toEqual(['stranger']);
    expect(report.lines).toContainEqual({ id: 'exit', verdict: 'bad' });
  });

  test('one statement for two purposes, or from another day', async () => {
    const one = await signed();
    const twice = [
      { purpose: 'name' as const, signed: one },
      { purpose: 'worker' as const, signed: one },
    ];
    expect(await faultsOf(onDisk(await seal(await body({ statements: twice }))), tools)).toEqual(['stranger']);
    const old = [{ purpose: 'name' as const, signed: await signed({ time: 1_799_900_000_000 }) }];
    expect(await faultsOf(onDisk(await seal(await body({ statements: old }))), tools)).toEqual(['stranger']);
  });

  test.each([undefined, null, [], 'x', {}, { format: REPORT_FORMAT, version: 2 }])('%o', async (value) => {
    expect(await faultsOf(value, tools)).toEqual(['malformed']);
  });
});

describe('a line is never good without what it stands on:', () => {
  const purposes: Record<string, Purpose[]> = {
    exit: ['name'],
    dns: ['name'],
    ipv6: ['address'],
    workers: ['worker', 'shared-worker', 'extension'],
    gpc: ['name'],
  };
  test.each(Object.entries(purposes))('%s', async (id, needed) => {
    const full = await body();
    const all = Object.fromEntries(full.statements.map((each) => [each.purpose, each.signed.statement]));
    const verdict = (statements: Partial<Record<Purpose, CircuitStatement>>) =>
      decideLines({ ...full, statements }).find((line) => line.id === id)?.verdict;
    expect(verdict(all)).toBe('good');
    for (const purpose of needed) {
      const { [purpose]: gone, ...rest } = all as Record<Purpose, CircuitStatement>;
      expect(verdict(rest)).toBe('bad');
      expect(verdict({ ...all, [purpose]: { ...gone, peer: stranger.label } })).toBe('bad');
      expect(verdict({ ...all, [purpose]: { ...gone, entry: stranger.label } })).toBe('bad');
    }
  });

  test.each(['host', 'srflx', 'prflx', 'unknown'])('a WebRTC candidate of type %s is a problem', async (type) => {
    const evidence = { ...(await body()), statements: {}, candidates: ['relay', type] };
    expect(decideLines(evidence)).toContainEqual({ id: 'webrtc', verdict: 'bad' });
  });

  test('a name that arrived as an address is a problem', async () => {
    const { statement } = await signed({ host: '203.0.114.9' });
    expect(decideLines({ ...(await body()), statements: { name: statement } })).toContainEqual({
      id: 'dns',
      verdict: 'bad',
    });
  });
});

test('canonical text does not depend on the order of fields', () => {
  const value = fc.object({ withBigInt: false, withDate: false, withMap: false, withSet: false, maxDepth: 3 });
  fc.assert(
    fc.property(value, (object) => {
      expect(canonical(reversed(object))).toBe(canonical(object));
    }),
  );
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, field]) => [name, reversed(field)]),
  );
}

/** Paths to every value that is no object. */
function leaves(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, field]) => leaves(field, [...path, name]));
}

function change(value: unknown, path: string[]): void {
  const last = path.at(-1)!;
  const holder = path.slice(0, -1).reduce((each, name) => (each as Record<string, unknown>)[name], value);
  const fields = holder as Record<string, unknown>;
  const before = fields[last];
  if (typeof before === 'boolean') fields[last] = !before;
  else if (typeof before === 'number') fields[last] = before + 1;
  else if (typeof before === 'string')
    fields[last] = before.endsWith('1') ? `${before.slice(0, -1)}2` : `${before.slice(0, -1)}1`;
  else fields[last] = 0;
}
