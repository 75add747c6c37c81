// The servers of the chain that the configuration names, asked in their order: who does not answer rests, and the next one is asked. None is
// believed before it has shown that it serves the network of the table, and none whose answers say another chain. Made by create.ts.

import { ChainError, type ChainCode } from '../../src/chain/rail/chain-error.ts';
import { checkNetwork, type ChainReader } from '../../src/chain/rail/network-check.ts';
import type { Network } from '../../src/chain/rail/networks.ts';
import { asQuantity, createRpc, type Block, type Rpc, type RpcInit } from '../../src/chain/rpc.ts';

export type Servers = Rpc & {
  /**
   * Asks each who it is. Throws `ChainError` wrong_chain, wrong_contract or wrong_token where one serves something else: that is a mistake in the
   * configuration. One that cannot be reached is asked again when it is needed. Returns how many are good.
   */
  check(): Promise<number>;
  /** Whether the one that is asked first now still serves the same chain; it is left alone if not. Throws `ChainError`. */
  confirm(): Promise<void>;
};

export type ServersInit = {
  network: Network;
  urls: readonly string[];
  fetch: RpcInit['fetch'];
  timeoutMs?: number;
  /** ms on any clock. */
  now?: () => number;
  /** Called once for each server that turns out to serve another chain: where it stands in the list, from 1. */
  onWrong?: (place: number, error: ChainError) => void;
};

/** One that does not answer costs every question its time limit. */
const REST_MS = 10_000;
const NO_ANSWER: readonly ChainCode[] = ['unreachable', 'too_slow', 'too_large', 'bad_answer'];
const OTHER_CHAIN: readonly ChainCode[] = ['wrong_chain', 'wrong_contract', 'wrong_token'];
/** What public servers say to who asks too much: the next one may answer. */
const ASKED_TOO_OFTEN = /rate.?limit|too many requests|limit exceeded|exceeded.*(quota|limit)|over.*capacity/i;

type Server = { place: number; rpc: Rpc; state: 'unknown' | 'good' | 'wrong'; restsUntil: number };

export function createServers(init: ServersInit): Servers {
  const { network, now = () => performance.now(), onWrong = () => undefined } = init;
  const timeout = init.timeoutMs === undefined ? {} : { timeoutMs: init.timeoutMs };
  const servers = init.urls.map((url, index): Server => {
    return {
      place: index + 1,
      rpc: createRpc({ url, fetch: init.fetch, ...timeout }),
      state: 'unknown',
      restsUntil: 0,
    };
  });

  const rule = (server: Server, error: unknown): void => {
    if (!(error instanceof ChainError)) return;
    if (OTHER_CHAIN.includes(error.code)) {
      server.state = 'wrong';
      onWrong(server.place, error);
    } else if (NO_ANSWER.includes(error.code)) {
      // When it comes back it may be another one.
      server.state = 'unknown';
      server.restsUntil = now() + REST_MS;
    }
  };

  const ensure = async (server: Server): Promise<void> => {
    if (server.state === 'good') return;
    await checkNetwork(network, server.rpc.at('latest'));
    server.state = 'good';
  };

  /** Those that rest come last: they are better than nobody. */
  const inOrder = (): Server[] => {
    const usable = servers.filter(({ state }) => state !== 'wrong');
    const rests = ({ restsUntil }: Server): boolean => restsUntil > now();
    return [...usable.filter((server) => !rests(server)), ...usable.filter(rests)];
  };

  const ask = async <T>(question: (rpc: Rpc) => Promise<T>): Promise<T> => {
    let last: unknown = new ChainError('wrong_chain', 'no server of the configuration serves this network');
    for (const server of inOrder()) {
      try {
        await ensure(server);
        return await question(server.rpc);
      } catch (error) {
        rule(server, error);
        if (!isServersFault(error)) throw error;
        last = error;
      }
    }
    throw last;
  };

  const at = (block: Block): ChainReader => ({
    chainId: async () => ask(async (rpc) => rpc.at(block).chainId()),
    code: async (address) => ask(async (rpc) => rpc.at(block).code(address)),
    read: async (read) => ask(async (rpc) => rpc.at(block).read(read)),
  });

  return {
    request: async (method, params) => ask(async (rpc) => rpc.request(method, params)),
    at,
    check: async () => {
      const outcomes = await Promise.all(
        servers.map(async (server) => {
          try {
            await ensure(server);
            return undefined;
          } catch (error) {
            if (!(error instanceof ChainError)) throw error;
            const { code, message } = error;
            if (!OTHER_CHAIN.includes(code)) {
              rule(server, error);
              return undefined;
            }
            server.state = 'wrong';
            return new ChainError(code, `server ${server.place} of payments.rpc: ${message.replace(`${code}: `, '')}`);
          }
        }),
      );
      const wrong = outcomes.find((error) => error !== undefined);
      if (wrong !== undefined) throw wrong;
      return servers.filter(({ state }) => state === 'good').length;
    },
    confirm: async () =>
      ask(async (rpc) => {
        const actual = Number(asQuantity(await rpc.request('eth_chainId', []), 'eth_chainId'));
        if (actual === network.chainId) return;
        throw new ChainError('wrong_chain', `the server served chain ${network.chainId}, and now says ${actual}`);
      }),
  };
}

/** Whether another server may answer what this one did not. */
function isServersFault(error: unknown): boolean {
  if (!(error instanceof ChainError)) return false;
  if (error.code === 'call_failed') return ASKED_TOO_OFTEN.test(error.message);
  return NO_ANSWER.includes(error.code) || OTHER_CHAIN.includes(error.code);
}
