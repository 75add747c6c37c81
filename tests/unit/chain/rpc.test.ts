// JSON-RPC over a real connection to a server on this machine that answers wrongly in every way it can; two of them that disagree; and a chain that is
// not the one of the table. The right chain is tests/integration/chain.test.ts.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AbiCoder, id as hashOf } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readBalance, readChannelState } from '../../../src/chain/channel-state.ts';
import { checkRpcs } from '../../../src/chain/check-network.ts';
import { ChainError } from '../../../src/chain/rail/chain-error.ts';
import { CHANNEL_CONFIG_TYPEHASH } from '../../../src/chain/rail/channel-id.ts';
import { NETWORKS } from '../../../src/chain/rail/networks.ts';
import { domainSeparator, tokenDomain } from '../../../src/chain/rail/typed-data.ts';
import { VOUCHER_TYPEHASH } from '../../../src/chain/rail/voucher.ts';
import { createRpc, type Rpc } from '../../../src/chain/rpc.ts';
import { readByBoth } from '../../../src/chain/two-rpcs.ts';

const network = NETWORKS.devnet;
const SECRET = 'access-token-of-the-person';
const CHANNEL = `0x${'c4'.repeat(32)}` as const;

/** What the chain of the next requests is like. */
type Chain = {
  chainId: string;
  height: string;
  blockHash: string;
  code: Record<string, string>;
  /** By the name of the view; undefined reverts. */
  views: Record<string, string | undefined>;
};

const word = (...values: (bigint | string)[]): string =>
  AbiCoder.defaultAbiCoder().encode(
    values.map((value) => (typeof value === 'bigint' ? 'uint256' : 'bytes32')),
    values,
  );
const domain = (name: string, version: string, chainId: bigint, contract: string): string =>
  AbiCoder.defaultAbiCoder().encode(
    ['bytes1', 'string', 'string', 'uint256', 'address', 'bytes32', 'uint256[]'],
    ['0x0f', name, version, chainId, contract, `0x${'00'.repeat(32)}`, []],
  );

const right: Chain = {
  chainId: '0x7a69',
  height: '0x64',
  blockHash: `0x${'b1'.repeat(32)}`,
  code: {},
  views: {
    'eip712Domain()': domain('x402 Batch Settlement', '1', 31337n, network.escrow),
    'VOUCHER_TYPEHASH()': VOUCHER_TYPEHASH,
    'CHANNEL_CONFIG_TYPEHASH()': CHANNEL_CONFIG_TYPEHASH,
    'decimals()': word(6n),
    'DOMAIN_SEPARATOR()': domainSeparator(tokenDomain(network)),
    'channels(bytes32)': word(2_000_000n, 5n),
    'pendingWithdrawals(bytes32)': word(7n, 1_800_000_000n),
    'refundNonce(bytes32)': word(3n),
    'balanceOf(address)': word(11n),
  },
};

type Question = { id: number; method: string; params: unknown[] };
type Answer = (question: Question, response: ServerResponse) => void;

const send = (response: ServerResponse, value: unknown): void => void response.end(JSON.stringify(value));
const as =
  (chain: Chain): Answer =>
  ({ id, method, params }, response) => {
    const result = (): unknown => {
      switch (method) {
        case 'eth_chainId':
          return chain.chainId;
        case 'eth_blockNumber':
          return chain.height;
        case 'eth_getBlockByNumber':
          return { hash: chain.blockHash };
        case 'eth_getCode':
          return chain.code[params[0] as string] ?? '0x6000';
        default: {
          const { data, to } = params[0] as { data: string; to: string };
          const names = Object.keys(chain.views).filter(
            (name) => hashOf(name.split(' ')[0]!).slice(0, 10) === data.slice(0, 10),
          );
          const name = names.find((each) => each.endsWith(` ${to}`)) ?? names.find((each) => !each.includes(' '));
          return chain.views[name ?? ''];
        }
      }
    };
    const value = result();
    send(
      response,
      value === undefined ? { id, error: { code: 3, message: 'execution reverted' } } : { id, result: value },
    );
  };

let answers: Answer[] = [];
const asked: { path: string; question: Question; headers: IncomingMessage['headers'] }[] = [];
const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    const question = JSON.parse(Buffer.concat(pieces).toString()) as Question;
    asked.push({ path: request.url ?? '', question, headers: request.headers });
    answers[Number(request.url?.split('/')[1])]!(question, response);
  });
});
beforeAll(async () => new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready)));
afterAll(async () => {
  server.closeAllConnections();
  return new Promise<void>((ended) => server.close(() => ended()));
});

