// The command line as a person uses it: what is printed, and the exit codes that scripts rely on.

import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestCa } from '../support/certificates.ts';

const MAIN = resolve(import.meta.dirname, '../../relay/main.ts');

const PACKAGE = JSON.parse(readFileSync(resolve(MAIN, '../../package.json'), 'utf8')) as { version: string };

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'relay-cli-'))));
afterAll(() => rmSync(folder, { recursive: true }));

type Result = { code: number; stdout: string; stderr: string };

function relay(...args: string[]): Promise<Result> {
  return new Promise((done) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder }, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

test('--help, --version', async () => {
  const [help, version] = await Promise.all([relay('--help'), relay('--version')]);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain('conet-relay init');
  expect(version.stdout.trim()).toBe(PACKAGE.version);
});

test.each([
  [['--nonsense'], '--nonsense'],
  [['dance', '--config', 'x'], 'no command dance'],
  [[], '--config FILE is missing'],
])('wrong usage %j: code 2 and what to do', async (args, text) => {
  const { code, stderr } = await relay(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(text);
  expect(stderr).toContain('--help');
});

test('a configuration that is not there, or is wrong: code 2 and one line', async () => {
  const missing = await relay('--config', 'nowhere.yaml');
  expect(missing).toMatchObject({ code: 2, stdout: '' });
  expect(missing.stderr).toMatch(/^conet-relay: there is no configuration at nowhere\.yaml.*\n$/);
  writeFileSync(join(folder, 'wrong.yaml'), 'identity: x\noperator: a\nregion: DE\n');
  const wrong = await relay('--config', 'wrong.yaml');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr.trim().split('\n')).toHaveLength(1);
});

test('init, check, peer-id, and a start on a port in use', async () => {
  const first = await relay('init', '--dir', 'new');
  expect(first).toMatchObject({ code: 0, stderr: '' });
  const key = readFileSync(join(folder, 'new/relay.key'));
  const again = await relay('init', '--dir', 'new');
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('exists already');
  expect(readFileSync(join(folder, 'new/relay.key'))).toEqual(key);

  const asked = await relay('peer-id', '--config', 'new/relay.yaml');
  const { peerId, label } = JSON.parse(asked.stdout) as { peerId: string; label: string };
  expect(first.stdout).toContain(peerId);
  expect(label).toMatch(/^k51/);
  // What init writes has no public address yet.
  const nowhere = await relay('address', '--config', 'new/relay.yaml');
  expect(nowhere).toMatchObject({ code: 2, stdout: '' });
  expect(nowhere.stderr).toMatch(/^conet-relay: public: is missing/);
  const told = JSON.stringify({ addresses: ['192.0.2.1'], zone: 'relay.test' });
  writeFileSync(
    join(folder, 'new/told.yaml'),
    `${readFileSync(join(folder, 'new/relay.yaml'), 'utf8')}\npublic: ${told}\n`,
  );
  const line = `/dns4/192-0-2-1.${label}.relay.test/tcp/443/tls/ws/p2p/${peerId}`;
  expect(await relay('address', '--config', 'new/told.yaml')).toEqual({ code: 0, stdout: `${line}\n`, stderr: '' });
  const drawn = await relay('address', '--config', 'new/told.yaml', '--qr');
  expect(drawn.stdout.split('\n')[0]).toBe(line);
  expect(drawn.stdout.split('\n').length).toBeGreaterThan(30);

  const { key: tlsKey, chain } = await (await createTestCa()).issue({ names: [`*.${label}.relay.test`] });
  writeFileSync(join(folder, 'new/tls.key'), tlsKey, { mode: 0o600 });
  writeFileSync(join(folder, 'new/tls.pem'), chain);
  const taken = createServer().listen(0, '127.0.1.32');
  await new Promise((done) => taken.once('listening', done));
  const { port } = taken.address() as AddressInfo;
  const config = (tunnels: string): string =>
    JSON.stringify({
      identity: 'relay.key',
      operator: 'family',
      region: 'DE',
      entry: { tunnels, libp2p: '127.0.1.32:0', certificate: { files: { key: 'tls.key', chain: 'tls.pem' } } },
    });
  writeFileSync(join(folder, 'new/free.yaml'), config('127.0.1.32:0'));
  writeFileSync(join(folder, 'new/taken.yaml'), config(`127.0.1.32:${port}`));

  expect(await relay('check', '--config', 'new/free.yaml')).toMatchObject({ code: 0, stderr: '' });
  const inUse = new RegExp(`^conet-relay: 127\\.0\\.1\\.32:${port}:? .*in use.*\\n$`);
  const checked = await relay('check', '--config', 'new/taken.yaml');
  expect(checked.code).toBe(2);
  expect(checked.stderr).toMatch(inUse);
  const started = await relay('--config', 'new/taken.yaml');
  expect(started.code).toBe(1);
  expect(started.stderr).toMatch(inUse);
  const onLibp2p = await relay('--config', 'new/free.yaml', '--libp2p', `127.0.1.32:${port}`);
  expect(onLibp2p.code).toBe(1);
  expect(onLibp2p.stderr).toMatch(inUse);
  taken.close();

  chmodSync(join(folder, 'new/relay.key'), 0o644);
  const open = await relay('--config', 'new/free.yaml');
  expect(open.code).toBe(2);
  expect(open.stderr).toContain('chmod 600');
});

test('init --identity-only writes a key and nothing else', async () => {
  const made = await relay('init', '--identity-only', '--dir', 'only');
  expect(made.code).toBe(0);
  expect(made.stdout.trim().split('\n')).toHaveLength(1);
  expect(() => readFileSync(join(folder, 'only/relay.yaml'))).toThrow('ENOENT');
});
