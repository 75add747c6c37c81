// A private Tor network: 3 authorities, 4 relays of which clients choose 3, and a client with a SOCKS port. Debian's tor, in its testing mode, which shortens
// the authorities' rounds and allows loopback addresses; nothing that carries traffic is changed.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DevnetError } from '../../devnet/errors.ts';
import type { Lab } from '../lab.ts';
import { CLIENT_ADDRESS, RESOLVER, SITE, SOCKS_PORT, TOR, torAddress } from './plan.ts';
import { TITLES, type Peer } from './peer.ts';
import { startProgram, type Program } from './program.ts';

const run = promisify(execFile);

/** The authorities agree after about two of their rounds of 20 s; then the client learns of it. */
const READY_MS = 180_000;
const POLL_MS = 500;
/** Seconds of the authorities' rounds; the shortest that a testing network keeps in step on two busy cores. */
const ROUND = { interval: 20, delay: 4 };

export async function startTor({ folder, lifeline }: Lab): Promise<Peer> {
  const nodes = Array.from({ length: TOR.authorities + TOR.relays }, (_, index) => ({
    index,
    name: index < TOR.authorities ? `authority${index}` : `relay${index - TOR.authorities}`,
    isAuthority: index < TOR.authorities,
    address: torAddress(index),
    own: join(folder, `tor-${index}`),
  }));
  const resolv = join(folder, 'tor-resolv.conf');
  await writeFile(resolv, `nameserver ${RESOLVER}\n`);
  for (const { own } of nodes) await mkdir(own, { recursive: true, mode: 0o700 });
  const authorities = await Promise.all(nodes.filter(({ isAuthority }) => isAuthority).map(authorityLine));
  const common = [
    ...['TestingTorNetwork 1', 'RunAsDaemon 0', 'Log notice stdout', 'ShutdownWaitLength 0', 'AvoidDiskWrites 1'],
    // As many circuits as there is work: a shared machine would have them time out.
    ...['PathsNeededToBuildCircuits 0.67', 'AssumeReachable 1', ...authorities],
  ];
  const programs: { name: string; program: Program }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(programs.map(({ program }) => program.stop()));
  };
  try {
    for (const { name, own, isAuthority, address } of nodes) {
      const lines = [
        ...common,
        ...[`DataDirectory ${own}`, `Nickname ${name}`, `Address ${address}`, `OutboundBindAddress ${address}`],
        ...[`ORPort ${address}:${TOR.orPort}`, 'SocksPort 0', 'ContactInfo bench'],
        ...(isAuthority ? [`DirPort ${address}:${TOR.dirPort}`, ...VOTES, 'ExitPolicy reject *:*'] : exitLines(resolv)),
      ];
      programs.push({ name, program: await startTorProgram(own, lines, { folder, lifeline }) });
    }
    const own = join(folder, 'tor-client');
    await mkdir(own, { recursive: true, mode: 0o700 });
    const lines = [...common, `DataDirectory ${own}`, `SocksPort ${CLIENT_ADDRESS}:${SOCKS_PORT}`];
    const client = await startTorProgram(own, lines, { folder, lifeline });
    programs.push({ name: 'client', program: client });
    await untilReady(client);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    name: 'tor',
    title: TITLES.tor,
    proxy: { kind: 'socks5', address: CLIENT_ADDRESS, port: SOCKS_PORT },
    processes: programs.map(({ name, program: { pid } }) => ({ name, pid })),
    close,
  };
}

/** Every relay is a guard and an exit to the authorities, whose own measures take days. */
const VOTES = [
  ...['AuthoritativeDirectory 1', 'V3AuthoritativeDirectory 1'],
  ...['TestingDirAuthVoteExit *', 'TestingDirAuthVoteGuard *', 'TestingMinExitFlagThreshold 0'],
  ...[`TestingV3AuthInitialVotingInterval ${ROUND.interval}`, `V3AuthVotingInterval ${ROUND.interval}`],
  ...[`TestingV3AuthInitialVoteDelay ${ROUND.delay}`, `V3AuthVoteDelay ${ROUND.delay}`],
  ...[`TestingV3AuthInitialDistDelay ${ROUND.delay}`, `V3AuthDistDelay ${ROUND.delay}`],
];

const exitLines = (resolv: string): string[] => [
  ...['ExitRelay 1', 'ExitPolicy accept *:*', 'ExitPolicyRejectPrivate 0', `ServerDNSResolvConfFile ${resolv}`],
  ...['ServerDNSDetectHijacking 0', 'ServerDNSTestAddresses'],
];

type Place = Pick<Lab, 'folder' | 'lifeline'>;

async function startTorProgram(own: string, lines: readonly string[], place: Place): Promise<Program> {
  const file = join(own, 'torrc');
  await writeFile(file, lines.map((line) => `${line}\n`).join(''));
  // Not the machine's own defaults (/usr/share/tor/tor-service-defaults-torrc).
  const words = ['/usr/bin/tor', '-f', file, '--defaults-torrc', join(own, 'none'), '--ignore-missing-torrc'] as const;
  return startProgram({ words: [...words], ...place });
}

/** Its line of `DirAuthority`: makes the keys for it. */
async function authorityLine({ name, own, address }: { name: string; own: string; address: string }): Promise<string> {
  const keys = join(own, 'keys');
  await mkdir(keys, { mode: 0o700 });
  const words = ['--create-identity-key', '--passphrase-fd', '0', '-m', '12', '-a', `${address}:${TOR.dirPort}`];
  const child = spawn('tor-gencert', words, { cwd: keys, stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.end('bench\n');
  await once(child, 'close');
  const certificate = await readFile(join(keys, 'authority_certificate'), 'utf8');
  const identity = /^fingerprint ([0-9A-F]{40})$/m.exec(certificate)?.[1];
  const listing = [
    '--list-fingerprint',
    '--DirAuthority',
    `x orport=1 v3ident=${'0'.repeat(40)} 127.0.0.1:1 ${'0'.repeat(40)}`,
  ];
  const config = ['-f', join(own, 'none'), '--ignore-missing-torrc', '--defaults-torrc', join(own, 'none')];
  const server = ['--DataDirectory', own, '--ORPort', String(TOR.orPort), '--Nickname', name, '--quiet'];
  const { stdout } = await run('/usr/bin/tor', [...config, ...server, ...listing]);
  const fingerprint = stdout
    .replace(/^.*?((?:[0-9A-F]{4} ?){10}).*$/s, '$1')
    .replaceAll(' ', '')
    .trim();
  if (identity === undefined || fingerprint.length !== 40) throw new DevnetError('relay-died', `no keys for ${name}`);
  return `DirAuthority ${name} orport=${TOR.orPort} no-v2 v3ident=${identity} ${address}:${TOR.dirPort} ${fingerprint}`;
}

/** Until something comes through: what the client says of itself is early. */
async function untilReady(client: Program): Promise<void> {
  const url = `http://${SITE.host}:${SITE.http}/small`;
  const words = ['--silent', '--fail', '--max-time', '10', '--output', '/dev/null'];
  const deadline = Date.now() + READY_MS;
  for (;;) {
    try {
      await run('curl', [...words, '--socks5-hostname', `${CLIENT_ADDRESS}:${SOCKS_PORT}`, url]);
      return;
    } catch {
      if (Date.now() > deadline)
        throw new DevnetError('relay-late', `no Tor circuit within ${READY_MS / 1000} s: ${client.output().trim()}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
