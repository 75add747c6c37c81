// The address of a relay as the person types or pastes it, or as a DNSADDR record has it: a multiaddr in text (https://github.com/multiformats/multiaddr) of the worker's way in, by the relay's own
// name. It says where to ask and no more: who answers there has to be the peer in the name. A link is taken as well, with the address in its fragment, which no server is told of.

import ipaddr from 'ipaddr.js';
import { formatCircuitName, parseCircuitName, type CircuitName, type PeerLabel } from '../tunnel/circuit-name.ts';
import { BeginError } from './begin-error.ts';
import { labelOfPeerId } from './peer-key.ts';

/** `address` is that in the host. */
export type BeginAddress = { peer: PeerLabel; host: string; port: number; address: string };

/** A name of 253 characters twice, a peer id of 62, and the protocols; in a link as much again. */
export const MAX_ADDRESS_CHARACTERS = 1024;

/** In one spelling for one place: the form that is stored. */
export function formatBeginAddress({ host, port, address, peer }: BeginAddress): string {
  return `/dns${ipaddr.IPv6.isValid(address) ? 6 : 4}/${host}/tcp/${port}/tls/ws/p2p/${peer}`;
}

/**
 * Forms: `/dns4|dns6|dns/<own name>/tcp/<port>/tls/ws`, with `/tls/sni/<own name>/ws` or `/wss` at its end as well, and `/ip4|ip6/<address>/tcp/<port>/tls/sni/<own name>/ws`; each with `/p2p/<peer id>` or
 * without. Throws `BeginError`.
 */
export function parseBeginAddress(text: string): BeginAddress {
  if (text.length > MAX_ADDRESS_CHARACTERS) throw new BeginError('begin-too-long');
  const parts = partsOf(addressIn(text.trim()));
  const [host, tcp, ...rest] = parts;
  const port = tcp?.protocol === 'tcp' ? portOf(tcp.value) : undefined;
  if (host === undefined || port === undefined || !HOSTS.includes(host.protocol))
    throw new BeginError('begin-not-an-address');
  const last = rest.at(-1);
  const peerPart = last?.protocol === 'p2p' ? last : undefined;
  const way = peerPart === undefined ? rest : rest.slice(0, -1);
  const sni = way[1]?.protocol === 'sni' ? way[1].value : undefined;
  const ways = way.map(({ protocol }) => protocol).join('/');
  if (!WAYS.includes(ways)) throw new BeginError('begin-no-wss');
  const isAddress = host.protocol === 'ip4' || host.protocol === 'ip6';
  const own = ownName(sni ?? (isAddress ? undefined : host.value));
  const dialled = isAddress ? canonical(host.value) : own.address;
  const family = ipaddr.IPv6.isValid(own.address) ? '6' : '4';
  const isOfFamily = host.protocol === 'dns' || host.protocol.endsWith(family);
  const named = isAddress ? own : ownName(host.value);
  const isSame = dialled === own.address && formatCircuitName(named) === formatCircuitName(own);
  if (!isOfFamily || !isSame || (peerPart !== undefined && labelOfPeerId(peerPart.value) !== own.peer))
    throw new BeginError('begin-wrong-peer');
  return { peer: own.peer, host: formatCircuitName(own), port, address: own.address };
}

const HOSTS: readonly string[] = ['ip4', 'ip6', 'dns', 'dns4', 'dns6'];
const WAYS: readonly string[] = ['tls/ws', 'tls/sni/ws', 'wss'];
const WITH_VALUE: readonly string[] = [...HOSTS, 'tcp', 'sni', 'p2p'];
const WITHOUT: readonly string[] = ['tls', 'ws', 'wss'];

type Part = { protocol: string; value: string };

/** What is of another protocol stands without a value: whichever it is, no browser goes that way. */
function partsOf(text: string): Part[] {
  const [before, ...words] = text.split('/');
  if (before !== '' || words.length === 0) throw new BeginError('begin-not-an-address');
  const parts: Part[] = [];
  for (let at = 0; at < words.length;) {
    const protocol = words[at] ?? '';
    const hasValue = WITH_VALUE.includes(protocol);
    const value = hasValue ? (words[at + 1] ?? '') : '';
    const isKnown = hasValue || WITHOUT.includes(protocol);
    if ((hasValue && value === '') || (!isKnown && parts.length < 2)) throw new BeginError('begin-not-an-address');
    parts.push({ protocol, value });
    at += hasValue ? 2 : 1;
  }
  return parts;
}

function addressIn(text: string): string {
  if (!/^https?:\/\//i.test(text)) return text;
  try {
    return decodeURIComponent(new URL(text).hash.slice(1));
  } catch (cause) {
    throw new BeginError('begin-not-an-address', undefined, { cause });
  }
}

function ownName(text: string | undefined): CircuitName {
  if (text === undefined) throw new BeginError('begin-not-own-name');
  try {
    return parseCircuitName(text);
  } catch (cause) {
    throw new BeginError('begin-not-own-name', undefined, { cause });
  }
}

function portOf(text: string): number | undefined {
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0;
  return port > 0 && port <= 65_535 ? port : undefined;
}

/** As names have it; undefined for what is no address. */
function canonical(text: string): string | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text;
  return ipaddr.IPv6.isValid(text) && !text.includes('%') ? ipaddr.IPv6.parse(text).toRFC5952String() : undefined;
}
