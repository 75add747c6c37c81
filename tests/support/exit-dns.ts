// A tiny DNS server (UDP, 127.0.2.53) whose answers a test chooses query by query: the attacker's own, in rebinding tests.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import * as dnsPacket from 'dns-packet';

export type Query = { name: string; type: string };

/** Addresses of the asked family, or a DNS error, or no answer at all. */
export type DnsReply = string[] | 'NXDOMAIN' | 'SERVFAIL' | 'silence';

export type TestDns = {
  /** `address:port`, as the exit's `resolvers` take it. */
  server: string;
  queries: Query[];
  stop(): Promise<void>;
};

/** RCODE in the low bits of the flags (RFC 1035 §4.1.1), with recursion available. */
const FLAGS = { NOERROR: 0x80, NXDOMAIN: 0x83, SERVFAIL: 0x82 };

export async function startDns(reply: (query: Query) => DnsReply): Promise<TestDns> {
  const socket = createSocket('udp4');
  const queries: Query[] = [];
  socket.on('message', (message, from) => {
    const packet = dnsPacket.decode(message);
    const [question] = packet.questions ?? [];
    if (question === undefined) return;
    const { name, type } = question;
    queries.push({ name, type });
    const chosen = reply({ name: name.toLowerCase(), type });
    if (chosen === 'silence') return;
    const answers =
      typeof chosen === 'string'
        ? []
        : chosen
            .filter((address) => address.includes(':') === (type === 'AAAA'))
            .map((data): dnsPacket.Answer => ({ type: type === 'AAAA' ? 'AAAA' : 'A', name, ttl: 0, data }));
    const flags = FLAGS[typeof chosen === 'string' ? chosen : 'NOERROR'];
    const bytes = dnsPacket.encode({ type: 'response', id: packet.id ?? 0, flags, questions: [question], answers });
    socket.send(bytes, from.port, from.address);
  });
  socket.bind(0, '127.0.2.53');
  await once(socket, 'listening');
  return {
    server: `127.0.2.53:${socket.address().port}`,
    queries,
    async stop() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
