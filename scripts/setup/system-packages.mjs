// Installs the system packages that the demo and the tests need (Debian, Ubuntu), where root or sudo can; otherwise says the one
// line to run. Called by with-setup.mjs. Never removes or upgrades anything.

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupError } from './npm-packages.mjs';

/** A tool is there when one of its commands or files is; else the first of its packages that apt knows is installed. */
const TOOLS = [
  {
    commands: ['chromium', 'chromium-browser'],
    packages: ['chromium', 'chromium-browser'],
    variable: 'CONET_CHROMIUM',
  },
  { commands: ['firefox-esr', 'firefox'], packages: ['firefox-esr', 'firefox'], variable: 'CONET_FIREFOX' },
  // certutil puts the devnet's certificate authority into throw-away browser profiles.
  { commands: ['certutil'], packages: ['libnss3-tools'] },
  { commands: ['curl'], packages: ['curl'] },
  // The one family of the pictures of `npm run screens` (tests/screens/gallery/fonts.conf).
  { commands: [], files: ['/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'], packages: ['fonts-dejavu-core'] },
  // The leak tests: network namespaces, and the tap on what leaves them.
  { commands: ['ip'], packages: ['iproute2'] },
  { commands: ['tcpdump'], packages: ['tcpdump'] },
  // A screen, a keyboard and a mouse for the tests of shortcuts and menus.
  { commands: ['Xvfb'], packages: ['xvfb'] },
  { commands: ['xdotool'], packages: ['xdotool'] },
  // The tests of zones: a client and a resolver that are not ours, and a certificate authority.
  { commands: ['dig'], packages: ['bind9-dnsutils', 'dnsutils'] },
  { commands: ['unbound'], packages: ['unbound'], service: 'unbound' },
  { commands: ['pebble'], packages: ['pebble'] },
];

/** Beside them, what the bench measures against and with (bench/peers). Debian's units of the first three are not wanted. */
const PEER_TOOLS = [
  { commands: ['squid'], packages: ['squid-openssl'], service: 'squid' },
  { commands: ['haproxy'], packages: ['haproxy'], service: 'haproxy' },
  { commands: ['tor'], packages: ['tor'], service: 'tor' },
  { commands: ['ip'], packages: ['iproute2'] },
  // The delay line (bench/slow-network) for kernels without netem.
  { commands: ['iptables-legacy'], packages: ['iptables'] },
  { commands: ['gcc'], packages: ['gcc'] },
  { commands: [], files: ['/usr/include/stdio.h'], packages: ['libc6-dev'] },
  {
    commands: [],
    files: ['/usr/include/libnetfilter_queue/libnetfilter_queue.h'],
    packages: ['libnetfilter-queue-dev'],
  },
  { commands: [], files: ['/usr/include/libmnl/libmnl.h'], packages: ['libmnl-dev'] },
];

/** Where some programs of these packages lie, which is in the path of root alone. */
const SYSTEM_FOLDERS = ['/usr/sbin'];

/** @param options `peers`: with the programs that the bench stands beside ours */
export function ensureSystemPackages({ peers = false } = {}) {
  const tools = peers ? [...TOOLS, ...PEER_TOOLS] : TOOLS;
  const missing = tools.filter((tool) => !isThere(tool));
  if (missing.length === 0) return;
  const apt = ['apt-get', 'install', '-y', '--no-install-recommends'];
  if (findCommand('apt-get') === undefined) {
    throw new SetupError(
      `please install ${missing.map((tool) => tool.commands[0] ?? tool.packages[0]).join(', ')} (this is not a Debian system)`,
    );
  }
  const prefix = rightToInstall();
  if (prefix === undefined) {
    const packages = missing.map((tool) => tool.packages[0]).join(' ');
    throw new SetupError(`please run:  sudo ${apt.join(' ')} ${packages}`);
  }
  console.error('set-up: refreshing the list of system packages ...');
  run([...prefix, 'apt-get', 'update', '-q']);
  const packages = missing.map((tool) => tool.packages.find(isKnownToApt) ?? tool.packages[0]);
  console.error(`set-up: installing ${packages.join(', ')} ...`);
  const done = run([...prefix, ...apt, '-q', ...packages]);
  // Debian starts what it installs: only the program is wanted, and a resolver of the tests is nobody's resolver.
  for (const { service } of missing) {
    if (service !== undefined && findCommand('systemctl')) run([...prefix, 'systemctl', 'disable', '--now', service]);
  }
  const absent = missing.filter((tool) => !isThere(tool));
  if (done.status !== 0 || absent.length > 0) {
    throw new SetupError(
      `apt could not install ${(absent.length > 0 ? absent : missing).map((tool) => tool.packages[0]).join(', ')}`,
    );
  }
}

function isThere({ commands, files = [], variable }) {
  const isNamed = variable !== undefined && process.env[variable] !== undefined;
  return isNamed || commands.some(findCommand) || files.some((file) => existsSync(file));
}

function findCommand(command) {
  return [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS]
    .map((folder) => join(folder, command))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The words before apt-get: none for root, sudo where it needs no password or a person can type one, undefined otherwise. */
function rightToInstall() {
  if (process.getuid?.() === 0) return [];
  if (findCommand('sudo') === undefined) return undefined;
  if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) return ['sudo', '-n'];
  return process.stdin.isTTY ? ['sudo'] : undefined;
}

function isKnownToApt(name) {
  const answer = spawnSync('apt-cache', ['policy', name], { encoding: 'utf8' });
  return /Candidate: (?!\(none\))/.test(answer.stdout ?? '');
}

function run([command, ...words]) {
  // Configuration questions have no one to answer them here.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, words, { stdio: ['inherit', 2, 2], env });
}
