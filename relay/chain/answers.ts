// Answers of a chain's server about blocks, transactions and logs, read at the edge: another form is a `ChainError` bad_answer. Used by the sender and the settler.

import * as v from 'valibot';
import { ChainError } from '../../src/chain/rail/chain-error.ts';
import { asQuantity, type Rpc } from '../../src/chain/rpc.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import type { GasPrice } from './gas.ts';

/** Where the chain stands. `timestamp` in seconds. */
export type Head = { number: number; timestamp: number; safe: number; baseFee: bigint };
export type Receipt = { succeeded: boolean; block: number; blockHash: Hex };
/** A transaction as a node keeps it, in a block or waiting for one. */
export type KnownTransaction = { to: Hex; data: Hex; maxFeePerGas: bigint; maxPriorityFeePerGas: bigint };
export type Log = { block: number; topics: Hex[] };

/** Lower case, as everything is compared here: servers may write addresses with a checksum. */
const hex = (bytes?: number) =>
  v.pipe(
    v.string(),
    v.regex(bytes === undefined ? /^0x([0-9a-f]{2})*$/i : new RegExp(`^0x[0-9a-f]{${2 * bytes}}$`, 'i')),
    v.transform((text) => text.toLowerCase() as Hex),
  );
const quantity = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{1,64}$/), v.transform(BigInt as (text: string) => bigint));
/** Block numbers and times are far below 2^53. */
const number = v.pipe(
  quantity,
  v.check((value) => value <= BigInt(Number.MAX_SAFE_INTEGER)),
  v.transform((value) => Number(value)),
);

const BlockShape = v.object({ number, timestamp: number, baseFeePerGas: quantity });
const ReceiptShape = v.nullable(v.object({ status: quantity, blockNumber: number, blockHash: hex(32) }));
const TransactionShape = v.nullable(
  v.object({ to: hex(20), input: hex(), maxFeePerGas: quantity, maxPriorityFeePerGas: quantity }),
);
const LogsShape = v.array(v.object({ blockNumber: number, topics: v.array(hex(32)) }));

export async function readHead(rpc: Rpc): Promise<Head> {
  const [latest, safe] = await Promise.all([readBlock(rpc, 'latest'), readBlock(rpc, 'safe')]);
  return { number: latest.number, timestamp: latest.timestamp, safe: safe.number, baseFee: latest.baseFeePerGas };
}

/** @param baseFee of the newest block */
export async function readGasPrice(rpc: Rpc): Promise<GasPrice> {
  const [{ baseFeePerGas: baseFee }, tip] = await Promise.all([
    readBlock(rpc, 'latest'),
    askNumber(rpc, 'eth_maxPriorityFeePerGas', []),
  ]);
  return { baseFee, tip };
}

export async function readReceipt(rpc: Rpc, hash: Hex): Promise<Receipt | undefined> {
  const found = read(ReceiptShape, await rpc.request('eth_getTransactionReceipt', [hash]), 'eth_getTransactionReceipt');
  if (found === null) return undefined;
  return { succeeded: found.status === 1n, block: found.blockNumber, blockHash: found.blockHash };
}

/** Undefined: no node that was asked knows it. */
export async function readTransaction(rpc: Rpc, hash: Hex): Promise<KnownTransaction | undefined> {
  const answer = await rpc.request('eth_getTransactionByHash', [hash]);
  const found = read(TransactionShape, answer, 'eth_getTransactionByHash');
  if (found === null) return undefined;
  const { to, input, maxFeePerGas, maxPriorityFeePerGas } = found;
  return { to, data: input, maxFeePerGas, maxPriorityFeePerGas };
}

export type LogFilter = {
  address: Hex;
  fromBlock: number;
  toBlock: number;
  /** For each place the values that fit. */
  topics: readonly (readonly Hex[])[];
};

export async function readLogs(rpc: Rpc, { address, fromBlock, toBlock, topics }: LogFilter): Promise<Log[]> {
  const range = { fromBlock: toQuantity(fromBlock), toBlock: toQuantity(toBlock) };
  const found = read(LogsShape, await rpc.request('eth_getLogs', [{ address, topics, ...range }]), 'eth_getLogs');
  return found.map((log) => ({ block: log.blockNumber, topics: log.topics }));
}

/** A quantity as a number. Throws `ChainError`. */
export async function askNumber(rpc: Rpc, method: string, params: readonly unknown[]): Promise<bigint> {
  return asQuantity(await rpc.request(method, params), method);
}

export function toQuantity(value: number | bigint): Hex {
  return `0x${value.toString(16)}`;
}

async function readBlock(rpc: Rpc, tag: 'latest' | 'safe'): Promise<v.InferOutput<typeof BlockShape>> {
  return read(BlockShape, await rpc.request('eth_getBlockByNumber', [tag, false]), `the ${tag} block`);
}

function read<const S extends v.GenericSchema>(shape: S, value: unknown, what: string): v.InferOutput<S> {
  const result = v.safeParse(shape, value);
  if (!result.success) throw new ChainError('bad_answer', `${what} was answered with something else`);
  return result.output;
}
