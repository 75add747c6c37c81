// `conet-relay init` with answers, from flags and from a person: a configuration that is good, an exit only for who types its words, and nothing that was there is touched.

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EXIT_WORD, QUESTIONS, type Texts } from '../../../../relay/cli/answers.ts';
import { init } from '../../../../relay/cli/init.ts';
import { priceFromDollars } from '../../../../relay/cli/price-text.ts';
import { loadConfig } from '../../../../relay/config/load.ts';
import { createPaymentKey } from '../../../../relay/payment-key.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'init-')), 'relay');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const ENTRY: Texts = { operator: 'family', region: 'DE', addresses: '192.0.2.1, 2001:db8::1', zone: 'relays.example' };
const EXIT: Texts = {
  ...ENTRY,
  role: 'exit',
  exitWord: EXIT_WORD,
  entries: '/ip4/192.0.2.9/tcp/7401/p2p/12D3KooWB6kxAnP8XzLUUFnWwNcyDpH1CxSqYyw8EvZVDDVdgL3j',
};
const run = (texts: Texts, ask?: (question: string) => Promise<string>) =>
  init({ folder, only: undefined, texts }, ask);
const config = () => loadConfig(join(folder, 'relay.yaml'));
/** A person who answers so. */
const person = (answers: string[]) => {
  const said: string[] = [];
  const ask = async (question: string): Promise<string> => {
    said.push(question);
    const answer = answers.shift();
    if (answer === undefined) throw new Error('gone');
    return answer;
  };
  return { said, ask };
};

test('flags alone make an entry that is paid, with the usual values', async () => {
  const lines = await run(ENTRY);
  expect(lines.at(-1)).toContain('conet-relay check --config');
  expect(await config()).toMatchObject({
    ...{ operator: 'family', region: 'DE', exit: undefined },
    public: { addresses: ['192.0.2.1', '2001:db8::1'], zone: 'relays.example' },
    entry: { tunnels: [{ host: '0.0.0.0', port: 443 }], libp2p: [{ port: 7401 }] },
    payments: { network: 'base', prices: { entryPerMiB: 32n } },
    directory: {},
  });
  expect(statSync(join(folder, 'payment.key')).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'relay.key')).mode & 0o777).toBe(0o600);
});

test('an entry may listen on several addresses', async () => {
  await run({ ...ENTRY, tunnels: '0.0.0.0:443, [::]:443', libp2p: '0.0.0.0:7401' });
  expect((await config()).entry?.tunnels.map(({ host }) => host)).toEqual(['0.0.0.0', '::']);
});

test('a person is asked what flags leave open, again where it does not fit, and takes what is usual with the return key', async () => {
  const { said, ask } = person([
    '',
    'my family',
    'family',
    'Germany',
    'DE',
    '192.0.2.1',
    'relays.example',
    '',
    '',
    '',
    'devnet',
    'http://127.0.0.1:8545',
    '',
    '0.10',
  ]);
  await run({}, ask);
  expect(said[0]).toContain('[entry] > ');
  expect(said.filter((each) => each.startsWith('That does not fit'))).toHaveLength(2);
  expect(said.join()).not.toContain(EXIT_WORD);
  expect(await config()).toMatchObject({ payments: { network: 'devnet', prices: { entryPerMiB: 105n } } });
});

test('an exit takes its words, typed or as a flag; a person is told what it means', async () => {
  await expect(run({ ...EXIT, exitWord: 'yes' })).rejects.toThrow(EXIT_WORD);
  await expect(run({ ...EXIT, exitWord: undefined as never })).rejects.toThrow('--exit-word is missing');
  const { said, ask } = person(['', 'yes', 'y', 'exit', 'Sites see my address']);
  await expect(run({ ...EXIT, exitWord: undefined as never }, ask)).rejects.toThrow('--exit-word was not answered');
  expect(said[0]).toMatch(/sites see your address.*complaints come to you.*you could see where people go/s);
  expect(existsSync(join(folder, 'relay.yaml'))).toBe(false);
  expect(existsSync(join(folder, 'relay.key'))).toBe(false);

  await run(EXIT);
  expect(await config()).toMatchObject({ entry: undefined, exit: { entries: [EXIT.entries] }, directory: undefined });
});

