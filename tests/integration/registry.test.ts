// The registry on the devnet's real chain, with some hundred relays of a few payees, read through servers of the chain that are honest, slow, dead, or lie in every way
// that a server can.

import { AbiCoder, Interface } from 'ethers';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startChain, type Chain } from '../../devnet/chain/chain.ts';
import { createLifeline, type Lifeline } from '../../devnet/lifeline.ts';
import {
  approveCall,
  leaveCall,
  readBond,
  readLeaveDelay,
  readRegistryEntry,
  readRegistryToken,
  registerCall,
  REGISTRY_PAGE,
  updateCall,
} from '../../src/chain/rail/registry.ts';
import type { Call } from '../../src/chain/rail/calldata.ts';
import { NETWORKS } from '../../src/chain/rail/networks.ts';
import { readRegistry, type RegistryInit, type RegistryReading } from '../../src/chain/registry/read-registry.ts';
import { createRpc } from '../../src/chain/rpc.ts';
import { labelOfKey } from '../../src/core/directory/peer-key.ts';
import { encodeRegistryAddresses, MAX_ADDRESSES_BYTES } from '../../src/core/directory/registry-addresses.ts';
import { pino } from 'pino';
import { createBonds } from '../../relay/directory/bonds.ts';
import { eventually } from '../support/eventually.ts';
import { startChainProxy, type ChainProxy, type Fault } from '../support/chain-proxy.ts';
import { hexOf } from '../support/ledger-values.ts';

const network = NETWORKS.devnet;
const REGISTRY = network.registry!;
/** Three pages, the last of them not full. */
const RELAYS = 2 * REGISTRY_PAGE + 30;
const PAYEES = ['one', 'two', 'three'].map((name) => hexOf(`payee ${name}`, 20));
const ABI = AbiCoder.defaultAbiCoder();
const views = new Interface(['function page(uint256 from, uint256 count)']);
const pageOf = (data: string): number => Number(views.decodeFunctionData('page', data)[0]);

let folder: string;
let lifeline: Lifeline;
let chain: Chain;
const proxies: ChainProxy[] = [];

const keyOf = (index: number): Uint8Array => Buffer.from(hexOf(`relay ${index}`, 32).slice(2), 'hex');
const payeeOf = (index: number) => PAYEES[index % PAYEES.length]!;
const labels = (reading: RegistryReading): string[] => reading.relays.map(({ peer }) => peer).toSorted();
const ALL = Array.from({ length: RELAYS }, (_, index) => labelOfKey(keyOf(index))).toSorted();

