// The zone's name server against programs that are not ours: dig, and unbound as the resolver of a client, with minimised names, random letter case, hardening against
// what lies below an NXDOMAIN, and client subnets sent on.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as dnsPacket from 'dns-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startNameServer, type NameServer } from '../../relay/zone/dns/server.ts';
import { freePort, runProgram, startProgram, type Program } from '../support/program.ts';
import { CHALLENGE, PEER, queryBytes, testZone, ZONE_NAME } from '../support/zone-dns.ts';

const HOST = '127.0.5.1';
const hasIPv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));
const challenges = new Map([[PEER, [CHALLENGE]]]);
const zone = testZone({
  challengesOf: (peer) => challenges.get(peer) ?? [],
  nameServers: Array.from({ length: 16 }, (_, index) => `${'n'.repeat(50)}${index}.elsewhere.test`),
});

let server: NameServer;
let port: number;

beforeAll(async () => {
  server = await startNameServer({ zone, listen: [{ host: HOST, port: 0 }] });
  port = server.addresses[0]!.port;
});

afterAll(() => server.close());

const dig = (...words: string[]): Promise<string> =>
  runProgram('dig', [`@${HOST}`, '-p', String(port), '+tries=1', '+time=5', '+norecurse', ...words]);

describe('dig', () => {
  test('sees addresses, challenges and the zone itself', async () => {
    const short = (name: string, type: string) => dig('+short', name, type);
    expect(await short(`192-0-2-7.${PEER}.${ZONE_NAME}`, 'A')).toBe('192.0.2.7\n');
    expect(await short(`2001-db8--7.${PEER}.${ZONE_NAME}`, 'AAAA')).toBe('2001:db8::7\n');
    expect(await short(`_acme-challenge.${PEER}.${ZONE_NAME}`, 'TXT')).toBe(`"${CHALLENGE}"\n`);
    expect(await short(ZONE_NAME, 'SOA')).toMatch(/ hostmaster\.zone\.test\. 1 86400 7200 3600000 300\n/);
    expect(await short(ZONE_NAME, 'CAA')).toBe('0 issue "ca.test"\n');
  });

  test('tells what is not there from what has no data', async () => {
    expect(await dig(`www.${ZONE_NAME}`)).toMatch(/status: NXDOMAIN.*\n.*flags: qr aa;.*AUTHORITY: 1/);
    expect(await dig(`${PEER}.${ZONE_NAME}`)).toMatch(/status: NOERROR.*\n.*flags: qr aa;.*ANSWER: 0, AUTHORITY: 1/);
    expect(await dig('example.org')).toMatch(/status: REFUSED/);
    expect(await dig(ZONE_NAME, 'ANY')).toContain('HINFO\t"RFC8482" ""');
    expect(await dig(ZONE_NAME, 'AXFR')).toContain('Transfer failed');
  });

  test('is given the client subnet back with scope 0, and the size of the server', async () => {
    const answer = await dig('+subnet=198.51.100.0/24', `192-0-2-7.${PEER}.${ZONE_NAME}`);
    expect(answer).toContain('CLIENT-SUBNET: 198.51.100.0/24/0');
    expect(answer).toContain('udp: 1232');
    expect(answer).not.toMatch(/WARNING|Got bad packet|malformed/);
  });

  test('comes over TCP for an answer that was cut', async () => {
    expect(await dig('+noedns', '+ignore', ZONE_NAME, 'NS')).toMatch(/flags: qr aa tc;.*ANSWER: 0/);
    const answer = await dig('+noedns', ZONE_NAME, 'NS');
    expect(answer).toMatch(/Truncated, retrying in TCP mode/);
    expect(answer).toMatch(/flags: qr aa;.*ANSWER: 16/);
    expect(await dig('+tcp', '+short', `192-0-2-7.${PEER}.${ZONE_NAME}`)).toBe('192.0.2.7\n');
  });
});

test.skipIf(!hasIPv6)('the same over IPv6, where the machine has it', async () => {
  const six = await startNameServer({ zone, listen: [{ host: '::1', port: 0 }] });
  try {
    const words = ['@::1', '-p', String(six.addresses[0]!.port), '+short', `192-0-2-7.${PEER}.${ZONE_NAME}`];
    expect(await runProgram('dig', words)).toBe('192.0.2.7\n');
    expect(await runProgram('dig', [...words, '+tcp'])).toBe('192.0.2.7\n');
  } finally {
    await six.close();
  }
});

