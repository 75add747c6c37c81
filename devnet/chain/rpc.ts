// JSON-RPC to anvil, as little of it as the devnet needs. Everything goes to loopback.

import * as v from 'valibot';
import { DevnetError, messageOf } from '../errors.ts';

export type Hex = `0x${string}`;
export type Rpc = (method: string, ...params: unknown[]) => Promise<unknown>;

/** anvil answers in milliseconds; this only bounds a hang. */
const TIMEOUT_MS = 20_000;
export const HexText = v.custom<Hex>(
  (value) => typeof value === 'string' && /^0x[0-9a-f]*$/i.test(value),
  'not hexadecimal',
);
const Answer = v.union([
  v.object({ result: v.unknown() }),
  v.object({ error: v.object({ code: v.number(), message: v.string() }) }),
]);

/** The function it returns throws DevnetError `chain-refused` where anvil answers an error, or nothing. */
export function connectRpc(url: string): Rpc {
  return async (method, ...params) => {
    const answer = await ask(url, method, params);
    if ('error' in answer) throw new DevnetError('chain-refused', `${method}: ${answer.error.message}`);
    return answer.result;
  };
}

async function ask(url: string, method: string, params: readonly unknown[]): Promise<v.InferOutput<typeof Answer>> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return v.parse(Answer, await response.json());
  } catch (error) {
    throw new DevnetError('chain-refused', `${method}: ${messageOf(error)}`, { cause: error });
  }
}

/** @throws a ValiError for anything that is no hexadecimal string. */
export function parseHex(value: unknown): Hex {
  return v.parse(HexText, value);
}
