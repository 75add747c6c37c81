// The answer of the registry's `page(uint256,uint256)`, `(Relay[] relays, uint256 total)`, read word by word. ethers takes 130 ms for a page of 200 relays, and a directory
// is read from two servers in 100 of them. Only the one form that a contract writes is read: each part where the one before it ends
// (https://docs.soliditylang.org/en/latest/abi-spec.html), so that nothing is read twice and no size is believed. Used by registry.ts.

import type { Hex } from '../../core/payment/hex.ts';

/** As they stand there: `payee` of 20 bytes, `leavesAt` 0 while it stays. */
export type PageEntry = { peerKey: Hex; payee: Hex; leavesAt: number; addresses: Hex };

/** In hexadecimal digits. */
const WORD = 64;
const ADDRESS_DIGITS = 40;
const WORD_BYTES = 32;
/** Six words of a relay before its addresses. */
const RELAY_HEAD_BYTES = 6 * WORD_BYTES;

/** @param data `0x` and hexadecimal digits. Throws `TypeError` for anything that is not exactly this. */
export function parseRegistryPage(data: string): { entries: PageEntry[]; total: bigint } {
  const digits = data.slice(2).toLowerCase();
  let at = 0;
  const word = (): string => {
    const found = digits.slice(at, (at += WORD));
    if (found.length !== WORD) throw new TypeError('it ends inside of a word');
    return found;
  };
  const number = (bits: number): number => {
    const value = BigInt(`0x${word()}`);
    if (value >= 1n << BigInt(bits)) throw new TypeError('not a number of its type');
    return Number(value);
  };
  const expect = (value: number): void => {
    if (number(53) !== value) throw new TypeError('a part is not where the one before it ends');
  };

  expect(2 * WORD_BYTES);
  const total = BigInt(`0x${word()}`);
  // Whatever is announced, the first word that is not there ends it.
  const count = number(32);
  const offsets = Array.from({ length: count }, () => number(53));
  const entries: PageEntry[] = [];
  const start = at - count * WORD;
  for (const offset of offsets) {
    if (start + 2 * offset !== at) throw new TypeError('a relay is not where the one before it ends');
    const peerKey: Hex = `0x${word()}`;
    const payee = word();
    if (!/^0{24}/.test(payee)) throw new TypeError('not an address');
    number(96);
    number(40);
    const leavesAt = number(40);
    expect(RELAY_HEAD_BYTES);
    const length = 2 * number(32);
    const end = at + length;
    const addresses: Hex = `0x${digits.slice(at, end)}`;
    at = at + Math.ceil(length / WORD) * WORD;
    if (at > digits.length || !/^0*$/.test(digits.slice(end, at))) throw new TypeError('addresses without their end');
    entries.push({ peerKey, payee: `0x${payee.slice(-ADDRESS_DIGITS)}`, leavesAt, addresses });
  }
  if (at !== digits.length) throw new TypeError('something follows');
  return { entries, total };
}