describe('unbound', () => {
  let folder: string;
  let resolver: Program;
  let tap: Tap;
  let resolverPort: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'conet-unbound-'));
    tap = await startTap({ host: HOST, port });
    resolverPort = await freePort(HOST);
    const path = join(folder, 'unbound.conf');
    await writeFile(
      path,
      [
        'server:',
        `  interface: ${HOST}@${resolverPort}`,
        `  directory: "${folder}"`,
        '  username: ""',
        '  chroot: ""',
        `  pidfile: "${folder}/pid"`,
        '  use-syslog: no',
        '  logfile: ""',
        '  num-threads: 1',
        '  do-not-query-localhost: no',
        // What resolvers of today do, each of which a careless name server fails.
        '  qname-minimisation: yes',
        '  qname-minimisation-strict: yes',
        '  harden-below-nxdomain: yes',
        '  use-caps-for-id: yes',
        '  harden-referral-path: no',
        '  module-config: "subnetcache iterator"',
        `  send-client-subnet: ${HOST}/32`,
        '  client-subnet-always-forward: yes',
        '  local-zone: "test." nodefault',
        'stub-zone:',
        `  name: "${ZONE_NAME}"`,
        `  stub-addr: ${HOST}@${tap.port}`,
        'remote-control:',
        '  control-enable: no',
        '',
      ].join('\n'),
    );
    resolver = await startProgram('unbound', ['-d', '-c', path], /start of service/);
  });

  afterAll(async () => {
    await resolver.stop();
    await tap.close();
    await rm(folder, { recursive: true });
  });

  const ask = (...words: string[]): Promise<string> =>
    runProgram('dig', [`@${HOST}`, '-p', String(resolverPort), '+tries=1', '+time=5', ...words]);

  test('finds addresses and challenges below a relay that has no data itself', async () => {
    expect(await ask('+short', `192-0-2-8.${PEER}.${ZONE_NAME}`)).toBe('192.0.2.8\n');
    expect(await ask('+short', `_acme-challenge.${PEER}.${ZONE_NAME}`, 'TXT')).toBe(`"${CHALLENGE}"\n`);
    expect(await ask(`www.${ZONE_NAME}`)).toContain('status: NXDOMAIN');
    expect(await ask('+short', `2001-db8--8.${PEER}.${ZONE_NAME}`, 'AAAA')).toBe('2001:db8::8\n');
    expect(tap.queries.some(({ name }) => name !== name.toLowerCase())).toBe(true);
  });

  test('sends the client subnet on, and is told that the answer is for everybody', async () => {
    const from = tap.queries.length;
    const answer = await ask('+subnet=198.51.100.0/24', `192-0-2-9.${PEER}.${ZONE_NAME}`);
    expect(answer).toMatch(/192\.0\.2\.9/);
    const subnets = tap.queries.slice(from).flatMap(({ subnet }) => (subnet === undefined ? [] : [subnet]));
    expect(subnets).toContain('198.51.100.0');
    expect(tap.scopes.length).toBeGreaterThan(0);
    expect(new Set(tap.scopes)).toEqual(new Set([0]));
  });
});

test('TCP: questions in a row, a query that is too long, and a connection that asks nothing', async () => {
  const patient = { connections: 10, perNetwork: 2, questionMs: 300, questions: 3 };
  const limited = await startNameServer({ zone, listen: [{ host: HOST, port: 0 }], limits: { tcp: patient } });
  const target = { host: HOST, port: limited.addresses[0]!.port };
  try {
    const query = queryBytes(`192-0-2-7.${PEER}.${ZONE_NAME}`);
    const length = Buffer.from([0, query.length]);
    // Three answers, cut into bytes on the way; the fourth question ends it.
    const bytes = await exchange(target, Array(4).fill(Buffer.concat([length, query])) as Buffer[]);
    const size = bytes.readUInt16BE(0) + 2;
    expect(bytes.length / size).toBe(3);
    // What is too long is not read, though it would be answered.
    expect(
      await exchange(target, [Buffer.from([0xff, 0xff]), query, Buffer.alloc(0xffff - query.length)]),
    ).toHaveLength(0);
    expect(await exchange(target, [Buffer.from([0])])).toHaveLength(0);
    // Of one network two at once; the third is not let in.
    const held = [connect(target), connect(target)];
    await Promise.all(held.map((socket) => once(socket, 'connect')));
    expect(await exchange(target, [Buffer.concat([length, query])])).toHaveLength(0);
    await Promise.all(held.map((socket) => once(socket, 'close')));
  } finally {
    await limited.close();
  }
});

