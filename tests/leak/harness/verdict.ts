// The verdict on packets: which of them may a browser with a private tab send? To an entry's port, and questions for names of the relay
// zones. Everything else is a leak, but for what a test expects of its normal tabs and the browser maker's own hosts. Pure.

import {
  addressOf,
  ENTRY_ADDRESSES,
  PORTS,
  RESOLVER,
  UPDATE_HOST,
  ZONE_NAMES,
} from '../../../devnet/laboratory/plan.ts';
import type { Packet } from './packets.ts';

export type Allowed = {
  /** Hosts that normal tabs are on: exactly these. */
  hosts?: readonly string[];
  /** Hosts of the browser's maker, with everything below them. */
  system: readonly string[];
};

export type Leak = {
  packet: Packet;
  /** The host that it was for, where one of the asked-about hosts fits. */
  host: string | undefined;
  /** `tcp-open 22.1.2.3:443 (beacon.new.test)` */
  text: string;
};

/** @param known hosts that packets are told by, besides the names in questions */
export function leaksIn(packets: readonly Packet[], allowed: Allowed, known: Iterable<string> = []): Leak[] {
  const hostAt = new Map([...known].map((host) => [addressOf(host), host]));
  const expected = new Map([...(allowed.hosts ?? []), UPDATE_HOST].map((host) => [addressOf(host), host]));
  return packets.filter((packet) => !isAllowed(packet, allowed, expected)).map((packet) => describe(packet, hostAt));
}

function isAllowed(packet: Packet, allowed: Allowed, expected: ReadonlyMap<string, string>): boolean {
  if (ENTRY_ADDRESSES.includes(packet.to)) {
    return packet.port === PORTS.tunnels && (packet.kind === 'tcp-open' || packet.kind === 'tcp-data');
  }
  if (packet.kind === 'dns' && packet.to === RESOLVER) {
    const names = packet.questions.map(({ name }) => withoutService(name));
    return (
      names.length > 0 &&
      names.every(
        (name) => isWithin(name, ZONE_NAMES) || isWithin(name, allowed.system) || [...expected.values()].includes(name),
      )
    );
  }
  return expected.has(packet.to);
}

function describe(packet: Packet, hostAt: ReadonlyMap<string, string>): Leak {
  const names = packet.questions.map(({ name }) => withoutService(name));
  const host = packet.kind === 'dns' ? names[0] : hostAt.get(packet.to);
  const asked = packet.questions.map(({ name, type }) => `${type} ${name}`).join(', ');
  const about = [asked || host, packet.detail].filter(Boolean).join(', ');
  return { packet, host, text: `${packet.kind} ${packet.to}:${packet.port}${about ? ` (${about})` : ''}` };
}

/** `_8443._https.host` asks for the host on a port that is not the usual one (RFC 9460 §9.1). */
function withoutService(name: string): string {
  return name.replace(/^(?:_[^.]+\.)+/, '');
}

function isWithin(name: string, domains: readonly string[]): boolean {
  return domains.some((domain) => name === domain || name.endsWith(`.${domain}`));
}
