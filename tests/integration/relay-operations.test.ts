// What an operator and their monitor see of running relays, and what nobody may see there: two real relays carry traffic of a client, and metrics, log and status are searched for it.
// The configuration is changed under a tunnel that runs.

import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { connect, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { status as describeStatus } from '../../relay/cli/status.ts';
import { eventually } from '../support/eventually.ts';
import { createCreditMeter } from '../support/credit-meter.ts';
import { startDns, type TestDns } from '../support/exit-dns.ts';
import { startTcpOrigin, type Origin } from '../support/exit-origin.ts';
import { startPaidRelays } from '../support/paid-relays.ts';
import { circuitName } from '../support/relay-client.ts';
import {
  createRelayBench,
  libp2pAddress,
  tunnelsPort,
  type RelayBench,
  type RelayProcess,
} from '../support/relay-process.ts';

const MAIN = resolve(import.meta.dirname, '../../relay/main.ts');
/** Names that exist nowhere but in this run, and a client that nobody else is. */
const HOST = `operations-${randomBytes(6).toString('hex')}.example.test`;
const BLOCKED = `blocked-${randomBytes(6).toString('hex')}.example.test`;
const CLIENT = '127.77.41.93';
const OPERATIONS = { operations: { listen: '127.0.0.1:0' } };

let bench: RelayBench;
let dns: TestDns;
let origin: Origin;
let entry: RelayProcess;
let exit: RelayProcess;

beforeAll(async () => {
  bench = await createRelayBench();
  dns = await startDns(({ name, type }) => (type === 'A' && [HOST, BLOCKED].includes(name) ? ['127.0.2.41'] : []));
  origin = await startTcpOrigin((socket) => socket.pipe(socket), '127.0.2.41');
  entry = await bench.startEntry({
    ...OPERATIONS,
    log: { level: 'trace' },
    contact: { abuse: 'abuse@example.org', listen: '127.0.0.1:0' },
  });
  exit = await bench.startExit([libp2pAddress(entry)], exitSection(), {
    ...OPERATIONS,
    log: { level: 'trace' },
    contact: { abuse: 'abuse@example.org' },
  });
  await entry.event('entry-exit-connected');
});
afterAll(async () => {
  await bench.clean();
  await origin.stop();
  await dns.stop();
});

function exitSection(more: object = {}): object {
  return { resolvers: [dns.server], destinations: { allow: ['127.0.2.0/24'], ...more } };
}

describe('metrics and health', () => {
  test('count what passes, at both relays, and are ready', async () => {
    const tunnel = await through(HOST);
    tunnel.write(Buffer.alloc(300_000, 'x'));
    let back = 0;
    while (back < 300_000) back += ((await once(tunnel, 'data')) as [Buffer])[0].length;

    const [atEntry, atExit] = [await metrics(entry), await metrics(exit)];
    expect(atEntry['conet_relay_tunnels{role="entry"}']).toBe(1);
    expect(atExit['conet_relay_tunnels{role="exit"}']).toBe(1);
    for (const direction of ['up', 'down']) {
      expect(atEntry[`conet_relay_tunnel_bytes_total{role="entry",direction="${direction}"}`]).toBeGreaterThan(300_000);
      expect(atExit[`conet_relay_tunnel_bytes_total{role="exit",direction="${direction}"}`]).toBeGreaterThan(300_000);
    }
    expect(atEntry['conet_relay_links{role="entry"}']).toBe(1);
    expect(atExit['conet_relay_links_configured']).toBe(1);
    expect(atExit['conet_relay_exit_requests_total{kind="tunnel"}']).toBe(1);
    expect(atExit['conet_relay_exit_connect_duration_seconds_count']).toBe(1);
    expect(atExit['conet_relay_certificate_expiry_timestamp_seconds{role="exit"}']).toBeGreaterThan(Date.now() / 1000);
    expect(atEntry['conet_relay_open_fds']).toBeGreaterThan(10);
    expect([atEntry['conet_relay_ready'], atExit['conet_relay_ready']]).toEqual([1, 1]);
    for (const relay of [entry, exit]) {
      expect(await ask(relay, '/readyz')).toMatchObject({ status: 200, body: 'ready\n' });
      expect(await ask(relay, '/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    }
    expect((await ask(entry, '/metrics', 'POST')).status).toBe(405);
    expect((await ask(entry, '/')).status).toBe(404);
    tunnel.destroy();
  });

  test('hold no destination, client, port of a client or wallet, and neither do the logs', async () => {
    const before = await metrics(entry);
    // Refusals of each side as well: what fails is what is written about.
    const tunnel = await through(HOST);
    await expect(through(`${HOST}.nowhere`)).rejects.toThrow('502');
    const stranger = connect({ ...tunnelsPort(entry), localAddress: CLIENT });
    stranger.on('error', () => undefined);
    stranger.write(`GET http://${HOST}/ HTTP/1.1\r\n\r\n`);
    stranger.resume();
    await once(stranger, 'close');
    await eventually(async () =>
      expect((await metrics(entry))['conet_relay_tunnels_refused_total{role="entry",code="not-tls"}']).toBe(
        (before['conet_relay_tunnels_refused_total{role="entry",code="not-tls"}'] ?? NaN) + 1,
      ),
    );
    expect((await metrics(exit))['conet_relay_exit_requests_failed_total{code="no-such-name"}']).toBe(1);

    const said = await Promise.all(
      [entry, exit].map(
        async (relay) => (await ask(relay, '/metrics')).body + relay.output() + (await statusOf(relay)),
      ),
    );
    for (const text of said) {
      expect(text, 'control: it says something').toContain('conet_relay_tunnels');
      for (const secret of [HOST, CLIENT, '127.0.2.41', String(origin.port), String(tunnel.localPort)])
        expect(text).not.toContain(secret);
      expect(text).not.toMatch(/0x[0-9a-f]{40}/i);
    }
    const scraped = (await ask(exit, '/metrics')).body + (await ask(entry, '/metrics')).body;
    for (const { identity } of [entry, exit]) expect(scraped).not.toContain(identity.label);
    const labels = new Set([...scraped.matchAll(/[{,](\w+)="/g)].map(([, label]) => label));
    expect([...labels].toSorted()).toEqual(
      ['code', 'direction', 'kind', 'le', 'mode', 'node', 'result', 'role', 'scope', 'state', 'version'].toSorted(),
    );
    tunnel.destroy();
  });

  test('a dashboard asks for nothing that is not there', async () => {
    const text = readFileSync(resolve(MAIN, '../../packaging/grafana-dashboard.json'), 'utf8');
    const asked = [...new Set([...text.matchAll(/conet_relay_\w+/g)].map(([name]) => name))];
    const scraped = `${(await ask(entry, '/metrics')).body}${(await ask(exit, '/metrics')).body}`;
    const there = new Set([...scraped.matchAll(/^(conet_relay_\w+)/gm)].map(([, name]) => name));
    expect(asked.length).toBeGreaterThan(15);
    expect(asked.filter((name) => !there.has(name))).toEqual([]);
    // And the other way: what an operator can read of stands in the guide.
    const guide = readFileSync(resolve(MAIN, '../../docs/operators.md'), 'utf8');
    const documented = [...scraped.matchAll(/^# TYPE (conet_relay_\w+)/gm)].map(([, name]) => name ?? '');
    expect(documented.filter((name) => !guide.includes(name.replace('conet_relay_', '')))).toEqual([]);
  });

  test('an exit without an entry is not ready, and neither is a relay that drains', { timeout: 60_000 }, async () => {
    const alone = await bench.startEntry(OPERATIONS);
    const other = await bench.startExit([libp2pAddress(alone)], {}, OPERATIONS);
    await alone.event('entry-exit-connected');
    // Held by a tunnel, so that it drains and does not end at once.
    const held = connectTls({ ...tunnelsPort(alone), servername: circuitName(other), rejectUnauthorized: false });
    held.on('error', () => undefined);
    await once(held, 'secureConnect');
    expect((await ask(alone, '/readyz')).status).toBe(200);
    alone.signal('SIGTERM');
    await alone.event('relay-draining');
    expect(await ask(alone, '/readyz')).toMatchObject({ status: 503, body: 'draining\n' });
    expect((await ask(alone, '/healthz')).status).toBe(200);
    held.destroy();
    await alone.ended;
    await other.event('exit-entry-lost');
    expect(await ask(other, '/readyz')).toMatchObject({ status: 503, body: 'no-link-to-an-entry\n' });
    expect((await metrics(other))['conet_relay_ready']).toBe(0);
  });
});

describe('a new configuration', () => {
  test('changes destinations, limits and the log under a tunnel that runs; what waits for a start is named', async () => {
    const tunnel = await through(HOST);
    const list = join(bench.folder, 'list.txt');
    writeFileSync(list, `reason: It spreads malware.\n${BLOCKED}\n`);
    expect(await relay('sign-list', list, '--config', configOf(exit))).toMatchObject({ code: 0 });

    await reload(exit, (config) => {
      config['exit'] = {
        ...(config['exit'] as object),
        ...exitSection({ denyPorts: [25], perSecond: 100 }),
        blockLists: [{ file: 'list.txt', signer: exit.identity.label }],
        source: '127.0.2.99',
      };
      config['region'] = 'FR';
      config['log'] = { level: 'info' };
    });
    const line = await exit.event('config-reloaded');
    expect(line['changed']).toEqual(
      expect.arrayContaining([
        'log.level',
        'exit.destinations.perSecond',
        'exit.destinations.denyPorts',
        'exit.blockLists',
      ]),
    );
    expect((await exit.event('config-waits'))['places']).toEqual(['region', 'exit.source']);
    expect(await statusOf(exit)).toContain('waiting for a start of the relay: region, exit.source');
    expect((await metrics(exit))['conet_relay_block_list_entries']).toBe(1);

    // The client is told whose decision it is, and why.
    const refused = await answerOf(BLOCKED);
    expect(refused).toMatch(/^HTTP\/1\.1 403 /);
    expect(refused).toContain('proxy-status: conet-exit; error=http_request_denied; details="policy of this exit"');
    expect(refused).toContain(
      "This exit's operator does not serve this destination; another exit may.\nIt spreads malware.\n",
    );
    // At the level of now nothing is said of requests.
    const from = exit.lines.length;
    await expect(through(`${HOST}.nowhere`)).rejects.toThrow('502');
    expect(exit.lines.slice(from)).toEqual([]);

    tunnel.write('still here');
    expect(String((await once(tunnel, 'data'))[0])).toBe('still here');
    tunnel.destroy();
  });

  test.each([
    ['is no YAML', 'exit: [', 'Flow sequence'],
    ['has an unknown key', '{"limits":{"tunnels":1},GOOD', 'limits.tunnels: unknown key'],
  ])('that %s changes nothing, and says why', async (_what, text, said) => {
    const from = exit.lines.length;
    const good = readFileSync(configOf(exit), 'utf8');
    writeFileSync(configOf(exit), text.replace('GOOD', good.slice(1)));
    exit.signal('SIGHUP');
    const line = await exit.event('config-refused', from);
    expect(String(line['lines'])).toContain(said);
    writeFileSync(configOf(exit), good);
    expect(await answerOf(BLOCKED)).toContain('It spreads malware.');
  });

  test('whose list was changed after it was signed is refused as a whole: the lists of before hold', async () => {
    const from = exit.lines.length;
    writeFileSync(join(bench.folder, 'list.txt'), `reason: Something else.\n`);
    await reload(exit, (config) => (config['log'] = { level: 'debug' }));
    expect(String((await exit.event('config-refused', from))['lines'])).toMatch(
      /list\.txt\.sig is not k51\w+'s signature of it/,
    );
    expect(await answerOf(BLOCKED)).toContain('It spreads malware.');
    expect((await metrics(exit))['conet_relay_config_reloads_total{result="refused"}']).toBe(3);
    // It would not start either.
    expect(await relay('--config', configOf(exit))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('signature') as string,
    });
  });
});

describe('limits', () => {
  test('of connections hold from the next one on, and who is there stays', async () => {
    const tunnel = await through(HOST);
    await reload(entry, (config) => (config['limits'] = { perPrefix: { connections: 1 } }));
    await entry.event('config-reloaded');
    await expect(through(HOST)).rejects.toThrow();
    expect((await metrics(entry))['conet_relay_tunnels_refused_total{role="entry",code="too-many-from-prefix"}']).toBe(
      1,
    );
    tunnel.write('still here');
    expect(String((await once(tunnel, 'data'))[0])).toBe('still here');
    tunnel.destroy();
  });

  test('of tunnels under one lease: the next is refused by name, and may come when one has ended', async () => {
    const relays = await startPaidRelays(undefined, { host: '127.0.1.41', limits: { tunnelsPerLease: 2 } });
    const { port } = relays.lease('a', '127.0.1.141', createCreditMeter());
    const open = (): Socket => {
      const socket = relays.connect('127.0.1.141', port);
      socket.write(relays.opening('echo'));
      socket.write('x');
      return socket;
    };
    const [one, two] = [open(), open()];
    await Promise.all([once(one, 'data'), once(two, 'data')]);
    const three = open();
    await closed(three);
    expect(relays.log.join()).toContain('"code":"too-many-of-lease"');
    expect(relays.arrived()).toBe(2);
    one.destroy();
    await eventually(async () => {
      const again = open();
      expect(
        await Promise.race([
          once(again, 'data').then(
            () => 'served',
            () => 'refused',
          ),
          closed(again),
        ]),
      ).toBe('served');
    });
    two.destroy();
    await relays.close();
  });

  test('of bandwidth: a tunnel waits, loses nothing, and goes on when the limit is lifted', async () => {
    const limit = async (kib: number | undefined): Promise<void> => {
      const from = entry.lines.length;
      await reload(entry, (config) => (config['limits'] = { bandwidthKiB: { total: kib } }));
      await entry.event('config-reloaded', from);
    };
    await limit(256);
    const tunnel = await through(HOST);
    const since = performance.now();
    const sent = randomBytes(192 * 1024);
    tunnel.write(sent);
    const parts: Buffer[] = [];
    const read = async (length: number): Promise<Buffer> => {
      while (Buffer.concat(parts).length < length) parts.push(((await once(tunnel, 'data')) as [Buffer])[0]);
      return Buffer.concat(parts);
    };
    // There and back, 384 KiB: a second and a half, less the burst and one frame.
    expect((await read(sent.length)).equals(sent)).toBe(true);
    expect(performance.now() - since).toBeGreaterThan(500);
    expect((await metrics(entry))['conet_relay_throttles_total{scope="total"}']).toBeGreaterThan(0);
    const more = randomBytes(4 * 1024 * 1024);
    tunnel.write(more);
    await limit(undefined);
    expect((await read(sent.length + more.length)).equals(Buffer.concat([sent, more]))).toBe(true);
    tunnel.destroy();
  });

  test('of descriptors: new tunnels are refused at either relay, and those that run go on', async () => {
    const tunnel = await through(HOST);
    writeFileSync(join(bench.folder, 'list.txt'), `reason: It spreads malware.\n${BLOCKED}\n`);
    const from = exit.lines.length;
    await reload(exit, (config) => (config['limits'] = { fileDescriptors: 64 }));
    await exit.event('config-reloaded', from);
    // Each takes three of the exit's.
    const extra: TLSSocket[] = [];
    const fill = async (): Promise<never> => {
      for (;;) extra.push(await through(HOST));
    };
    await expect(fill()).rejects.toThrow();
    expect(extra.length).toBeLessThan(40);
    tunnel.write('still here');
    expect(String((await once(tunnel, 'data'))[0])).toBe('still here');
    const found = await metrics(exit);
    const shed =
      (found['conet_relay_tunnels_refused_total{role="exit",code="busy"}'] ?? 0) +
      (found['conet_relay_exit_requests_failed_total{code="overloaded"}'] ?? 0);
    expect(shed).toBeGreaterThan(0);
    for (const socket of [tunnel, ...extra]) socket.destroy();
    // Who was full is not so for good.
    (await eventually(() => through(HOST))).destroy();
  });
});

test('who opens the relay’s name, or its address, is told what it is and whom to write to', async () => {
  const own = connectTls({ ...tunnelsPort(entry), servername: circuitName(entry), ca: bench.ca.certificate });
  await once(own, 'secureConnect');
  own.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  let page = '';
  for await (const chunk of own) page += String(chunk);
  expect(page).toMatch(/^HTTP\/1\.1 200 /);
  const { listens } = await entry.event('contact-ready');
  const plain = await (await fetch(`http://${String(listens)}/any/path`)).text();
  const atExit = await answerOf('/', 'GET');
  for (const text of [page, plain, atExit]) expect(text).toContain('Contact for reports of abuse: abuse@example.org');
  expect(plain).toContain(`Relay: ${entry.identity.label}`);
  expect(plain).toContain('It opens no connections to sites');
  expect(atExit).toContain('those of its users');
});

/** A tunnel of the client to the echo server, by name. Rejects with what the exit answered. */
async function through(host: string): Promise<TLSSocket> {
  const socket = await dial();
  socket.write(`CONNECT ${host}:${origin.port} HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (!answer.toString().startsWith('HTTP/1.1 200')) {
    socket.destroy();
    throw new Error(`the exit answered ${answer.toString()}`);
  }
  return socket;
}

async function dial(): Promise<TLSSocket> {
  const socket = connectTls({
    socket: connect({ ...tunnelsPort(entry), localAddress: CLIENT }),
    servername: circuitName(exit),
    ca: bench.ca.certificate,
    ALPNProtocols: ['http/1.1'],
  });
  await once(socket, 'secureConnect');
  socket.on('error', () => undefined);
  return socket;
}

/** In order or by a reset. */
function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

/** The whole answer. @param target a host, or what stands in the first line */
async function answerOf(target: string, method = 'CONNECT'): Promise<string> {
  const socket = await dial();
  const where = method === 'CONNECT' ? `${target}:${origin.port}` : target;
  socket.write(`${method} ${where} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

async function ask(relay: RelayProcess, path: string, method = 'GET'): Promise<{ status: number; body: string }> {
  const { listens } = await relay.event('operations-ready');
  const response = await fetch(`http://${String(listens)}${path}`, { method });
  return { status: response.status, body: await response.text() };
}

async function metrics(relay: RelayProcess): Promise<Record<string, number>> {
  return parse((await ask(relay, '/metrics')).body);
}

/** `name{label="value"}` -> value */
function parse(body: string): Record<string, number> {
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

function configOf({ name }: RelayProcess): string {
  return join(bench.folder, `${name}.yaml`);
}

async function reload(process: RelayProcess, change: (config: Record<string, unknown>) => void): Promise<void> {
  const config = JSON.parse(readFileSync(configOf(process), 'utf8')) as Record<string, unknown>;
  change(config);
  writeFileSync(configOf(process), JSON.stringify(config));
  process.signal('SIGHUP');
}

async function statusOf({ name }: RelayProcess): Promise<string> {
  return (await describeStatus(join(bench.folder, `${name}.key.sock`), { json: false, now: Date.now() })).join('\n');
}

function relay(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    execFile(globalThis.process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}