test('UDP: above the limit some answers are cut, the others are not sent, and TCP still answers', async () => {
  const udp = { burst: 5, perSecond: 0.001, slip: 2, keys: 100 };
  const limited = await startNameServer({ zone, listen: [{ host: HOST, port: 0 }], limits: { udp } });
  const { port } = limited.addresses[0]!;
  const socket = createSocket('udp4');
  try {
    const answers: dnsPacket.Packet[] = [];
    const last = new Promise<void>((resolve) => {
      socket.on('message', (message) => {
        answers.push(dnsPacket.decode(message));
        if (answers.at(-1)?.id === 20) resolve();
      });
    });
    for (let id = 1; id <= 20; id += 1) {
      const query = queryBytes(`192-0-2-7.${PEER}.${ZONE_NAME}`, { id });
      await new Promise((resolve) => socket.send(query, port, HOST, resolve));
    }
    // The twentieth is the fifteenth above the limit, which is not sent; the next one is.
    socket.send(queryBytes(ZONE_NAME, { id: 20 }), port, HOST);
    await last;
    const cut = answers.filter(({ flags = 0 }) => (flags & dnsPacket.TRUNCATED_RESPONSE) !== 0);
    expect({ whole: answers.length - cut.length, cut: cut.length }).toEqual({ whole: 5, cut: 8 });
    expect(cut.every(({ answers = [] }) => answers.length === 0)).toBe(true);
    const short = await runProgram('dig', [
      ...[`@${HOST}`, '-p', String(port), '+tcp', '+short', `192-0-2-7.${PEER}.${ZONE_NAME}`],
    ]);
    expect(short).toBe('192.0.2.7\n');
  } finally {
    socket.close();
    await limited.close();
  }
});

/** Everything that comes back until the end. */
async function exchange(target: { host: string; port: number }, messages: readonly Buffer[]): Promise<Buffer> {
  const socket = connect(target);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => undefined);
  // `once` would reject where the other side resets.
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.once('connect', () => {
    for (const message of messages) socket.write(message);
  });
  await closed;
  return Buffer.concat(chunks);
}

type Tap = {
  port: number;
  queries: { name: string; subnet: string | undefined }[];
  /** Of the client subnets in answers. */
  scopes: number[];
  close(): Promise<void>;
};

/** Between the resolver and the name server: passes packets on, and notes what stands in them. */
async function startTap(target: { host: string; port: number }): Promise<Tap> {
  const front = createSocket('udp4');
  const queries: Tap['queries'] = [];
  const scopes: number[] = [];
  const subnetOf = (message: Buffer): { ip?: string; scopePrefixLength?: number } | undefined => {
    const opt = dnsPacket.decode(message).additionals?.find((record) => record.type === 'OPT');
    return opt?.options.find(({ code }) => (code as unknown) === 8) as { ip?: string } | undefined;
  };
  front.on('message', (message, from) => {
    const [question] = dnsPacket.decode(message).questions ?? [];
    queries.push({ name: question?.name ?? '', subnet: subnetOf(message)?.ip });
    const back = createSocket('udp4');
    back.on('message', (answer) => {
      const subnet = subnetOf(answer);
      if (subnet !== undefined) scopes.push(subnet.scopePrefixLength ?? -1);
      front.send(answer, from.port, from.address);
      back.close();
    });
    back.send(message, target.port, target.host);
  });
  front.bind(0, HOST);
  await once(front, 'listening');
  return {
    port: front.address().port,
    queries,
    scopes,
    close: async () => {
      front.close();
      await once(front, 'close');
    },
  };
}
