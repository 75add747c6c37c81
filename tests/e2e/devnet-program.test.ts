// `npm run devnet` as a person uses it: one JSON line, circuits that any proxy client can use, nothing left behind however it ends,
// and one clear line for what can go wrong.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NetworkDescription } from '../../devnet/describe.ts';
import type { DevnetState } from '../../devnet/state-file.ts';
import { downloadSha256 } from '../../devnet/sites/download.ts';
import { isExit } from '../support/devnet.ts';
import { isAlive, runDevnetProgram, type Program } from '../support/devnet-process.ts';
import { isLong } from '../support/length.ts';

const run = promisify(execFile);
/** Apart from those that startTestNetwork tries, so that a second network on the same ports is this file's own doing. */
const PORT_BASE = '31000';
const SIGNALS = ['SIGINT', 'SIGKILL'] as const;

let folder: string;
let program: Program;
let network: NetworkDescription;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conet-test-'));
  ({ program, network } = await up());
});
afterAll(async () => {
  program.kill('SIGKILL');
  await program.ended;
  await rm(folder, { recursive: true, force: true });
});

function start(file: string, ...args: string[]): Program {
  return runDevnetProgram(file, args, { CONET_DEVNET_FOLDER: folder });
}

async function up(): Promise<{ program: Program; network: NetworkDescription }> {
  const started = start('main.ts', '--port-base', PORT_BASE);
  const line = await started.line((text) => text.startsWith('{'));
  return { program: started, network: JSON.parse(line) as NetworkDescription };
}

/** curl as the JSON line says: the circuit as proxy, its name resolved by the devnet's own resolver. */
async function curl(url: string, circuit: number, ...more: string[]): Promise<string> {
  const { ca, doh, circuits } = network;
  const proxy = circuits[circuit]?.proxy ?? '';
  const flags = ['--proxy', proxy, '--proxy-cacert', ca, '--cacert', ca, '--doh-url', doh, '--max-time', '30', '-sS'];
  const { stdout } = await run('curl', [...flags, ...more, url]);
  return stdout;
}

describe('curl through the printed circuits', () => {
  test('every circuit carries https, and the site sees its exit', async () => {
    expect(network.circuits).toHaveLength(6);
    const [site] = network.sites;
    for (const index of network.circuits.keys()) {
      const seen = JSON.parse(await curl(`${site?.https}/whoami.json`, index)) as { address: string; secure: boolean };
      expect(seen.secure).toBe(true);
      expect(seen.address).toSatisfy(isExit);
    }
  });

  test('http as well', async () => {
    const seen = JSON.parse(await curl(`${network.sites[0]?.http}/whoami.json`, 0)) as {
      address: string;
      secure: boolean;
    };
    expect(seen).toMatchObject({ secure: false });
    expect(seen.address).toSatisfy(isExit);
  });

  test('a client that cannot use the resolver is helped by the printed address', async () => {
    const [circuit] = network.circuits;
    const { hostname, port } = new URL(circuit?.proxy ?? '');
    const resolve = `${hostname}:${port}:${circuit?.address}`;
    const flags = [
      '--proxy',
      circuit?.proxy ?? '',
      '--proxy-cacert',
      network.ca,
      '--resolve',
      resolve,
      '-sS',
      '--max-time',
      '30',
    ];
    const { stdout } = await run('curl', [...flags, `${network.sites[0]?.http}/whoami.json`]);
    expect((JSON.parse(stdout) as { address: string }).address).toSatisfy(isExit);
  });

  test('a download of 20 MB arrives as it was sent', async () => {
    const size = 20_000_000;
    const url = `${network.sites[2]?.https}/download?bytes=${size}`;
    const { ca, doh, circuits } = network;
    const flags = ['-sS', '--proxy', circuits[0]?.proxy ?? '', '--proxy-cacert', ca, '--cacert', ca, '--doh-url', doh];
    const { stdout } = await run('sh', ['-c', 'curl "$@" | sha256sum', 'sh', ...flags, url]);
    expect(stdout.split(' ')[0]).toBe(downloadSha256(size));
  });
});

describe('starting and ending', () => {
  test('a second network on the same ports says so in one line', async () => {
    const second = start('main.ts', '--port-base', PORT_BASE);
    expect(await second.ended).toBe(1);
    expect(second.output().trim()).toMatch(/^devnet: A port of the devnet is in use .*--port-base \d+\.$/);
  });

  test('a wrong flag is one clear line and the help', async () => {
    const wrong = start('main.ts', '--colour');
    expect(await wrong.ended).toBe(1);
    expect(wrong.output()).toMatch(/^devnet: Unknown option '--colour'/);
  });

  test.each(isLong ? SIGNALS : SIGNALS.slice(0, 1))(
    'after %s no process, no port and no file is left',
    async (signal) => {
      const { relays, pid } = JSON.parse(await readFile(join(folder, 'state.json'), 'utf8')) as DevnetState;
      expect(pid).toBe(program.pid);
      expect(relays.every((relay) => isAlive(relay.pid))).toBe(true);
      const status = start('status.ts');
      expect(await status.ended).toBe(0);
      expect(status.output()).toContain('exit-3');

      program.kill(signal);
      expect(await program.ended).toBe(signal === 'SIGINT' ? 0 : 'SIGKILL');
      await expect.poll(() => relays.some((relay) => isAlive(relay.pid)), { timeout: 15_000 }).toBe(false);
      await expect.poll(() => existsSync(dirname(network.ca)), { timeout: 15_000 }).toBe(false);
      const gone = start('status.ts');
      expect(await gone.ended).toBe(1);
      // The same ports can be had again at once.
      ({ program, network } = await up());
    },
  );
});
