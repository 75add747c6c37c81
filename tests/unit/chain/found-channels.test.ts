// Looking for channels by the chain's events: in spans that a server takes, bounded, at every server; and what a server makes up is told by its form.

import { AbiCoder } from 'ethers/abi';
import { describe, expect, test } from 'vitest';
import { findChannels } from '../../../src/chain/found-channels.ts';
import { channelId } from '../../../src/chain/rail/channel-id.ts';
import { ChainError } from '../../../src/chain/rail/chain-error.ts';
import { CHANNEL_CREATED, readCreated } from '../../../src/chain/rail/channel-events.ts';
import { NETWORKS } from '../../../src/chain/rail/networks.ts';
import type { Rpc } from '../../../src/chain/rpc.ts';
import { asAddress, type Hex } from '../../../src/core/payment/hex.ts';
import { QUESTION } from '../../support/payment-values.ts';

const network = NETWORKS.devnet;
const CONFIG = { ...QUESTION.config, payer: asAddress(QUESTION.config.payer) };
const ID = channelId(network, CONFIG);
const word = (value: bigint): Hex => `0x${value.toString(16)}`;

function dataOf(config: typeof CONFIG): string {
  const { payer, payerAuthorizer, receiver, receiverAuthorizer, token, withdrawDelay, salt } = config;
  const fields = [payer, payerAuthorizer, receiver, receiverAuthorizer, token, withdrawDelay, salt];
  return AbiCoder.defaultAbiCoder().encode(['tuple(address,address,address,address,address,uint40,bytes32)'], [fields]);
}

type Ask = { address: Hex; topics: (Hex | Hex[])[]; fromBlock: Hex; toBlock: Hex };

/** A server with these channels, by the block in which each was opened. It takes `most` blocks in one question. */
function server(head: bigint, channels: Map<bigint, (typeof CONFIG)[]>, most = 10_000n) {
  const asked: [bigint, bigint][] = [];
  const rpc: Rpc = {
    at: () => {
      throw new Error('nothing is read here');
    },
    request: async (method, params) => {
      if (method === 'eth_blockNumber') return word(head);
      if (method === 'eth_getBlockByNumber') return { timestamp: word(BigInt(params[0] as Hex) * 2n) };
      const { address, topics, fromBlock, toBlock } = params[0] as Ask;
      const [from, to] = [BigInt(fromBlock), BigInt(toBlock)];
      if (to - from >= most) throw new ChainError('call_failed', 'the range is too large');
      const blocks = [...channels].filter(([block]) => block >= from && block <= to);
      if (address === network.escrow) {
        expect(topics).toEqual([CHANNEL_CREATED]);
        return blocks.flatMap(([block, configs]) =>
          configs.map((config) => ({ blockNumber: word(block), data: dataOf(config) })),
        );
      }
      asked.push([from, to]);
      const payers = topics[1] as Hex[];
      return blocks
        .filter(([, configs]) => configs.some(({ payer }) => payers.some((topic) => topic.endsWith(payer.slice(2)))))
        .map(([block]) => ({ blockNumber: word(block), data: '0x' }));
    },
  };
  return { rpc, asked };
}

const payers = [CONFIG.payer];
const other = { ...CONFIG, payer: `0x${'13'.repeat(20)}` as const };

describe('channels that accounts have paid into', () => {
  test('are found by whoever paid, wherever they stand in the span, and no stranger’s of the same block', async () => {
    const { rpc, asked } = server(
      25_000n,
      new Map([
        [3n, [CONFIG, other]],
        [24_999n, [other]],
      ]),
    );
    const found = await findChannels(network, [rpc], { payers, before: undefined });
    expect(found).toEqual({ channels: [{ id: ID, config: CONFIG }], from: 0n, since: 0, answered: 1 });
    expect(asked).toEqual([
      [15_001n, 25_000n],
      [5_001n, 15_000n],
      [0n, 5_000n],
    ]);
  });

  test('are looked for a month at a time, and further back from there, without a gap', async () => {
    const { rpc, asked } = server(2_000_000n, new Map([[100n, [CONFIG]]]));
    const first = await findChannels(network, [rpc], { payers, before: undefined });
    expect(first).toMatchObject({ channels: [], from: 704_001n, since: 2 * 704_001_000 });
    const second = await findChannels(network, [rpc], { payers, before: first.from });
    expect(second).toMatchObject({ channels: [{ id: ID }], from: 0n });
    for (const [at, [, to]] of asked.slice(1).entries()) expect(to).toBe(asked[at]![0] - 1n);
  });

  test('are asked for in spans that the server takes; what was not reached is said', async () => {
    const { rpc, asked } = server(2_000_000n, new Map(), 1_250n);
    const { from } = await findChannels(network, [rpc], { payers, before: undefined });
    expect(asked.every(([lowest, to]) => to - lowest < 1_250n)).toBe(true);
    expect(from).toBe(asked.at(-1)![0]);
    expect(from).toBeGreaterThan(704_001n);
    expect(asked.length).toBeLessThanOrEqual(400);
  });

  test('are found where one of two servers leaves them out, or does not answer', async () => {
    const silent: Rpc = {
      ...server(0n, new Map()).rpc,
      request: () => Promise.reject(new ChainError('unreachable', 'it')),
    };
    const knows = server(25_000n, new Map([[3n, [CONFIG]]])).rpc;
    const hides = server(25_000n, new Map()).rpc;
    for (const rpcs of [
      [hides, knows],
      [knows, hides],
    ]) {
      expect(await findChannels(network, rpcs, { payers, before: undefined })).toMatchObject({
        ...{ channels: [{ id: ID }], answered: 2 },
      });
    }
    expect(await findChannels(network, [silent, knows], { payers, before: undefined })).toMatchObject({ answered: 1 });
    await expect(findChannels(network, [silent, silent], { payers, before: undefined })).rejects.toThrow('unreachable');
  });

  test.each<[string, unknown]>([
    ['no list', { logs: [] }],
    ['an event of another block', [{ blockNumber: word(90_000n), data: dataOf(CONFIG) }]],
    ['an event without a block', [{ data: '0x' }]],
    ['nothing in the list', [null]],
  ])('are not looked for at a server that answers with %s', async (_, answer) => {
    const { rpc } = server(25_000n, new Map());
    const lies: Rpc = {
      ...rpc,
      request: async (method, params) => (method === 'eth_getLogs' ? answer : rpc.request(method, params)),
    };
    await expect(findChannels(network, [lies], { payers, before: undefined })).rejects.toThrow('bad_answer');
  });
});

test('the id of a channel is computed from its event’s data, and data of another form is refused', () => {
  const data = dataOf(CONFIG);
  expect(readCreated(network, data)).toEqual({ id: ID, config: CONFIG });
  const tooLong = data.replace(/0{59}15180(?=5a)/, 'f'.repeat(64));
  expect(tooLong).not.toBe(data);
  for (const broken of ['0x', data.slice(0, -2), `${data}00`, tooLong]) {
    expect(() => readCreated(network, broken)).toThrow('bad_answer');
  }
});
