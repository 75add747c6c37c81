// `conet-relay join` as an operator uses it, on the devnet's real chain: what it says before it does anything, each step of an entry's life, and that a run that is
// killed in the middle is gone on with, and never pays twice.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChain, type Chain } from '../../devnet/chain/chain.ts';
import { createLifeline, type Lifeline } from '../../devnet/lifeline.ts';
import { join } from '../../relay/cli/join.ts';
import { loadConfig } from '../../relay/config/load.ts';
import { createIdentity } from '../../relay/identity.ts';
import { openLedger } from '../../relay/ledger/ledger.ts';
import { createPaymentKey } from '../../relay/payment-key.ts';
import type { JoinStep } from '../../relay/registry/join-plan.ts';
import { NETWORKS } from '../../src/chain/rail/networks.ts';
import { readTokenBalance } from '../../src/chain/rail/reads.ts';
import { readRegistry } from '../../src/chain/registry/read-registry.ts';
import { createRpc } from '../../src/chain/rpc.ts';
import type { RegisteredRelay } from '../../src/core/directory/registered-relay.ts';
import { startChainProxy, type Fault } from '../support/chain-proxy.ts';

const MAIN = resolve(import.meta.dirname, '../../relay/main.ts');
const network = NETWORKS.devnet;
const BOND = 1_000_000n;

let folder: string;
let lifeline: Lifeline;
let chain: Chain;
beforeAll(async () => {
  folder = mkdtempSync(path(tmpdir(), 'join-'));
  lifeline = createLifeline();
  chain = await startChain({ lifeline, folder });
});
afterAll(async () => {
  await chain.close();
  await lifeline.close();
  rmSync(folder, { recursive: true, force: true });
});

let count = 0;
/** A relay of its own, with the account that pays. */
async function operator({ gas = 10n ** 18n, usdc = 5n * BOND } = {}) {
  const own = path(folder, `relay-${(count += 1)}`);
  mkdirSync(own);
  const { label } = await createIdentity(path(own, 'relay.key'));
  const { address } = await createPaymentKey(path(own, 'payment.key'));
  if (gas > 0n) await chain.addGas(address, gas);
  if (usdc > 0n) await chain.mint(address, usdc);
  const configure = (more: { addresses?: string[]; rpc?: string; registry?: string } = {}): string => {
    const { addresses = ['192.0.2.1', '2001:db8::1'], rpc = chain.url, registry } = more;
    const config = {
      ...{ identity: 'relay.key', operator: 'family', region: 'DE' },
      payments: { network: 'devnet', rpc: [rpc], key: 'payment.key', ledger: 'ledger.db', registry },
      public: { addresses, zone: 'libp2p.example', tunnelPort: 443 },
      entry: { tunnels: '0.0.0.0:8443', libp2p: '0.0.0.0:7401', certificate: { files: { key: 'k', chain: 'c' } } },
    };
    writeFileSync(path(own, 'relay.yaml'), JSON.stringify(config));
    return path(own, 'relay.yaml');
  };
  configure();
  return {
    ...{ own, label, address, configure, config: path(own, 'relay.yaml') },
    join: async (step: JoinStep = 'register', yes = true) =>
      join(await loadConfig(path(own, 'relay.yaml')), { step, yes }),
    held: async () => createRpc({ url: chain.url, fetch }).at('latest').read(readTokenBalance(network, address)),
    sent: async () => Number(await chain.rpc('eth_getTransactionCount', address, 'latest')),
    entry: async (): Promise<RegisteredRelay | undefined> => {
      const init = {
        network,
        registry: network.registry,
        now: Date.now(),
        rpcs: [createRpc({ url: chain.url, fetch })],
      };
      const { relays } = await readRegistry(init, { signal: AbortSignal.timeout(10_000) });
      return relays.find(({ payee, peer }) => payee === address && peer === label);
    },
  };
}

