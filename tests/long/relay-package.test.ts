// The relay as it is handed out: the tarball is installed into an empty folder without a network, and runs. What stands in packaging names what is there.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { VERSION } from '../../relay/version.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const packaging = (name: string): string => readFileSync(join(ROOT, 'packaging', name), 'utf8');

let folder: string;
let installed: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'package-'));
  await run(process.execPath, [join(ROOT, 'scripts/pack-relay.ts'), '--out', folder]);
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const tarball = join(folder, `conet-relay-${VERSION}.tgz`);
  // With this Node, which is what the package asks for; the npm of the machine may have an older one.
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts', tarball], { cwd: folder });
  installed = join(folder, 'node_modules/conet-relay');
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const relay = async (...args: string[]): Promise<string> => {
  const env = { PATH: process.env['PATH'], HOME: folder };
  return (await run(join(folder, 'node_modules/.bin/conet-relay'), args, { cwd: folder, env })).stdout;
};

test('conet-relay --version, and a relay that checks out', async () => {
  expect(await relay('--version')).toBe(`${VERSION}\n`);
  const answers = ['--operator', 'family', '--region', 'DE', '--addresses', '192.0.2.1', '--zone', 'relays.example'];
  expect(await relay('init', '--dir', 'own', '--network', 'none', ...answers)).toContain('wrote own/relay.yaml');
  expect(await relay('peer-id', '--config', 'own/relay.yaml')).toMatch(/^\{"peerId":"12D3Koo\w+","label":"k51/);
});

test('it holds what it says and needs no registry: no test, no key, no source of the extension', () => {
  for (const file of [
    'LICENSE',
    'README.md',
    'docs/operators.md',
    'packaging/conet-relay.service',
    'relay/ledger/writer-thread.js',
  ])
    expect(existsSync(join(installed, file)), file).toBe(true);
  for (const file of ['tests', 'background', 'popup', 'node_modules/typescript', 'node_modules/vitest'])
    expect(existsSync(join(installed, file)), file).toBe(false);
});

test('the container file copies the tarball that is packed, and starts the program that is in it', () => {
  const text = packaging('Containerfile');
  expect(text).toContain(`COPY dist/conet-relay-${VERSION}.tgz`);
  const program = /ENTRYPOINT \["node", "\/opt\/conet-relay\/node_modules\/conet-relay\/([^"]+)"\]/.exec(text)?.[1];
  expect(existsSync(join(installed, program ?? '-'))).toBe(true);
  expect(text).toMatch(/^USER 10001:10001$/m);
});

test('the systemd unit is one, and is closed to what a relay needs not', async () => {
  const unit = packaging('conet-relay.service');
  const limits = {
    ...{ NoNewPrivileges: 'true', ProtectSystem: 'strict', CapabilityBoundingSet: 'CAP_NET_BIND_SERVICE' },
    ...{
      AmbientCapabilities: 'CAP_NET_BIND_SERVICE',
      User: 'conet-relay',
      Restart: 'on-failure',
      LimitNOFILE: '65536',
    },
  };
  for (const [name, value] of Object.entries(limits)) expect(unit).toContain(`\n${name}=${value}\n`);
  // Commands that it runs are the package's.
  const commands = [...unit.matchAll(/^Exec\w+=\/usr\/bin\/env conet-relay (.*)$/gm)].map(([, words]) => words);
  expect(commands).toEqual([
    'check --offline --config /etc/conet-relay/relay.yaml',
    '--config /etc/conet-relay/relay.yaml',
  ]);
  if (!existsSync('/usr/bin/systemd-analyze')) return;
  const file = join(ROOT, 'packaging/conet-relay.service');
  const { stderr } = await run('systemd-analyze', ['verify', file]);
  expect(stderr).toBe('');
  const { stdout } = await run('systemd-analyze', ['security', '--offline=true', file]);
  // Of 10; a unit without any of it has 9.6.
  expect(Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThan(2);
});