/** As that account, which anvil asks for no signature. */
async function send(from: string, { to, data }: Call): Promise<void> {
  await chain.rpc('eth_sendTransactionSync', { from, to, data });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'registry-'));
  lifeline = createLifeline();
  chain = await startChain({ lifeline, folder });
  for (const payee of PAYEES) {
    await chain.rpc('anvil_impersonateAccount', payee);
    await chain.addGas(payee, 10n ** 20n);
    await chain.mint(payee, 1_000_000_000n);
    await send(payee, approveCall(network.token.address, REGISTRY, 1_000_000_000n));
  }
  for (let index = 0; index < RELAYS; index += 1) {
    const relays = [{ address: `198.51.100.${index % 200}`, port: 7401 }];
    const addresses = encodeRegistryAddresses(labelOfKey(keyOf(index)), { workers: [], relays });
    await send(payeeOf(index), registerCall(REGISTRY, keyOf(index), addresses));
  }
});
afterAll(async () => {
  await chain.close();
  await lifeline.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

async function server(fault?: Fault): Promise<ChainProxy> {
  const proxy = await startChainProxy(chain.url, fault);
  proxies.push(proxy);
  return proxy;
}

/** Time limits as short as the tests' own machine allows. */
const read = async (urls: readonly string[], more: Partial<RegistryInit> = {}, signal?: AbortSignal) =>
  readRegistry(
    {
      ...{ network, registry: REGISTRY, now: Date.now(), timeoutMs: 10_000 },
      rpcs: urls.map((url) => createRpc({ url, fetch, timeoutMs: 1500 })),
      ...more,
    },
    { signal: signal ?? new AbortController().signal },
  );

describe('the contract, by our own calls', () => {
  test('its terms are those of the plan, its token is the network’s', async () => {
    const reader = createRpc({ url: chain.url, fetch }).at('latest');
    expect(await reader.read(readRegistryToken(REGISTRY))).toBe(network.token.address);
    expect(await reader.read(readBond(REGISTRY))).toBe(chain.plan.registry.bond);
    expect(await reader.read(readLeaveDelay(REGISTRY))).toBe(chain.plan.registry.leaveDelayS);
    expect(chain.plan.registry.address).toBe(REGISTRY);
  });

  test('an entry is registered, changed, announced, withdrawn', async () => {
    const payee = PAYEES[0]!;
    const key = keyOf(100_000);
    const reader = createRpc({ url: chain.url, fetch }).at('latest');
    const entry = async () => reader.read(readRegistryEntry(REGISTRY, payee, key));
    expect(await entry()).toBeUndefined();
    await send(payee, registerCall(REGISTRY, key, Uint8Array.of(1, 2, 3)));
    expect(await entry()).toMatchObject({ bond: 1_000_000n, leavesAt: undefined, addresses: Uint8Array.of(1, 2, 3) });
    await send(payee, updateCall(REGISTRY, key, new Uint8Array()));
    expect((await entry())?.addresses).toEqual(new Uint8Array());
    await send(payee, leaveCall(REGISTRY, 'announceLeave', key));
    const { leavesAt = 0 } = (await entry())!;
    const block = (await chain.rpc('eth_getBlockByNumber', 'latest', false)) as { timestamp: string };
    expect(leavesAt).toBe(Number(block.timestamp) + chain.plan.registry.leaveDelayS);

    // Still there while it leaves, though nobody counts on it once its time has come.
    const peer = labelOfKey(key);
    expect((await read([chain.url])).relays).toContainEqual(expect.objectContaining({ peer, leavesAt }));
    await chain.pass(chain.plan.registry.leaveDelayS);
    expect(labels(await read([chain.url]))).not.toContain(peer);
    await send(payee, leaveCall(REGISTRY, 'stay', key));
    expect(labels(await read([chain.url]))).toContain(peer);
    await send(payee, leaveCall(REGISTRY, 'announceLeave', key));
    await chain.pass(chain.plan.registry.leaveDelayS);
    await send(payee, leaveCall(REGISTRY, 'withdraw', key));
    expect(await entry()).toBeUndefined();
  });
});

test('all pages of one block are read from both servers, and they agree', async () => {
  const [one, two] = [await server(), await server()];
  const reading = await read([one.url, two.url]);
  expect(labels(reading)).toEqual(ALL);
  const whole = expect.objectContaining({ relays: RELAYS, differs: 0, isWhole: true }) as unknown;
  expect(reading.servers).toEqual([whole, whole]);
  const tags = [...one.asked, ...two.asked]
    .filter(({ method }) => method === 'eth_call')
    .map(({ params }) => params[1]);
  expect(tags).toHaveLength(6);
  expect(new Set(tags).size).toBe(1);
});

test('with the longest addresses a page is within the limit of an answer; what is in them is of a stranger', async () => {
  const snapshot = await chain.rpc('evm_snapshot');
  for (let index = 0; index < REGISTRY_PAGE; index += 1)
    await send(payeeOf(index), updateCall(REGISTRY, keyOf(index), new Uint8Array(MAX_ADDRESSES_BYTES).fill(0xff)));
  const reading = await read([chain.url]);
  expect(labels(reading)).toEqual(ALL);
  const strange = reading.relays.filter(({ addresses }) => addresses.relays.length === 0);
  expect(strange).toHaveLength(REGISTRY_PAGE);
  await chain.rpc('evm_revert', snapshot);
});

test('of a list that is longer than the bound its front is read, and that is said', async () => {
  const { relays, servers } = await read([chain.url], { most: 250 });
  expect(relays).toHaveLength(250);
  expect(servers).toEqual([expect.objectContaining({ isWhole: false })]);
});

describe('a server that', () => {
  /** Changes what is answered to one page. */
  const onPage =
    (from: number, answer: (honest: string) => unknown): Fault =>
    async ({ method, params }, honest) => {
      const result = await honest();
      const { data = '' } = (params[0] ?? {}) as { data?: string };
      return method === 'eth_call' && pageOf(data) === from ? answer(result as string) : result;
    };
  const RELAY = '(bytes32,address,uint96,uint40,uint40,bytes)';
  type Tuple = [string, string, bigint, bigint, bigint, string];
  const rewrite =
    (change: (relays: Tuple[], total: bigint) => [Tuple[], bigint]) =>
    (honest: string): string => {
      const [relays, total] = ABI.decode([`${RELAY}[]`, 'uint256'], honest).toArray(true) as [Tuple[], bigint];
      return ABI.encode([`${RELAY}[]`, 'uint256'], change(relays, total));
    };
  const never = async (): Promise<undefined> => undefined;
  const faults: [string, Fault, string][] = [
    ['never answers', never, 'too_slow'],
    ['hangs up', async (_, __, response) => void response.destroy(), 'unreachable'],
    [
      'gives a page that is too short',
      onPage(
        200,
        rewrite((relays, total) => [relays.slice(1), total]),
      ),
      'bad_answer',
    ],
    [
      'gives an empty page',
      onPage(
        200,
        rewrite((_, total) => [[], total]),
      ),
      'bad_answer',
    ],
    [
      'gives more than a page',
      onPage(
        400,
        rewrite((relays, total) => [[...relays, relays[0]!], total]),
      ),
      'bad_answer',
    ],
    [
      'tells a relay twice',
      onPage(
        0,
        rewrite(([first, , ...rest], total) => [[first!, first!, ...rest], total]),
      ),
      'bad_answer',
    ],
    [
      'grows while it is read',
      onPage(
        200,
        rewrite((relays, total) => [relays, total + 200n]),
      ),
      'bad_answer',
    ],
    [
      'gives its first page another length',
      onPage(
        0,
        rewrite((relays) => [relays, 2n ** 255n]),
      ),
      'bad_answer',
    ],
    ['answers with nothing', onPage(0, () => '0x'), 'bad_answer'],
    ['answers with half of it', onPage(0, (honest) => honest.slice(0, 5000)), 'bad_answer'],
    ['adds something behind', onPage(0, (honest) => `${honest}00`), 'bad_answer'],
    ['has no registry', async ({ method }, honest) => (method === 'eth_getCode' ? '0x' : honest()), 'wrong_contract'],
    [
      'serves another chain',
      async ({ method }, honest) => (method === 'eth_chainId' ? '0x2105' : honest()),
      'wrong_chain',
    ],
    [
      'stands still',
      async ({ method }, honest) =>
        method === 'eth_getBlockByNumber' ? { number: '0x5', timestamp: '0x5' } : honest(),
      'bad_answer',
    ],
    [
      'sends 100 MB',
      async ({ method }, honest, response) => {
        if (method !== 'eth_call') return honest();
        const piece = Buffer.alloc(1_000_000, '0');
        const write = (left: number): void => {
          if (left > 0 && !response.destroyed) response.write(piece, () => write(left - 1));
        };
        write(100);
        return undefined;
      },
      'too_large',
    ],
  ];

  test.each(faults)('%s is named, and takes nothing away from the other', async (_, fault, code) => {
    const bad = await server(fault);
    const reading = await read([bad.url, (await server()).url]);
    expect(labels(reading)).toEqual(ALL);
    expect(reading.servers).toEqual([
      { failed: expect.objectContaining({ name: 'ChainError', code }) as unknown },
      expect.objectContaining({ relays: RELAYS, differs: 0, isWhole: true }),
    ]);
  });

  test('is alone and dead ends it by name', async () => {
    const bad = await server(never);
    await expect(read([bad.url])).rejects.toMatchObject({ name: 'ChainError', code: 'too_slow' });
  });

  test('drips its pages ends it in time', async () => {
    // Each question within its own limit, all of them not.
    const slow = await server(async ({ method }, honest) => {
      if (method === 'eth_call') await new Promise((resolve) => setTimeout(resolve, 700));
      return honest();
    });
    await expect(read([slow.url], { timeoutMs: 1000 })).rejects.toMatchObject({ code: 'too_slow' });
  });

  test('keeps relays back, or makes some up, is told by how it differs', async () => {
    const invented: Tuple = [hexOf('invented', 32), PAYEES[0]!, 1n, 1n, 0n, '0x'];
    const bad = await server(
      onPage(
        0,
        rewrite(([, ...rest], total) => [[invented, ...rest], total]),
      ),
    );
    const reading = await read([bad.url, (await server()).url]);
    expect(labels(reading)).toEqual(
      [...ALL, labelOfKey(Buffer.from(hexOf('invented', 32).slice(2), 'hex'))].toSorted(),
    );
    // Each has one that the other has not.
    expect(reading.servers).toEqual([
      expect.objectContaining({ relays: RELAYS, differs: 1 }),
      expect.objectContaining({ relays: RELAYS, differs: 1 }),
    ]);
  });

  test('makes relays up for ever is read as far as the bound', async () => {
    const endless: Fault = async ({ method, params }, honest) => {
      const { data = '' } = (params[0] ?? {}) as { data?: string };
      if (method !== 'eth_call') return honest();
      const from = pageOf(data);
      const relays = Array.from({ length: REGISTRY_PAGE }, (_, index): Tuple => {
        return [hexOf(`made up ${from + index}`, 32), PAYEES[0]!, 1n, 1n, 0n, '0x'];
      });
      return ABI.encode([`${RELAY}[]`, 'uint256'], [relays, 2n ** 255n]);
    };
    const bad = await server(endless);
    const { relays, servers } = await read([bad.url], { most: 500 });
    expect(relays).toHaveLength(500);
    expect(servers).toEqual([expect.objectContaining({ isWhole: false })]);
    expect(bad.asked.filter(({ method }) => method === 'eth_call')).toHaveLength(3);
  });

  test('says that everybody has left is not believed alone', async () => {
    const bad = await server(
      onPage(
        0,
        rewrite((relays, total) => [relays.map((each) => each.with(4, 1n) as Tuple), total]),
      ),
    );
    const reading = await read([bad.url, (await server()).url]);
    expect(labels(reading)).toEqual(ALL);
    expect(reading.servers[0]).toMatchObject({ relays: RELAYS - REGISTRY_PAGE, differs: 0 });
  });
});

test('who gave up gets its own reason', async () => {
  const given = new AbortController();
  const slow = await server(async () => {
    given.abort(new Error('enough'));
    return undefined;
  });
  await expect(read([slow.url], {}, given.signal)).rejects.toThrow('enough');
});

test('where no registry is known that is said, and nobody is asked', async () => {
  const proxy = await server();
  await expect(read([proxy.url], { network: NETWORKS.base, registry: undefined })).rejects.toMatchObject({
    code: 'wrong_contract',
  });
  expect(proxy.asked).toEqual([]);
});

test('a relay knows behind whom a bond stands, also where one of its servers is dead; and behind nobody while none answers', async () => {
  const log = pino({ enabled: false });
  const listed = { peer: labelOfKey(keyOf(1)), payee: payeeOf(1) };
  const bonds = createBonds({ network, registry: REGISTRY, urls: ['http://127.0.0.1:9', chain.url], log });
  await eventually(() => expect(bonds.isVouched(listed)).toBe(true));
  // Of payee and key together: another's bond is not one's own.
  expect(bonds.isVouched({ ...listed, payee: payeeOf(2) })).toBe(false);
  await bonds.close();
  const none = createBonds({ network, registry: REGISTRY, urls: ['http://127.0.0.1:9'], log });
  expect(none.isVouched(listed)).toBe(false);
  await none.close();
});
