// The verdict is the leak tests' oracle: what it lets pass is what a private tab may send.

import * as dnsPacket from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { addressOf, ENTRY_ADDRESSES, PORTS, RESOLVER } from '../../../devnet/laboratory/plan.ts';
import { isGoodbye, readFrame, type Packet } from '../../leak/harness/packets.ts';
import { leaksIn } from '../../leak/harness/verdict.ts';

const ENTRY = ENTRY_ADDRESSES[0]!;
const packet = (change: Partial<Packet>): Packet => ({
  ...{ at: 0, kind: 'tcp-open', from: '26.200.0.2', to: ENTRY, fromPort: 40_000, port: PORTS.tunnels },
  ...{ questions: [], detail: '', payload: undefined },
  ...change,
});
const question = (name: string, to = RESOLVER): Packet =>
  packet({ kind: 'dns', to, port: 53, questions: [{ name, type: 'A' }] });
const verdict = (each: Packet, hosts: string[] = []): string[] =>
  leaksIn([each], { hosts, system: ['maker.example'] }, ['leak.test']).map(({ text }) => text);

describe('the verdict', () => {
  it('lets an entry, names of relay zones and the browser maker be', () => {
    expect(verdict(packet({}))).toEqual([]);
    expect(verdict(question('26-11-0-1.k51peer.north.zone.test'))).toEqual([]);
    expect(verdict(question('_8443._https.26-11-0-1.k51peer.north.zone.test'))).toEqual([]);
    expect(verdict(question('update.maker.example'))).toEqual([]);
  });

  it('names the host of a packet by its address or its question', () => {
    expect(verdict(packet({ to: addressOf('leak.test'), port: 443 }))).toEqual([
      `tcp-open ${addressOf('leak.test')}:443 (leak.test)`,
    ]);
    expect(verdict(question('leak.test'))).toEqual([`dns ${RESOLVER}:53 (A leak.test)`]);
  });

  it.each([
    ['another port of the entry', packet({ port: 22 })],
    ['a datagram to the entry', packet({ kind: 'udp' })],
    ['an exit', packet({ to: '26.13.0.1' })],
    ['a name of a zone, asked of someone else', question('x.north.zone.test', '224.0.0.251')],
    ['a question that cannot be read', packet({ kind: 'dns', to: RESOLVER, port: 53 })],
    ['a name that ends like a zone', question('evil-north.zone.test')],
    ['multicast', packet({ kind: 'other', to: '224.0.0.22', port: 0, detail: 'protocol 2' })],
  ])('calls %s a leak', (_what, each) => {
    expect(verdict(each)).toHaveLength(1);
  });

  it('lets exactly the hosts of normal tabs be', () => {
    expect(verdict(packet({ to: addressOf('d.test') }), ['d.test'])).toEqual([]);
    expect(verdict(question('d.test'), ['d.test'])).toEqual([]);
    expect(verdict(question('x.d.test'), ['d.test'])).toHaveLength(1);
    expect(verdict(packet({ to: addressOf('x.d.test') }), ['d.test'])).toHaveLength(1);
  });
});

describe('reading frames', () => {
  /** Ethernet and IPv4 before the given segment. */
  const frame = (protocol: number, segment: Buffer): Buffer => {
    const header = Buffer.alloc(34);
    header.writeUInt16BE(0x0800, 12);
    header[14] = 0x45;
    header.writeUInt16BE(20 + segment.length, 16);
    header[23] = protocol;
    Buffer.from([26, 200, 0, 2, 22, 1, 2, 3]).copy(header, 26);
    return Buffer.concat([header, segment]);
  };
  const tcp = (flags: number, payload: string): Buffer => {
    const segment = Buffer.alloc(20);
    segment.writeUInt16BE(40_000, 0);
    segment.writeUInt16BE(443, 2);
    segment[12] = 0x50;
    segment[13] = flags;
    return Buffer.concat([segment, Buffer.from(payload)]);
  };

  it('tells what opens a connection, what carries bytes, and what carries none', () => {
    expect(readFrame(1, frame(6, tcp(0x02, '')))).toMatchObject({ kind: 'tcp-open', to: '22.1.2.3', port: 443 });
    expect(readFrame(1, frame(6, tcp(0x18, 'bytes')))).toMatchObject({ kind: 'tcp-data', to: '22.1.2.3' });
    expect(readFrame(1, frame(6, tcp(0x10, '')))).toBeUndefined();
    expect(readFrame(1, frame(6, tcp(0x11, '')))).toBeUndefined();
  });

  it('overlooks no protocol that it does not know', () => {
    expect(readFrame(1, frame(47, Buffer.alloc(8)))).toMatchObject({ kind: 'other', detail: 'protocol 47' });
  });
});

describe('a goodbye of multicast DNS', () => {
  const said = (ttls: number[], type: 'response' | 'query' = 'response', port = 5353): Packet =>
    packet({
      ...{ kind: 'dns', to: '224.0.0.251', port },
      payload: dnsPacket.encode({
        type,
        answers: ttls.map((ttl) => ({ type: 'A', name: 'b2f1.local', ttl, data: '26.200.0.2' })),
      }),
    });

  it('takes back names, and nothing else is one', () => {
    expect(isGoodbye(said([0, 0]))).toBe(true);
    for (const other of [said([0, 120]), said([]), said([0], 'query'), said([0], 'response', 53)]) {
      expect(isGoodbye(other)).toBe(false);
    }
    expect(isGoodbye(packet({ kind: 'dns', port: 5353, payload: Buffer.from('rubbish') }))).toBe(false);
  });
});
