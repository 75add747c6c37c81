// `conet-relay status` of running relays: what it says, for whom, and what it says nothing about; and what it makes of a socket that is none of a relay's.

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askStatus } from '../../relay/status/ask-status.ts';
import { serveStatus } from '../../relay/status/serve-status.ts';
import { status as describeStatus } from '../../relay/cli/status.ts';
import { circuitName, openTunnel, receive } from '../support/relay-client.ts';
import { makeHello } from '../support/relay-hello.ts';
import { eventually } from '../support/eventually.ts';
import {
  createRelayBench,
  libp2pAddress,
  tunnelsPort,
  type RelayBench,
  type RelayProcess,
} from '../support/relay-process.ts';
import { VERSION } from '../../relay/version.ts';

const MAIN = resolve(import.meta.dirname, '../../relay/main.ts');
const SIZE = 3_000_000;
/** Of the browser; nobody else is there. */
const CLIENT = '127.0.1.177';

let bench: RelayBench;
let entry: RelayProcess;
let exit: RelayProcess;
beforeAll(async () => {
  bench = await createRelayBench();
  entry = await bench.startEntry({ ledger: 'books.db' });
  exit = await bench.startRawExit([libp2pAddress(entry)]);
  await entry.event('entry-exit-connected');
});
afterAll(() => bench.clean());

const ofEntry = (): string => join(bench.folder, 'books.db.sock');
const ofExit = (): string => join(bench.folder, `${exit.name}.key.sock`);

test('says circuits, bytes and other relays; nothing of who came and where to', async () => {
  expect(await askStatus(ofEntry())).toMatchObject({
    peer: entry.identity.label,
    entry: { tunnels: { open: 0, opened: 0, fromSockets: 0, fromStreams: 0 }, exits: [exit.identity.label] },
    ...{ earnings: [], channels: { open: 0, closing: 0 } },
  });
  const first = openTunnel(entry, exit, `send ${SIZE}`);
  await receive(first);
  first.end();
  // A second one stays open, from an address of its own.
  const socket = connect({ ...tunnelsPort(entry), localAddress: CLIENT, allowHalfOpen: true });
  socket.write(Buffer.concat([makeHello({ serverName: circuitName(exit) }), Buffer.from('echo\nfind-me.example')]));
  await once(socket, 'data');
  await eventually(async () => expect((await askStatus(ofEntry())).entry?.tunnels.open).toBe(1));

  const [atEntry, atExit] = [await askStatus(ofEntry()), await askStatus(ofExit())];
  expect(atEntry.entry?.tunnels).toMatchObject({ open: 1, opened: 2 });
  expect(atEntry.entry?.tunnels.fromStreams).toBeGreaterThan(SIZE);
  expect(atExit).toMatchObject({ exit: { tunnels: { open: 1, opened: 2 }, entries: [entry.identity.label] } });
  expect(atExit.exit?.tunnels.fromSockets).toBe(atEntry.entry?.tunnels.fromStreams);
  expect(atExit).not.toHaveProperty('earnings');
  const listens = `127.0.1.31:${tunnelsPort(entry).port}`;
  expect(atEntry.entry?.listens).toEqual([listens]);
  const said = JSON.stringify([atEntry, atExit]).replace(listens, '');
  expect(said).not.toMatch(/127\.|find-me|example/);
  expect(said).not.toContain(String(socket.localPort));
  socket.destroy();
});

