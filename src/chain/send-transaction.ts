// One transaction of the person's own: what it costs is asked, it is tried without being sent, signed, and sent. Only the withdrawal that needs no relay takes this way.

import type { SigningKey } from 'ethers/crypto';
import { Transaction } from 'ethers/transaction';
import { AskingError } from '../core/payment/payment-problem.ts';
import { asHash, type Hex } from '../core/payment/hex.ts';
import type { Call } from './rail/calldata.ts';
import { ChainError } from './rail/chain-error.ts';
import { asQuantity, type Rpc } from './rpc.ts';

/** Of the gas that the chain says it takes: other transactions come between. */
const GAS_MARGIN_PERCENT = 130n;
/** A withdrawal takes 53,000; a server that says much more wants fees to be burnt. */
const MAX_GAS = 500_000n;
/** 10 gwei: a thousand times what Base usually takes. With `MAX_GAS` it bounds what a lying server can make a person burn. */
const MAX_FEE_WEI = 10_000_000_000n;

/** Resolves with its hash when the server has taken it. Throws `ChainError`, `AskingError` payment-no-gas. @param key not kept */
export async function sendTransaction(
  rpc: Rpc,
  { chainId, from, call }: { chainId: number; from: Hex; call: Call },
  key: SigningKey,
): Promise<Hex> {
  const ask = async (method: string, params: unknown[]): Promise<bigint> =>
    asQuantity(await rpc.request(method, params), method);
  const [nonce, price, coins, estimate] = await Promise.all([
    ask('eth_getTransactionCount', [from, 'pending']),
    ask('eth_gasPrice', []),
    ask('eth_getBalance', [from, 'latest']),
    ask('eth_estimateGas', [{ from, to: call.to, data: call.data }]),
  ]);
  const gasLimit = (estimate * GAS_MARGIN_PERCENT) / 100n;
  const fee = price * 2n;
  if (gasLimit > MAX_GAS || fee > MAX_FEE_WEI) throw new ChainError('call_failed', 'the chain asks for too much gas');
  if (coins < gasLimit * fee) throw new AskingError('payment-no-gas');
  const transaction = Transaction.from({
    type: 2,
    chainId,
    nonce: Number(nonce),
    to: call.to,
    data: call.data,
    gasLimit,
    maxFeePerGas: fee,
    maxPriorityFeePerGas: price / 10n,
  });
  transaction.signature = key.sign(transaction.unsignedHash);
  const hash = await rpc.request('eth_sendRawTransaction', [transaction.serialized]);
  try {
    return asHash(hash);
  } catch {
    throw new ChainError('bad_answer', 'eth_sendRawTransaction was answered with no hash');
  }
}
