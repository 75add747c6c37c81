// `conet-relay settle` as an operator uses it, on the devnet's real chain; and what a relay says at its start about a chain that is not the one it is paid on.

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEVNET_CHAIN } from '../../devnet/chain/plan.ts';
import { startChain } from '../../devnet/chain/chain.ts';
import { createIdentity } from '../../relay/identity.ts';
import { readTokenBalance } from '../../src/chain/rail/reads.ts';
import { createRpc } from '../../src/chain/rpc.ts';
import {
  createPayeeBench,
  createTestSettler,
  DEVNET,
  ONE,
  openChannel,
  RELAY,
  saveDeposit,
  served,
  type PayeeBench,
} from '../support/payee.ts';

const MAIN = resolve(import.meta.dirname, '../../relay/main.ts');

let bench: PayeeBench;
beforeAll(async () => {
  bench = await createPayeeBench();
  writeFileSync(join(bench.folder, 'payment.key'), `${RELAY.key.privateKey}\n`, { mode: 0o600 });
  await createIdentity(join(bench.folder, 'relay.key'));
});
afterAll(() => bench.clean());

type Result = { code: number; stdout: string; stderr: string };

function relay(...args: string[]): Promise<Result> {
  return new Promise((done) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: bench.folder }, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

/** A configuration whose relay is paid on the chain at this URL. */
function configure(url: string): string {
  const entry = { tunnels: '127.0.1.34:0', libp2p: '127.0.1.34:0', certificate: { files: { key: 'k', chain: 'c' } } };
  const payments = { network: 'devnet', rpc: [url], key: 'payment.key', ledger: 'settle.db' };
  writeFileSync(
    join(bench.folder, 'relay.yaml'),
    JSON.stringify({ identity: 'relay.key', operator: 'family', region: 'DE', entry, payments }),
  );
  return 'relay.yaml';
}

test('claims what was served and has it paid out; while a relay runs it says so and touches nothing', async () => {
  const config = configure(bench.chain.url);
  const ledger = bench.ledger('settle.db');
  const settler = await createTestSettler([bench.chain.url], ledger);
  const channels = [await openChannel(ledger, 'a'), await openChannel(ledger, 'b')];
  for (const [index, channel] of channels.entries()) {
    await bench.chain.mint(channel.payer.address, ONE);
    await saveDeposit(ledger, channel, ONE);
    await settler.deposits.submit(channel.id);
    await settler.beat();
    await served(ledger, channel, 1_000n * BigInt(index + 1), 77n);
  }
  await bench.chain.mine(2);
  await settler.beat();

  const running = await relay('settle', '--config', config);
  expect(running).toMatchObject({ code: 1, stdout: '' });
  expect(running.stderr).toMatch(/open in another process; the relay claims .* stop it first\n$/);
  ledger.close();

  const { code, stdout, stderr } = await relay('settle', '--config', config);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^claimed:$/m);
  expect(stdout).toMatch(/0x\S+ +0\.002000 +0\.002000 +1\.000000$/m);
  expect(stdout).toContain(`paid out to ${RELAY.address}: 0.003000 USDC; still to be paid out: 0.000000`);
  expect(stdout).not.toContain(RELAY.key.privateKey.slice(2, 20));
  const reader = createRpc({ url: bench.chain.url, fetch }).at('latest');
  expect(await reader.read(readTokenBalance(DEVNET, RELAY.address))).toBe(3_000n);

  const again = await relay('settle', '--config', config);
  expect(again.stdout).toContain('nothing was to be claimed');
});

test('a relay whose server has another chain does not start, and says what differs', async () => {
  const { lifeline, folder } = bench;
  const other = await startChain({ lifeline, folder, plan: { ...DEVNET_CHAIN, chainId: 31_338 } });
  const { code, stdout, stderr } = await relay('--config', configure(other.url));
  await other.close();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(
    /^conet-relay: wrong_chain: server 1 of payments\.rpc: this machine \(play money\) has the chain id 31337, .* 31338\n$/,
  );
  expect(stderr).not.toContain(other.url);
});