function rpc(answer: Answer, limits: { timeoutMs?: number; maxBytes?: number } = {}): Rpc {
  answers = [...answers, answer];
  const { port } = server.address() as AddressInfo;
  return createRpc({ url: `http://127.0.0.1:${port}/${answers.length - 1}/${SECRET}`, fetch, ...limits });
}

async function errorOf(act: Promise<unknown>): Promise<ChainError> {
  const error = await act.then(
    () => new Error('nothing thrown'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ChainError)) throw error;
  expect(`${error.message} ${String(error.cause)} ${error.stack ?? ''}`).not.toContain(SECRET);
  return error;
}

describe('a call', () => {
  test('is answered, and says nothing of the person', async () => {
    expect(await rpc(as(right)).request('eth_chainId', [])).toBe('0x7a69');
    expect(asked.at(-1)!.headers).not.toHaveProperty('referer');
    expect(asked.at(-1)!.headers).not.toHaveProperty('cookie');
  });

  const code = async (answer: Answer, limits?: { timeoutMs?: number; maxBytes?: number }) =>
    (await errorOf(rpc(answer, limits).request('eth_chainId', []))).code;

  test.each<[string, Answer, string]>([
    ['another call’s answer', (_, response) => send(response, { id: 99, result: '0x1' }), 'bad_answer'],
    ['no JSON', (_, response) => void response.end('<html>'), 'bad_answer'],
    ['nothing', (_, response) => void response.end(), 'bad_answer'],
    ['no result', ({ id }, response) => send(response, { id }), 'bad_answer'],
    ['an error', ({ id }, response) => send(response, { id, error: { message: 'no' } }), 'call_failed'],
    ['a cut connection', (_, response) => void response.destroy(), 'unreachable'],
    [
      'a way to somebody else',
      (_, response) => void response.writeHead(307, { location: '/0/x' }).end(),
      'unreachable',
    ],
  ])('answered with %s is a named error', async (_, answer, expected) => {
    expect(await code(answer)).toBe(expected);
  });

  test('that is not answered ends in time, also when the answer trickles', async () => {
    expect(await code(() => undefined, { timeoutMs: 50 })).toBe('too_slow');
    expect(await code((_, response) => void response.write('{'), { timeoutMs: 50 })).toBe('too_slow');
  });

  test('is read up to its limit only, announced or not', async () => {
    const long = 'x'.repeat(5_000);
    expect(await code((_, response) => void response.end(long), { maxBytes: 4_096 })).toBe('too_large');
    const endless: Answer = (_, response) => {
      const push = (): void => {
        while (!response.destroyed && response.write(long));
        if (!response.destroyed) response.once('drain', push);
      };
      push();
    };
    expect(await code(endless, { maxBytes: 100_000 })).toBe('too_large');
  });

  test('can be given up', async () => {
    const controller = new AbortController();
    const asking = rpc(() => controller.abort(new Error('enough'))).request('eth_chainId', [], {
      signal: controller.signal,
    });
    await expect(asking).rejects.toThrow('enough');
  });

  test('what a server says of a failure cannot write lines into a log', async () => {
    const message = `no\n{"event":"relay-ready"}\u202e${'x'.repeat(500)}`;
    const error = await errorOf(rpc(({ id }, response) => send(response, { id, error: { message } })).request('a', []));
    expect(error.message).toMatch(/^[\x20-\x7e]{1,250}$/);
  });
});

describe('a channel', () => {
  test('is read', async () => {
    const reader = rpc(as(right)).at('safe');
    expect(await readChannelState(network, CHANNEL, reader)).toEqual({
      balance: 2_000_000n,
      totalClaimed: 5n,
      withdrawal: { amount: 7n, initiatedAt: 1_800_000_000n },
      refundNonce: 3n,
    });
    expect(await readBalance(network, network.escrow, reader)).toBe(11n);
    expect(asked.at(-1)!.question.params[1]).toBe('safe');
  });

  test.each(['0x', '0x00', `0x${'ff'.repeat(64)}`, 'zz', 7, null])(
    'answered with %s is a named error',
    async (result) => {
      const reader = rpc(({ id }, response) => send(response, { id, result })).at('latest');
      expect((await errorOf(readChannelState(network, CHANNEL, reader))).code).toBe('bad_answer');
    },
  );
});

