// One view of a contract: how it is called, and its answer parsed. Used by reads.ts and registry.ts, one table of views each.

import type { Interface } from 'ethers/abi';
import type { Hex } from '../../core/payment/hex.ts';
import type { Call } from './calldata.ts';
import { ChainError } from './chain-error.ts';

export type Read<T> = {
  /** For error texts: what is read. */
  what: string;
  call: Call;
  /** Throws `ChainError` bad_answer. */
  parse: (data: string) => T;
};

export type View = <T>(to: Hex, method: string, values: unknown[], shape: (result: unknown[]) => T) => Read<T>;

/** `shape` throws for what is not of its type. */
export function createView(views: Interface): View {
  return (to, method, values, shape) => ({
    what: method,
    call: { to, data: views.encodeFunctionData(method, values) as Hex },
    parse: (data) => {
      try {
        const result = views.decodeFunctionResult(method, data);
        // ethers cuts values to their type and overlooks what follows; a contract writes exactly this.
        if (views.encodeFunctionResult(method, [...result]) !== data.toLowerCase()) throw new TypeError('not its type');
        return shape([...result]);
      } catch (cause) {
        throw new ChainError('bad_answer', `${method} of ${to} was answered with something else`, { cause });
      }
    },
  });
}

export function asBigint(value: unknown): bigint {
  if (typeof value !== 'bigint') throw new TypeError('not a number of the contract');
  return value;
}