test('the command says it in lines, or as the relay does; of one that does not run it says that', async () => {
  const config = join(bench.folder, `${entry.name}.yaml`);
  const relay = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((done) => {
      execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
        done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
    });
  const asJson = await relay('status', '--config', config, '--json');
  expect(asJson).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(asJson.stdout)).toMatchObject({ peer: entry.identity.label, version: VERSION });

  const lines = await describeStatus(ofEntry(), { json: false, now: Date.now() });
  expect(lines[0]).toMatch(new RegExp(`^relay ${entry.identity.label}, version ${VERSION}, up for 0 h 0 min$`));
  expect(lines[1]).toMatch(/^entry: \d circuits open, 2 since the start, \d\.\d MiB carried; exits connected: 1$/);
  expect(lines.at(-1)).toBe(`  exit  ${exit.identity.label}`);

  const listening = ['127.0.1.31:443', '[::1]:443'];
  const way = `/dns4/192-0-2-1.${entry.identity.label}.relay.test/tcp/443/tls/ws/p2p/${entry.identity.peerId.toString()}`;
  const told = { ...(await askStatus(ofEntry())), addresses: [way] };
  told.entry!.listens = listening;
  const other = await serveStatus(join(bench.folder, 'told.sock'), pino({ level: 'silent' }), () => told);
  expect((await describeStatus(join(bench.folder, 'told.sock'), { json: false, now: 0 })).slice(2, 4)).toEqual([
    'listens at 127.0.1.31:443, [::1]:443',
    `begin with it by ${way}`,
  ]);
  await other();

  const none = join(bench.folder, 'other.key.sock');
  await expect(describeStatus(none, { json: false, now: 0 })).rejects.toThrow(
    `${none}: it does not run, or has no status socket`,
  );
});

test('it is for the relay’s own user alone, goes with the relay, and what a killed one left is no trouble', async () => {
  expect(statSync(ofEntry()).mode & 0o777).toBe(0o600);
  const one = await bench.startEntry();
  const path = join(bench.folder, `${one.name}.key.sock`);
  one.signal('SIGKILL');
  await one.ended;
  await expect(askStatus(path)).rejects.toMatchObject({ code: 'not-running' });
  expect(statSync(path).isSocket()).toBe(true);
  const again = await bench.restartEntry(one);
  expect((await askStatus(path)).peer).toBe(one.identity.label);
  again.signal('SIGTERM');
  expect(await again.ended).toBe(0);
  expect(() => statSync(path)).toThrow('ENOENT');
});

test('what another relay serves, or what is no socket, is left alone; the relay runs without', async () => {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  const read = () => ({ version: '0', peer: exit.identity.label, since: 0 });
  const close = await serveStatus(ofEntry(), log, read);
  expect(lines.splice(0).join()).toContain('another relay serves the status socket');
  await close();
  expect((await askStatus(ofEntry())).peer).toBe(entry.identity.label);

  const path = join(bench.folder, 'mine.sock');
  writeFileSync(path, 'mine');
  await (
    await serveStatus(path, log, read)
  )();
  expect(lines.splice(0).join()).toContain('something else is where the status socket should be');
  expect(statSync(path).size).toBe(4);

  // What cannot be read is no end of the relay, and its words may say anything: only their kind is told.
  const failing = join(bench.folder, 'failing.sock');
  const stop = await serveStatus(failing, log, () => {
    throw new TypeError('a secret');
  });
  await expect(askStatus(failing)).rejects.toMatchObject({ code: 'no-answer' });
  expect(lines.join()).toContain('"reason":"TypeError"');
  expect(lines.join()).not.toContain('secret');
  await stop();
});

describe('a socket that is none of a relay’s', () => {
  const serve = async (name: string, answer: (socket: Socket) => void): Promise<string> => {
    const path = join(bench.folder, name);
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      answer(socket);
    }).listen(path);
    await once(server, 'listening');
    server.unref();
    return path;
  };

  test.each([
    ['says nothing', 'no-answer', () => undefined],
    ['hangs up', 'no-answer', (socket: Socket) => void socket.destroy()],
    ['says no JSON', 'bad-answer', (socket: Socket) => void socket.end('hello')],
    ['says another thing', 'bad-answer', (socket: Socket) => void socket.end('{"version":1}')],
    [
      'never ends',
      'bad-answer',
      (socket: Socket) => {
        const more = (): void => {
          if (!socket.destroyed) socket.write(Buffer.alloc(65_536, ' '), more);
        };
        more();
      },
    ],
  ])('%s: %s', async (name, code, answer) => {
    const path = await serve(`${name}.sock`, answer);
    await expect(askStatus(path, 500)).rejects.toMatchObject({ name: 'StatusError', code });
  });
});
