// What a captured frame is, in the words of the verdict: a TCP connection being opened, bytes on one, a datagram, a question to a name
// server. Pure; called by tap.ts.

import * as dnsPacket from 'dns-packet';
import ipaddr from 'ipaddr.js';

export type Packet = {
  /** ms since the epoch. */
  at: number;
  kind: 'tcp-open' | 'tcp-data' | 'udp' | 'dns' | 'other';
  from: string;
  to: string;
  fromPort: number;
  /** 0 where the protocol has none. */
  port: number;
  /** Of `dns`: names and types that were asked for. */
  questions: readonly { name: string; type: string }[];
  /** What else helps to read a report: the server name of a TLS hello, the protocol number. */
  detail: string;
  /** Of a datagram; used by the tap's own marks. */
  payload: Buffer | undefined;
};

const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd, arp: 0x0806 } as const;
const PROTOCOL = { tcp: 6, udp: 17, icmpv6: 58, fragment: 44, hopByHop: 0 } as const;
const ETHERNET_BYTES = 14;
const IPV6_BYTES = 40;
/** SYN without ACK opens a connection. */
const FLAGS = { syn: 0x02, ack: 0x10 } as const;
/** DNS, multicast DNS (RFC 6762), LLMNR (RFC 4795): the same messages. */
export const MULTICAST_DNS_PORT = 5353;
const NAME_PORTS = new Set([53, MULTICAST_DNS_PORT, 5355]);
/** Router and neighbour discovery (RFC 4861), and multicast listener reports (RFC 3810) by which it subscribes: the system's own. */
const DISCOVERY = new Set([130, 131, 132, 133, 134, 135, 136, 143]);

/** Undefined for what is no leak whoever sends it: ARP, neighbour discovery, and TCP segments that carry nothing. */
export function readFrame(at: number, bytes: Buffer): Packet | undefined {
  if (bytes.length < ETHERNET_BYTES) return undefined;
  const type = bytes.readUInt16BE(12);
  const body = bytes.subarray(ETHERNET_BYTES);
  if (type === ETHERTYPE.ipv4) return readIpv4(at, body);
  if (type === ETHERTYPE.ipv6) return readIpv6(at, body);
  if (type === ETHERTYPE.arp) return undefined;
  return other(at, '', '', `ethertype ${type.toString(16)}`);
}

function readIpv4(at: number, body: Buffer): Packet | undefined {
  const headerBytes = ((body[0] ?? 0) & 0x0f) * 4;
  const total = body.readUInt16BE(2);
  const [from, to] = [address(body.subarray(12, 16)), address(body.subarray(16, 20))];
  return readTransport(at, from, to, body[9] ?? 0, body.subarray(headerBytes), total - headerBytes);
}

function readIpv6(at: number, body: Buffer): Packet | undefined {
  let protocol = body[6] ?? 0;
  let start = IPV6_BYTES;
  const [from, to] = [address(body.subarray(8, 24)), address(body.subarray(24, 40))];
  if (protocol === PROTOCOL.hopByHop) {
    protocol = body[start] ?? 0;
    start += ((body[start + 1] ?? 0) + 1) * 8;
  }
  return readTransport(at, from, to, protocol, body.subarray(start), body.readUInt16BE(4) + IPV6_BYTES - start);
}

function readTransport(
  at: number,
  from: string,
  to: string,
  protocol: number,
  segment: Buffer,
  length: number,
): Packet | undefined {
  if (protocol === PROTOCOL.tcp) return readTcp(at, from, to, segment, length);
  if (protocol === PROTOCOL.udp) return readUdp(at, from, to, segment);
  if (protocol === PROTOCOL.icmpv6 && DISCOVERY.has(segment[0] ?? 0)) return undefined;
  return other(at, from, to, `protocol ${protocol}`);
}

function readTcp(at: number, from: string, to: string, segment: Buffer, length: number): Packet | undefined {
  const [fromPort, port] = [segment.readUInt16BE(0), segment.readUInt16BE(2)];
  const headerBytes = ((segment[12] ?? 0) >> 4) * 4;
  const flags = segment[13] ?? 0;
  const base = { at, from, to, fromPort, port, payload: undefined };
  if ((flags & (FLAGS.syn | FLAGS.ack)) === FLAGS.syn) return { ...base, kind: 'tcp-open', questions: [], detail: '' };
  if (length <= headerBytes) return undefined;
  const payload = segment.subarray(headerBytes);
  // Over TCP a message has two bytes of length before it.
  if (NAME_PORTS.has(port)) return { ...base, kind: 'dns', questions: questionsOf(payload.subarray(2)), detail: 'tcp' };
  return { ...base, kind: 'tcp-data', questions: [], detail: '' };
}

function readUdp(at: number, from: string, to: string, segment: Buffer): Packet {
  const [fromPort, port] = [segment.readUInt16BE(0), segment.readUInt16BE(2)];
  const payload = segment.subarray(8);
  const isName = NAME_PORTS.has(port);
  const questions = isName ? questionsOf(payload) : [];
  return { at, kind: isName ? 'dns' : 'udp', from, to, fromPort, port, questions, detail: '', payload };
}

function questionsOf(message: Buffer): { name: string; type: string }[] {
  try {
    const { questions = [] } = dnsPacket.decode(message);
    return questions.map(({ name, type }) => ({ name: name.toLowerCase(), type }));
  } catch {
    return [];
  }
}

/** Whether it only takes back names that were announced before: a response of multicast DNS whose records all live for no time (RFC 6762 §10.1). */
export function isGoodbye({ kind, port, payload }: Packet): boolean {
  if (kind !== 'dns' || port !== MULTICAST_DNS_PORT || payload === undefined) return false;
  try {
    const { type, answers = [] } = dnsPacket.decode(payload);
    return type === 'response' && answers.length > 0 && answers.every((answer) => 'ttl' in answer && answer.ttl === 0);
  } catch {
    return false;
  }
}

/** The same for every segment that the client sends on one connection. */
export function connectionOf({ from, fromPort, to, port }: Packet): string {
  return `${from} ${fromPort} ${to} ${port}`;
}

function other(at: number, from: string, to: string, detail: string): Packet {
  return { at, kind: 'other', from, to, fromPort: 0, port: 0, questions: [], detail, payload: undefined };
}

/** As sites and tests write addresses: IPv6 in its short form. */
function address(bytes: Buffer): string {
  return ipaddr.fromByteArray([...bytes]).toString();
}
