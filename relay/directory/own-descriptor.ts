// This relay's own entry of the directory: signed anew when what it says has changed, and long before it is over. Never more often than `LEAST_MS`, whatever flickers: each new one
// goes through everybody's directory.

import type { SigningKey } from 'ethers/crypto';
import { encodeDescriptor, MAX_VALIDITY_S, type RelayDescriptor } from '../../src/core/directory/descriptor.ts';
import { peerMessage, type OpenedDescriptor } from '../../src/core/directory/open-descriptor.ts';
import { peerSignature } from '../../src/core/wire/kinds.ts';
import type { Network } from '../../src/chain/rail/networks.ts';
import { signDescriptor } from '../../src/chain/rail/relay-descriptor.ts';
import type { Identity } from '../identity.ts';
import { dated, type Facts } from './describe.ts';

/** After two thirds of a day, and up to a sixth later by chance, so that relays that started together do not renew together. */
const RENEW_MS = (2 / 3) * MAX_VALIDITY_S * 1000;
const RENEW_SPREAD_MS = (1 / 6) * MAX_VALIDITY_S * 1000;

export type OwnInit = {
  identity: Identity;
  payee: { network: Network; key: SigningKey };
  /** Between two, ms. */
  leastMs: number;
  /** 0 <= draw < 1. */
  draw: () => number;
};

export class OwnDescriptor {
  readonly #init: OwnInit;
  #current: OpenedDescriptor | undefined;
  #facts = '';
  #renewAt = 0;
  #signedAt = -Infinity;
  /** The next one is above it. */
  #sequence = 0n;
  #heldBack = false;

  constructor(init: OwnInit) {
    this.#init = init;
  }

  get current(): OpenedDescriptor | undefined {
    return this.#current;
  }

  /** A new one is due, and was not made because the last one is so young. */
  get heldBack(): boolean {
    return this.#heldBack;
  }

  /** Others have one of this key, of another start of this relay, with this number. The next one is above it, and due. */
  surpass(sequence: bigint): void {
    if (sequence < this.#sequence) return;
    this.#sequence = sequence;
    this.#renewAt = 0;
  }

  /** A new one where it is due; undefined where the old one holds. @param now ms since the epoch */
  async renew(facts: Facts, now: number): Promise<OpenedDescriptor | undefined> {
    const text = textOf(facts);
    const due = text !== this.#facts || now >= this.#renewAt;
    // A clock that was put back must not keep a relay from speaking.
    this.#heldBack = due && Math.abs(now - this.#signedAt) < this.#init.leastMs;
    if (!due || this.#heldBack) return undefined;
    // The time is a number that grows over restarts, too. Seconds, as `validFrom` has them: the same number twice costs a compressed page nothing.
    const seconds = BigInt(Math.floor(now / 1000));
    const sequence = this.#sequence >= seconds ? this.#sequence + 1n : seconds;
    const signed = await this.#sign(dated(facts, sequence, now));
    this.#sequence = sequence;
    this.#facts = text;
    this.#signedAt = now;
    this.#renewAt = now + RENEW_MS + this.#init.draw() * RENEW_SPREAD_MS;
    this.#current = signed;
    return signed;
  }

  async #sign(descriptor: RelayDescriptor): Promise<OpenedDescriptor> {
    const { identity, payee } = this.#init;
    const bytes = encodeDescriptor(descriptor);
    return {
      descriptor,
      signed: {
        descriptor: bytes,
        peerSignature: peerSignature.decode(await identity.privateKey.sign(peerMessage(bytes))),
        payeeSignature: signDescriptor(payee.network, descriptor, bytes, payee.key),
      },
    };
  }
}

/** Whether a descriptor says the same but for its times. */
export function saysTheSame(
  { sequence: _s, validFrom: _f, validFor: _v, ...facts }: RelayDescriptor,
  own: Facts,
): boolean {
  return textOf(facts) === textOf(own);
}

/** By field, in the order of their names. */
function textOf(facts: Facts): string {
  return JSON.stringify(facts, (_, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
