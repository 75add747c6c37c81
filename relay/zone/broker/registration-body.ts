// The body of a registration as p2p-forge defines it, `{"value", "addresses"}`, read into a type with limits. Pure; throws `BrokerError`. Go reads names of fields in any
// letter case, and js-libp2p writes `Value`, so this reads both.

import type { Multiaddr } from '@multiformats/multiaddr';
import { multiaddr } from '@multiformats/multiaddr';
import { BrokerError } from './broker-error.ts';

export type RegistrationBody = {
  /** For the TXT record: base64url of a SHA-256 digest. */
  value: string;
  /** Those that can be dialled, by form; at least one. */
  addresses: DialableAddress[];
};

export type DialableAddress = {
  host: string;
  /** Without a peer id at its end. */
  address: Multiaddr;
  /** The peer that it names, if it does. */
  peer: string | undefined;
};

/** More than any relay has; the whole of it has about 5 kB. */
export const MAX_BODY_BYTES = 16 * 1024;
/** Looked at; a relay with more has told us enough. */
const MAX_ADDRESSES = 32;
const MAX_ADDRESS_CHARACTERS = 512;
/** 32 bytes in base64url (RFC 8555 §8.4), whose last digit holds two bits. */
const DIGEST = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

export function parseRegistration(text: string): RegistrationBody {
  const fields = parseFields(text);
  const value = fields.get('value');
  const addresses = fields.get('addresses');
  if (fields.size !== 2 || typeof value !== 'string' || !Array.isArray(addresses)) throw new BrokerError('bad-body');
  if (!DIGEST.test(value)) throw new BrokerError('bad-value');
  const dialable = addresses.slice(0, MAX_ADDRESSES).flatMap((address) => parseAddress(address) ?? []);
  if (dialable.length === 0) throw new BrokerError('no-address');
  return { value, addresses: dialable };
}

function parseFields(text: string): ReadonlyMap<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BrokerError('bad-body');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BrokerError('bad-body');
  const entries = Object.entries(value);
  const fields = new Map(entries.map(([name, field]) => [name.toLowerCase(), field as unknown]));
  if (fields.size !== entries.length) throw new BrokerError('bad-body');
  return fields;
}

/** Names are not resolved, TLS needs the certificate that is being asked for, and relays through others prove nothing: undefined for all these. */
function parseAddress(text: unknown): DialableAddress | undefined {
  if (typeof text !== 'string' || text.length > MAX_ADDRESS_CHARACTERS) return undefined;
  try {
    const [host, port, ...rest] = multiaddr(text).getComponents();
    const peer = rest.at(-1)?.name === 'p2p' ? rest.pop()?.value : undefined;
    const [web, ...more] = rest;
    if (host?.value === undefined || !['ip4', 'ip6'].includes(host.name) || port?.value === undefined) return undefined;
    if (port.name !== 'tcp' || port.value === '0' || more.length > 0 || (web !== undefined && web.name !== 'ws'))
      return undefined;
    const address = multiaddr(`/${host.name}/${host.value}/tcp/${port.value}${web === undefined ? '' : '/ws'}`);
    return { host: host.value, address, peer };
  } catch {
    return undefined;
  }
}
