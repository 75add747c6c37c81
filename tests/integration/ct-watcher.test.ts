// The watch on certificate transparency, with a log of the test behind HTTPS: a certificate of the relay's names with a key that it did not ask for is told, and nothing else is. There is no real log to
// try this with here.

import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import { keyHash } from '../../relay/certificates/certificate-store.ts';
import { createRfc6962Reader } from '../../relay/certificates/ct-log-reader.ts';
import { watchCtLog, type CtWatcher, type UnknownCertificate } from '../../relay/certificates/ct-watcher.ts';
import type { HttpsClient } from '../../relay/certificates/https-request.ts';
import { createTestClock, type TestClock } from '../support/autotls-clock.ts';
import { createTestCa, type TestCa } from '../support/certificates.ts';
import { startCtLog, type TestCtLog } from '../support/ct-log.ts';
import { recordingLog, testClient } from '../support/zone-broker.ts';
import { PEER } from '../support/zone-dns.ts';

const HOST = '127.0.5.7';
const OWN = `${PEER}.zone.test`;
const TEN_MINUTES_MS = 600_000;

let ca: TestCa;
let client: HttpsClient;
let ctLog: TestCtLog;
let watcher: CtWatcher | undefined;
let clock: TestClock;
let found: UnknownCertificate[];
let lines: Record<string, unknown>[];
const keys: string[] = [];

beforeAll(async () => {
  ca = await createTestCa();
  client = testClient(ca, HOST);
});
beforeEach(async () => {
  ctLog = await startCtLog(HOST, 'log.test', await ca.issue({ names: ['log.test'] }));
});
afterEach(async () => {
  watcher?.close();
  await ctLog.close();
});
afterAll(() => client.close());

async function watch(): Promise<void> {
  clock = createTestClock();
  found = [];
  lines = [];
  watcher = watchCtLog({
    reader: createRfc6962Reader(ctLog.url, client),
    names: [OWN],
    keys: async () => keys,
    onUnknown: (certificate) => found.push(certificate),
    clock,
    log: recordingLog(lines),
  });
  await clock.asleep();
}

async function lookAgain(): Promise<void> {
  const asleep = clock.sleeps.length;
  clock.advance(TEN_MINUTES_MS);
  while (clock.sleeps.length === asleep) await clock.asleep().then(() => new Promise(setImmediate));
}

const certificate = async (...names: string[]): Promise<string> => (await ca.issue({ names })).chain;

test('a certificate of our names with another key is told, as a certificate and as a precertificate', async () => {
  ctLog.add(await certificate(`*.${OWN}`)); // before the watch began
  await watch();
  const asked = await certificate(`*.${OWN}`);
  keys.push(keyHash(asked));
  ctLog.add(asked);
  ctLog.add(asked, { precertificate: true });
  ctLog.add(await certificate('elsewhere.test', `x${OWN}`, 'zone.test', '*.zone.test'));
  ctLog.addGarbage();
  ctLog.add(await certificate('elsewhere.test', `*.${OWN.toUpperCase()}`));
  ctLog.add(await certificate(`192-0-2-1.${OWN}`), { precertificate: true });
  ctLog.atOnce = 2;
  await lookAgain();
  expect(found.map(({ names, issuer }) => [names, issuer])).toEqual([
    [[`*.${OWN}`], 'CN=test root'],
    [[`192-0-2-1.${OWN}`], 'CN=test root'],
  ]);
  expect(ctLog.requests.filter((path) => path.includes('get-entries'))).toEqual([
    '/ct/v1/get-entries?start=1&end=6',
    '/ct/v1/get-entries?start=3&end=6',
    '/ct/v1/get-entries?start=5&end=6',
  ]);
  // What was looked at is not told again.
  await lookAgain();
  expect(found).toHaveLength(2);
});

test('a log that is away, or gives nothing, is said and read on later', async () => {
  await watch();
  ctLog.add(await certificate(`*.${OWN}`));
  ctLog.atOnce = 0;
  await lookAgain();
  expect(lines).toMatchObject([{ ctLog: expect.stringContaining('log.test') as string, msg: 'a CT log was not read' }]);
  ctLog.atOnce = 10;
  await lookAgain();
  expect(found).toHaveLength(1);
});
