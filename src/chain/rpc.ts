// JSON-RPC over an injected fetch, with limits of time and size. Through which path it goes (the circuit, or the network of the person) is
// for whoever makes the fetch to say. The RPC's URL is never in an error: it may hold an access token.

import type { Hex } from '../core/payment/hex.ts';
import { ChainError } from './rail/chain-error.ts';
import type { ChainReader } from './rail/network-check.ts';
import type { Read } from './rail/reads.ts';

/** A round trip through two relays and a slow server; nobody waits longer for a number. */
export const RPC_TIMEOUT_MS = 15_000;
/** The largest answer that is asked for is a contract's code: 24 KiB (EIP-170), twice that in hexadecimal. */
export const RPC_MAX_BYTES = 256 * 1024;

export type RpcInit = {
  /** http or https. */
  url: string;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  timeoutMs?: number;
  maxBytes?: number;
};

export type Block = 'latest' | 'safe' | { number: bigint };

export type Rpc = {
  /** The `result` of a call. Throws `ChainError`. */
  request: (method: string, params: readonly unknown[], options?: { signal?: AbortSignal }) => Promise<unknown>;
  /** What contracts say at a block. */
  at: (block: Block, options?: { signal?: AbortSignal }) => ChainReader;
};

export function createRpc(init: RpcInit): Rpc {
  const { url, timeoutMs = RPC_TIMEOUT_MS, maxBytes = RPC_MAX_BYTES } = init;
  let lastId = 0;

  const request: Rpc['request'] = async (method, params, { signal } = {}) => {
    const id = (lastId += 1);
    const timeout = AbortSignal.timeout(timeoutMs);
    const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    try {
      const response = await init.fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        cache: 'no-store',
        redirect: 'error',
        signal: either,
      });
      return readAnswer(await readText(response, maxBytes), id, method);
    } catch (error) {
      if (error instanceof ChainError) throw error;
      if (signal?.aborted === true) throw error;
      // No cause: what fetch throws may hold the URL.
      if (timeout.aborted) throw new ChainError('too_slow', `${method} was not answered within ${timeoutMs} ms`);
      throw new ChainError('unreachable', `${method} could not be asked`);
    }
  };

  return { request, at: (block, options) => readerAt(request, block, options) };
}

function readerAt(request: Rpc['request'], block: Block, options: { signal?: AbortSignal } | undefined): ChainReader {
  const tag = typeof block === 'string' ? block : `0x${block.number.toString(16)}`;
  return {
    chainId: async () => Number(asQuantity(await request('eth_chainId', [], options), 'eth_chainId')),
    code: async (address: Hex) => asData(await request('eth_getCode', [address, tag], options), 'eth_getCode'),
    read: async <T>({ call, parse, what }: Read<T>) =>
      parse(asData(await request('eth_call', [call, tag], options), what)),
  };
}

/** Bounded before it is read: the length that is announced, and what then comes. */
async function readText(response: Response, maxBytes: number): Promise<string> {
  const tooLarge = (): ChainError => new ChainError('too_large', `the answer is larger than ${maxBytes} bytes`);
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    await response.body?.cancel();
    throw tooLarge();
  }
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const piece = await reader?.read();
    if (piece?.value === undefined) return text + decoder.decode();
    bytes += piece.value.length;
    if (bytes > maxBytes) {
      await reader?.cancel();
      throw tooLarge();
    }
    text += decoder.decode(piece.value, { stream: true });
  }
}

function readAnswer(text: string, id: number, method: string): unknown {
  const answer = parseJson(text, method);
  if (typeof answer !== 'object' || answer === null || !('id' in answer) || answer.id !== id) {
    throw new ChainError('bad_answer', `${method} was answered with no JSON-RPC, or with another call’s answer`);
  }
  if ('error' in answer && answer.error != null)
    throw new ChainError('call_failed', `${method}: ${errorText(answer.error)}`);
  if (!('result' in answer)) throw new ChainError('bad_answer', `${method} was answered without a result`);
  return answer.result;
}

function parseJson(text: string, method: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ChainError('bad_answer', `${method} was answered with something that is no JSON`);
  }
}

/** A few plain characters of what the server says: it is shown to nobody but in a log, and must not write lines of its own there. */
function errorText(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
  return typeof message === 'string' ? message.replace(/[^\x20-\x7e]/g, '?').slice(0, 200) : 'it failed';
}

/** @throws ChainError */
export function asQuantity(value: unknown, what: string): bigint {
  if (typeof value !== 'string' || !/^0x[0-9a-f]{1,64}$/.test(value)) {
    throw new ChainError('bad_answer', `${what} was answered with no number`);
  }
  return BigInt(value);
}

function asData(value: unknown, what: string): string {
  if (typeof value !== 'string' || !/^0x([0-9a-fA-F]{2})*$/.test(value)) {
    throw new ChainError('bad_answer', `${what} was answered with no bytes`);
  }
  return value;
}