type Result = { code: number; stdout: string; stderr: string };
function relay(...args: string[]): Promise<Result> {
  return new Promise((done) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder }, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

test('without --yes it says what it costs and sends nothing; with it, once', async () => {
  const one = await operator();
  const asked = await relay('join', '--config', one.config);
  expect(asked).toMatchObject({ code: 1, stderr: '' });
  expect(asked.stdout).toContain(`relay ${one.label}\nregistry ${String(network.registry)} on this machine`);
  expect(asked.stdout).toContain('listed for browsers: 192.0.2.1:443, by its name in libp2p.example\n');
  expect(asked.stdout).toContain('listed for relays: [2001:db8::1]:7401\n');
  expect(asked.stdout).toMatch(/bond 1\.000000 USDC from 0x\w{40}, which has 5\.000000; .* 1 h after/);
  expect(asked.stdout).toMatch(/gas at most 0\.00\d{4} ETH, for approve and register; the account has 1\.000000\n/);
  expect(asked.stdout).toMatch(/nothing was sent; to do it, run it again with --yes\n$/);
  expect(await one.sent()).toBe(0);

  const did = await relay('join', '--config', one.config, '--yes');
  expect(did).toMatchObject({ code: 0, stderr: '' });
  expect(did.stdout).toMatch(
    /approve: in block \d+, 0x\w{64}\nregister: in block \d+, 0x\w{64}\nthe relay is registered\n$/,
  );
  expect(await one.held()).toBe(4n * BOND);
  expect(await one.entry()).toMatchObject({
    leavesAt: undefined,
    addresses: {
      workers: [
        { address: '192.0.2.1', port: 443, zone: 'libp2p.example' },
        { address: '2001:db8::1', port: 443, zone: 'libp2p.example' },
      ],
      relays: [
        { address: '192.0.2.1', port: 7401 },
        { address: '2001:db8::1', port: 7401 },
      ],
    },
  });

  const again = await one.join();
  expect(again).toMatchObject({ done: true, missing: [] });
  expect(again.lines.at(-1)).toMatch(/^it is registered since 20\d\d-.* UTC, with these addresses$/);
  expect(await one.sent()).toBe(2);
});

test('an entry’s life: changed, announced, kept, announced again, withdrawn', async () => {
  const one = await operator();
  await expect(one.join('update')).rejects.toThrow('it is not registered: conet-relay join');
  await one.join();
  expect((await one.join('update')).lines.at(-1)).toBe('the addresses are unchanged');
  one.configure({ addresses: ['192.0.2.9'] });
  await expect(one.join()).rejects.toThrow('registered with other addresses: conet-relay join --update');
  expect((await one.join('update')).lines.at(-1)).toBe('the addresses are changed');
  expect((await one.entry())?.addresses.relays).toEqual([{ address: '192.0.2.9', port: 7401 }]);

  await expect(one.join('withdraw')).rejects.toThrow('conet-relay join --leave');
  expect((await one.join('stay')).lines.at(-1)).toBe('it is not leaving');
  expect((await one.join('leave')).lines.at(-1)).toMatch(/^it leaves: from 20.* UTC on conet-relay join --withdraw/);
  expect((await one.join('leave')).lines.at(-1)).toMatch(/^it is leaving already: .* from 20.* UTC on$/);
  await expect(one.join()).rejects.toThrow('conet-relay join --stay');
  await expect(one.join('withdraw')).rejects.toThrow(/the bond can be taken back from 20.* UTC on/);
  expect((await one.join('stay')).lines.at(-1)).toBe('it stays');
  await one.join('leave');
  await chain.pass(3600);
  expect((await one.join('withdraw')).lines.at(-1)).toMatch(/^the bond of 1\.000000 USDC is paid back/);
  expect(await one.held()).toBe(5n * BOND);
  expect(await one.entry()).toBeUndefined();
});

test('what is missing is said in one go, before anything is sent', async () => {
  const poor = await operator({ gas: 10n ** 9n, usdc: 400_000n });
  const { done, missing } = await poor.join();
  expect(done).toBe(false);
  expect(missing).toEqual([
    `${poor.address} has 0.400000 USDC of the bond: send it 0.600000 more`,
    expect.stringMatching(new RegExp(`^${poor.address} has 0\\.000001 ETH for gas: send it 0\\.00\\d{4} more$`)),
  ]);
  expect(await poor.sent()).toBe(0);
});

test('a registry that is none, one that is not known, and a ledger that a relay has open', async () => {
  const one = await operator();
  one.configure({ registry: network.token.address });
  await expect(one.join()).rejects.toMatchObject({ name: 'ChainError' });
  const base = await loadConfig(one.configure());
  const elsewhere = { ...base, payments: { ...base.payments!, network: 'base' as const } };
  await expect(join(elsewhere, { step: 'register', yes: true })).rejects.toThrow('payments.registry: is missing');
  const running = openLedger({ path: path(one.own, 'ledger.db'), entry: true });
  await expect(one.join()).rejects.toThrow('stop the relay for this');
  // What it costs can be asked all the same.
  expect(await one.join('register', false)).toMatchObject({ done: false, missing: [] });
  running.close();
  expect(await one.sent()).toBe(0);
});

/** Runs `join --yes` as a process that is killed by the server that it asks. @param fault gets what kills it */
async function runKilled(one: Awaited<ReturnType<typeof operator>>, fault: (kill: () => void) => Fault): Promise<void> {
  let kill: () => void = () => undefined;
  const proxy = await startChainProxy(
    chain.url,
    fault(() => kill()),
  );
  one.configure({ rpc: proxy.url });
  const child = spawn(process.execPath, [MAIN, 'join', '--config', one.config, '--yes'], { stdio: 'ignore' });
  kill = () => void child.kill('SIGKILL');
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  await proxy.close();
  one.configure();
}

test.each([
  ['before its approval is on its way', 0, 'before'],
  ['when its approval has gone', 0, 'after'],
  ['before its registration is on its way', 1, 'before'],
  ['when its registration has gone', 1, 'after'],
] as const)('killed %s it goes on, and pays one bond', async (_, which, when) => {
  const one = await operator();
  let raws = 0;
  await runKilled(one, (kill) => async ({ method }, honest) => {
    if (method !== 'eth_sendRawTransaction' || raws++ !== which) return honest();
    if (when === 'after') await honest();
    kill();
    return undefined;
  });
  expect((await one.join()).done).toBe(true);
  expect(await one.held()).toBe(4n * BOND);
  expect(await one.entry()).toBeDefined();
  // Of each one, though it was decided on twice.
  expect(await one.sent()).toBe(2);
});

test('killed while its registration is in no block it waits for that one and sends no other', async () => {
  const one = await operator();
  let raws = 0;
  await runKilled(one, (kill) => async ({ method }, honest) => {
    if (method !== 'eth_sendRawTransaction' || raws++ !== 1) return honest();
    await chain.rpc('evm_setAutomine', false);
    await honest();
    kill();
    return undefined;
  });
  let looked = false;
  const proxy = await startChainProxy(chain.url, async ({ method }, honest) => {
    const result = await honest();
    // It has looked for the one, in vain.
    if (method === 'eth_getTransactionReceipt' && result === null && !looked) {
      looked = true;
      await chain.rpc('evm_mine');
      await chain.rpc('evm_setAutomine', true);
    }
    return result;
  });
  one.configure({ rpc: proxy.url });
  expect((await one.join()).lines.at(-1)).toMatch(/^it is registered since/);
  expect(looked).toBe(true);
  expect(proxy.asked.some(({ method }) => method === 'eth_sendRawTransaction')).toBe(false);
  expect(await one.held()).toBe(4n * BOND);
  await proxy.close();
});
