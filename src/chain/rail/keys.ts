// Which key signs for which channel, and by which salt a channel is found again: all from the seed, so that a reinstalled browser finds its money.
// The root is passed in and not kept; nothing here returns a mnemonic.

import { AbiCoder } from 'ethers/abi';
import { computeHmac, keccak256, SigningKey } from 'ethers/crypto';
import { concat, toBeHex } from 'ethers/utils';
import type { HDNodeWallet } from 'ethers/wallet';
import type { Hex } from '../../core/payment/hex.ts';

/** BIP-32 indices are below 2^31. */
const MAX_INDEX = 2 ** 31 - 1;

/** The wallet W: pays deposits, gets money back. BIP-44, coin 60, account 0. */
export function walletPath(index: number): string {
  return `m/44'/60'/0'/0/${asIndex(index)}`;
}

/** The session keys S: one per channel, the channel's payerAuthorizer. Account 1, so that none is ever a wallet of W's. */
export function sessionPath(index: number): string {
  return `m/44'/60'/1'/0/${asIndex(index)}`;
}

/** @param root of the seed, depth 0 */
export function deriveSessionKey(root: HDNodeWallet, index: number): SigningKey {
  return new SigningKey(root.derivePath(sessionPath(index)).privateKey);
}

export type SaltParts = {
  receiver: Hex;
  /** 16 random bytes, drawn once for each installation: two devices on one seed make different channels. */
  deviceId: Hex;
  /** Counted up for each new channel with the same relay, uint64. */
  epoch: bigint;
};

/**
 * The channel's salt, bytes32: known to whoever has the session key and to nobody else before the channel is opened.
 * keccak256(abi.encode("pay/salt/1", HMAC-SHA256(S, receiver, deviceId, epoch))), with the three at 20, 16 and 8 bytes.
 */
export function channelSalt(key: SigningKey, { receiver, deviceId, epoch }: SaltParts): Hex {
  if (!/^0x[0-9a-f]{32}$/.test(deviceId)) throw new RangeError('the device id is not 16 bytes');
  const code = computeHmac('sha256', key.privateKey, concat([receiver, deviceId, toBeHex(epoch, 8)]));
  return keccak256(AbiCoder.defaultAbiCoder().encode(['string', 'bytes32'], ['pay/salt/1', code])) as Hex;
}

function asIndex(index: number): number {
  if (!Number.isInteger(index) || index < 0 || index > MAX_INDEX) throw new RangeError('not an index of BIP-32');
  return index;
}