describe('the network of the table', () => {
  const check = async (change: Partial<Chain>) => checkRpcs(network, [rpc(as({ ...right, ...change }))]);
  const views = (change: Chain['views']): Partial<Chain> => ({ views: { ...right.views, ...change } });

  test('is taken', async () => check({}));

  test('is taken where its token shows its domain instead of the hash', async () => {
    const shown = { [`eip712Domain() ${network.token.address}`]: domain('USDC', '2', 31337n, network.token.address) };
    await check(views({ 'DOMAIN_SEPARATOR()': undefined, ...shown }));
  });

  test.each<[string, Partial<Chain>, string, RegExp]>([
    ['another chain', { chainId: '0x2105' }, 'wrong_chain', /has the chain id 31337, and this server says 8453/],
    [
      'no escrow',
      { code: { [network.escrow]: '0x' } },
      'wrong_contract',
      /no contract at 0x4020074e\w+ on .* where the escrow/,
    ],
    ['no collector', { code: { [network.collector]: '0x' } }, 'wrong_contract', /where the deposit collector/],
    ['no token', { code: { [network.token.address]: '0x' } }, 'wrong_token', /where the token/],
    [
      'an escrow of another name',
      views({ 'eip712Domain()': domain('Batch Settlement', '1', 31337n, network.escrow) }),
      'wrong_contract',
      /name is "Batch Settlement" where its name is "x402 Batch Settlement" here/,
    ],
    [
      'an escrow that signs for another chain',
      views({ 'eip712Domain()': domain('x402 Batch Settlement', '1', 8453n, network.escrow) }),
      'wrong_contract',
      /chain id is 8453 where its chain id is 31337/,
    ],
    [
      'another voucher',
      views({ 'VOUCHER_TYPEHASH()': `0x${'11'.repeat(32)}` }),
      'wrong_contract',
      /another struct Voucher/,
    ],
    [
      'another channel',
      views({ 'CHANNEL_CONFIG_TYPEHASH()': `0x${'11'.repeat(32)}` }),
      'wrong_contract',
      /another struct ChannelConfig/,
    ],
    ['a token of 18 decimals', views({ 'decimals()': word(18n) }), 'wrong_token', /6 decimals, and this token has 18/],
    [
      'a token of another domain',
      views({ 'DOMAIN_SEPARATOR()': `0x${'11'.repeat(32)}` }),
      'wrong_token',
      /of the token/,
    ],
    [
      'a token that shows no domain',
      views({ 'DOMAIN_SEPARATOR()': undefined, [`eip712Domain() ${network.token.address}`]: undefined }),
      'wrong_token',
      /shows no such domain/,
    ],
    ['an escrow without its domain', views({ 'eip712Domain()': undefined }), 'call_failed', /eip712Domain|reverted/],
  ])('with %s is refused in words', async (_, change, code, words) => {
    const error = await errorOf(check(change));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(words)]);
  });
});

describe('two servers', () => {
  const ask = async (a: Partial<Chain>, b: Partial<Chain>) =>
    readByBoth([rpc(as({ ...right, ...a })), rpc(as({ ...right, ...b }))], async (reader) =>
      readChannelState(network, CHANNEL, reader),
    );

  test('that agree are believed, also a few blocks apart, and both are asked about the lower block', async () => {
    asked.length = 0;
    expect(await ask({ height: '0x64' }, { height: '0x6a' })).toMatchObject({ balance: 2_000_000n });
    const blocks = asked
      .filter(({ question }) => question.method === 'eth_call')
      .map(({ question }) => question.params[1]);
    expect(new Set(blocks)).toEqual(new Set(['0x64']));
  });

  test.each<[string, Partial<Chain>, RegExp]>([
    [
      'about the balance',
      { views: { ...right.views, 'channels(bytes32)': word(9n, 5n) } },
      /"balance":"2000000".*"balance":"9"/,
    ],
    ['about a withdrawal', { views: { ...right.views, 'pendingWithdrawals(bytes32)': word(0n, 0n) } }, /withdrawal/],
    ['about the chain itself', { blockHash: `0x${'b2'.repeat(32)}` }, /different blocks of number 100/],
    ['about how far it has come', { height: '0xa1' }, /61 blocks behind/],
  ])('that disagree %s stop everything', async (_, change, words) => {
    const error = await errorOf(ask({}, change));
    expect([error.code, error.message]).toEqual(['rpcs_disagree', expect.stringMatching(words)]);
  });

  test('of which one fails are not enough', async () => {
    const broken = rpc((_, response) => void response.end('{}'));
    const error = await errorOf(readByBoth([rpc(as(right)), broken], async (reader) => reader.chainId()));
    expect(error.code).toBe('bad_answer');
  });
});
