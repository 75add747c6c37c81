// `conet-relay ledger` as an operator uses it: while the relay runs, after it was killed, and where there is nothing to show.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLedger, type Ledger } from '../../relay/ledger/ledger.ts';
import { hexOf, NOW, testChannel, testVoucher } from '../support/ledger-values.ts';

const MAIN = resolve(import.meta.dirname, '../../relay/main.ts');

let folder: string;
let ledger: Ledger | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-cli-'));
  const files = { key: 'tls.key', chain: 'tls.pem' };
  const entry = { tunnels: '127.0.1.33:0', libp2p: '127.0.1.33:0', certificate: { files } };
  const config = { identity: 'relay.key', operator: 'family', region: 'DE', entry };
  writeFileSync(join(folder, 'relay.yaml'), JSON.stringify({ ...config, ledger: 'data/ledger.db' }));
  writeFileSync(join(folder, 'without.yaml'), JSON.stringify(config));
});
afterAll(() => {
  ledger?.close();
  rmSync(folder, { recursive: true });
});

type Result = { code: number; stdout: string; stderr: string };

function relay(...args: string[]): Promise<Result> {
  return new Promise((done) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder }, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

test('no ledger: one line that says so, and none is made', async () => {
  expect(await relay('ledger', '--config', 'without.yaml')).toMatchObject({ code: 2, stdout: '' });
  for (let count = 0; count < 2; count += 1) {
    const { code, stdout, stderr } = await relay('ledger', '--config', 'relay.yaml');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^conet-relay: there is no ledger at .*\n$/);
  }
});

test('earnings, channels and what can be claimed, while another process writes; no signature is printed', async () => {
  ledger = openLedger({ path: join(folder, 'data/ledger.db'), entry: true });
  expect((await relay('ledger', '--config', 'relay.yaml')).stdout).toMatch(/^the ledger is empty/);
  await ledger.channels.open(testChannel(2), NOW);
  await ledger.channels.creditVoucher(testVoucher(2, 1_500_000n), NOW);
  await ledger.channels.saw(testChannel(2).id, { balance: 2_000_000n, claimed: 250_000n, pendingWithdrawal: 0n });
  await ledger.channels.count(testChannel(2).id, { bytesUp: 1n << 20n, bytesDown: 4n << 20n, owed: 1_500_107n });
  // Signed over what its payer is taking out: only the balance counts.
  await ledger.channels.open(testChannel(4), NOW + 1);
  await ledger.channels.creditVoucher(testVoucher(4, 900_000n), NOW);
  await ledger.channels.saw(testChannel(4).id, { balance: 400_000n, claimed: 0n, pendingWithdrawal: 400_000n });
  await ledger.outgoing.open({ ...testChannel(6), peer: 'k51exit' }, NOW);
  await ledger.outgoing.saveVoucher(testVoucher(6, 30_000n), NOW);

  const { code, stdout, stderr } = await relay('ledger', '--config', 'relay.yaml');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('earned 2.400000: claimed 0.250000, claimable now 1.650000');
  expect(stdout).toContain('served without a voucher 0.000107, signed to exits 0.030000');
  expect(stdout).toMatch(/open +0x\S+ +2\.000000 +1\.500000 +0\.250000 +1\.250000 +5 +2026-11-22T00:00:00$/m);
  expect(stdout).toMatch(/withdrawing .* 0\.400000 /);
  expect(stdout).toContain('k51exit');

  const json = await relay('ledger', '--config', 'relay.yaml', '--json');
  const report = JSON.parse(json.stdout) as { channels: object[]; totals: object[] };
  expect(report.totals).toMatchObject([{ chainId: 84_532, signed: '2400000', claimable: '1650000', paid: '30000' }]);
  expect(report.channels[0]).toMatchObject({
    id: testChannel(2).id,
    claimable: '1250000',
    voucher: { max: '1500000' },
  });
  for (const number of [2, 4, 6]) {
    for (const max of [1_500_000n, 900_000n, 30_000n]) {
      const { signature } = testVoucher(number, max);
      expect(stdout + json.stdout).not.toContain(signature.slice(2, 30));
    }
  }
});

test('a relay on a ledger that another one has: refused, with the reason', async () => {
  ledger ??= openLedger({ path: join(folder, 'data/ledger.db'), entry: true });
  await relay('init', '--identity-only', '--dir', '.');
  const { code, stdout, stderr } = await relay('--config', 'relay.yaml');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^conet-relay: the ledger .* is open in another process\n$/);
});

test('check says when the ledger is damaged', async () => {
  ledger?.close();
  ledger = undefined;
  writeFileSync(join(folder, 'data/ledger.db'), hexOf('nothing', 64).repeat(100));
  const { code, stderr } = await relay('check', '--config', 'relay.yaml');
  expect(code).toBe(2);
  expect(stderr).toMatch(/ledger\.db: the ledger is damaged; it was left as it is/);
  expect(await relay('ledger', '--config', 'relay.yaml')).toMatchObject({ code: 1, stdout: '' });
});