test('of a zone with a broker certificates come by themselves', async () => {
  const zones = [
    {
      domain: 'relays.example',
      registration: 'https://registration.relays.example/',
      acme: 'https://acme.example/directory',
    },
  ];
  const more = { registration: zones[0]!.registration, acme: zones[0]!.acme };
  await run({ ...ENTRY, ...more });
  const announce = ['/ip4/192.0.2.1/tcp/7401', '/ip6/2001:db8::1/tcp/7401'];
  expect((await config()).entry?.certificate).toMatchObject({ files: undefined, autotls: { announce, zones } });
  rmSync(join(folder, 'relay.yaml'));
  await run({ ...EXIT, ...more, libp2p: '0.0.0.0:7499' });
  expect((await config()).exit?.certificate.autotls).toMatchObject({ listen: { port: 7499 }, zones });
});

test('nothing that is there is touched', async () => {
  await run(ENTRY);
  const before = ['relay.yaml', 'relay.key', 'payment.key'].map((name) => readFileSync(join(folder, name), 'utf8'));
  const { said, ask } = person([]);
  await expect(run({}, ask)).rejects.toThrow('exists already; it was left as it is');
  expect(said).toEqual([]);
  rmSync(join(folder, 'relay.yaml'));
  const lines = await run(ENTRY);
  expect(lines[1]).toMatch(/^kept .*relay\.key: peer 12D3Koo/);
  expect(lines[2]).toMatch(/^kept .*payment\.key: address 0x/);
  expect(['relay.yaml', 'relay.key', 'payment.key'].map((name) => readFileSync(join(folder, name), 'utf8'))).toEqual(
    before,
  );
});

test('a key of one’s own is named and not copied', async () => {
  const own = join(folder, '..', 'own.key');
  const { key } = await createPaymentKey(own);
  await run({ ...ENTRY, paymentKey: own });
  expect((await config()).payments?.key).toBe(own);
  expect(existsSync(join(folder, 'payment.key'))).toBe(false);
  const text = readFileSync(join(folder, 'relay.yaml'), 'utf8');
  expect(text).not.toContain(key.privateKey.slice(2, 20));
  rmSync(join(folder, 'relay.yaml'));
  writeFileSync(own, 'no key', { mode: 0o600 });
  await expect(run({ ...ENTRY, paymentKey: own })).rejects.toMatchObject({ code: 'malformed' });
});

test.each([
  ['what has to be said', { ...ENTRY, zone: undefined as never }, '--zone is missing'],
  ['a flag of the other role', { ...ENTRY, entries: '/x' }, '--entries does not go with'],
  ['another network', { ...ENTRY, network: 'mainnet' }, '--network: base'],
  ['a port too high', { ...ENTRY, tunnels: '0.0.0.0:99999' }, 'entry.tunnels'],
  ['a server in clear from afar', { ...ENTRY, rpc: 'http://rpc.example' }, 'payments.rpc'],
])('%s is named, and nothing is written', async (_, texts, words) => {
  await expect(run(texts)).rejects.toThrow(words);
  expect(existsSync(join(folder, 'relay.yaml'))).toBe(false);
  expect(existsSync(join(folder, 'relay.key'))).toBe(false);
});

test('no answer is more than a value of the file', async () => {
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[\x21-\x7e]{1,100}$/), async (operator) => {
      await run({ ...ENTRY, network: 'none', operator });
      expect(await config()).toMatchObject({ operator, region: 'DE', payments: undefined });
      rmSync(join(folder, 'relay.yaml'));
    }),
    { numRuns: 40 },
  );
});

test('each question has a flag of its own, and one that is asked of nobody has a usual answer or stands in the list of what is missing', () => {
  expect(new Set(QUESTIONS.map(({ flag }) => flag)).size).toBe(QUESTIONS.length);
  for (const { fallback, fault } of QUESTIONS) if (fallback !== undefined) expect(fault(fallback)).toBeUndefined();
});

test('prices of a gigabyte, up to the next unit', () => {
  expect(['0.03', '0.07', '0', '1000', '0.000001'].map(priceFromDollars)).toEqual([32n, 74n, 0n, 1_048_576n, 1n]);
  for (const wrong of ['', '-1', '1e3', '0,03', '.5', '0.0000001', '1001', '1000.000001', 'NaN', '٣'])
    expect(priceFromDollars(wrong)).toBeUndefined();
});
