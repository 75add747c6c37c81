// Who stands behind a relay: the key that it is paid to, or where nobody pays it, the one that its configuration names for the directory.

import type { SigningKey } from 'ethers/crypto';
import type { Hex } from '../../src/core/payment/hex.ts';
import { NETWORKS, type Network } from '../../src/chain/rail/networks.ts';
import type { RelayConfig } from '../config/schema.ts';
import { loadPaymentKey } from '../payment-key.ts';

export type DirectoryPayee = { network: Network; key: SigningKey; address: Hex };

/** Throws `KeyFileError`. Undefined without either. */
export async function loadPayee({
  payments,
  directory,
}: Pick<RelayConfig, 'payments' | 'directory'>): Promise<DirectoryPayee | undefined> {
  const named = payments ?? directory?.payee;
  if (named === undefined) return undefined;
  const { key, address } = await loadPaymentKey(named.key);
  return { network: NETWORKS[named.network], key, address };
}
