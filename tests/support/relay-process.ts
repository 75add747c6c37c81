// Relays as real processes for the tests: their files in a temporary folder, ports chosen by the system, their log lines to wait for.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseHostPort } from '../../relay/config/parts.ts';
import { createIdentity, type Identity } from '../../relay/identity.ts';
import { createTestCa } from './certificates.ts';

export type LogLine = Record<string, unknown> & { event?: string };

export type RelayProcess = {
  readonly name: string;
  readonly pid: number;
  readonly identity: Identity;
  readonly lines: readonly LogLine[];
  /** Everything that came out, as text. */
  output(): string;
  /** The first line of this event after the `from`th line, waited for. Rejects when the process ends before. */
  event(name: string, from?: number): Promise<LogLine>;
  signal(signal: NodeJS.Signals): void;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Resident memory in bytes. */
  rss(): number;
};

const ROOT = resolve(import.meta.dirname, '../..');
/** The zone of every name in these tests. */
export const ZONE = 'relay.test';
const DAEMON = join(ROOT, 'relay/main.ts');
const RAW_EXIT = join(ROOT, 'tests/support/relay-raw-exit.ts');

/** A folder for a test file's relays; `clean` ends what still runs and removes it. */
export async function createRelayBench() {
  const folder = mkdtempSync(join(tmpdir(), 'relay-test-'));
  const ca = await createTestCa();
  const running = new Map<ChildProcess, Promise<unknown>>();
  let count = 0;

  const start = async (program: string, name: string, identity: Identity, roles: object): Promise<RelayProcess> => {
    const path = join(folder, `${name}.yaml`);
    const config = { identity: `${name}.key`, operator: name, region: 'DE', ...roles };
    writeFileSync(path, JSON.stringify(config));
    return launch(program, name, identity);
  };

  const launch = async (program: string, name: string, identity: Identity): Promise<RelayProcess> => {
    const path = join(folder, `${name}.yaml`);
    const child = spawn(process.execPath, [program, '--config', path], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: folder }, // what a killed relay leaves behind goes with the folder
    });
    const relay = follow(child, identity, name);
    running.set(child, relay.ended);
    void relay.ended.then(() => running.delete(child));
    await relay.event('relay-ready');
    return relay;
  };

  /** A key, and a certificate for the names with its peer id. */
  const create = async (name: string): Promise<Identity> => {
    const identity = await createIdentity(join(folder, `${name}.key`));
    const { key, chain } = await ca.issue({ names: [`*.${identity.label}.${ZONE}`] });
    writeFileSync(join(folder, `${name}-tls.key`), key, { mode: 0o600 });
    writeFileSync(join(folder, `${name}-tls.pem`), chain);
    return identity;
  };
  const certificateOf = (name: string) => ({ files: { key: `${name}-tls.key`, chain: `${name}-tls.pem` } });

  const startEntry = (
    name: string,
    identity: Identity,
    libp2p: string,
    more: object,
    section: object = {},
  ): Promise<RelayProcess> =>
    start(DAEMON, name, identity, {
      ...more,
      entry: { tunnels: '127.0.1.31:0', libp2p, certificate: certificateOf(name), ...section },
    });

  return {
    folder,
    ca,
    /** The daemon as an entry; the system chooses its ports. @param entry more of that section */
    startEntry: async (more: object = {}, entry: object = {}): Promise<RelayProcess> => {
      const name = `entry${(count += 1)}`;
      return startEntry(name, await create(name), '127.0.1.31:0', more, entry);
    },
    /** The same entry once more, after its end: same key, same port for exits. */
    restartEntry: async (entry: RelayProcess, more: object = {}): Promise<RelayProcess> => {
      const [, port] = /\/tcp\/(\d+)/.exec(libp2pAddress(entry))!;
      return startEntry(entry.name, entry.identity, `127.0.1.31:${port}`, more);
    },
    /** The same exit once more, after its end. */
    restartRawExit: async ({ name, identity }: RelayProcess, entries: string[], more: object = {}) =>
      start(RAW_EXIT, name, identity, { ...more, exit: { entries, certificate: certificateOf(name) } }),
    /** An exit with the raw byte server of raw-proxy.ts in the place of its proxy. */
    startRawExit: async (entries: string[], more: object = {}): Promise<RelayProcess> => {
      const name = `exit${(count += 1)}`;
      const exit = { entries, certificate: certificateOf(name) };
      return start(RAW_EXIT, name, await create(name), { ...more, exit });
    },
    /** The daemon as an exit, its real proxy behind it. @param exit more of that section */
    startExit: async (entries: string[], exit: object = {}, more: object = {}): Promise<RelayProcess> => {
      const name = `exit${(count += 1)}`;
      return start(DAEMON, name, await create(name), {
        ...more,
        exit: { entries, certificate: certificateOf(name), ...exit },
      });
    },
    /** Another process of the same exit, with its configuration file as it is. */
    startBeside: (relay: RelayProcess): Promise<RelayProcess> => launch(DAEMON, relay.name, relay.identity),
    clean: async (): Promise<void> => {
      for (const child of running.keys()) child.kill('SIGKILL');
      await Promise.all(running.values());
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type RelayBench = Awaited<ReturnType<typeof createRelayBench>>;

/** The entry's address for an exit's configuration. */
export function libp2pAddress(entry: RelayProcess): string {
  const [address] = entry.lines.find((line) => line.event === 'relay-ready')?.['libp2p'] as string[];
  return address!;
}

export function tunnelsPort(entry: RelayProcess): { host: string; port: number } {
  return parseHostPort(entry.lines.find((line) => line.event === 'relay-ready')?.['tunnels'] as string)!;
}

function follow(child: ChildProcess, identity: Identity, name: string): RelayProcess {
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  let text = '';
  const wake = (): void => waiting.forEach((check) => check());
  createInterface({ input: child.stdout! }).on('line', (line) => {
    text += `${line}\n`;
    lines.push(JSON.parse(line) as LogLine);
    wake();
  });
  child.stderr!.on('data', (chunk: Buffer) => (text += chunk.toString()));
  let over = false;
  const ended = new Promise<number | NodeJS.Signals>((done) => {
    child.once('close', (code, signal) => {
      over = true;
      done(code ?? signal!);
      wake();
    });
  });
  return {
    name,
    pid: child.pid!,
    identity,
    lines,
    output: () => text,
    event: (name, from = 0) =>
      new Promise((found, failed) => {
        const check = (): void => {
          const line = lines.slice(from).find((candidate) => candidate.event === name);
          if (line === undefined && !over) return;
          waiting.delete(check);
          if (line === undefined) failed(new Error(`the relay ended before ${name}:\n${text}`));
          else found(line);
        };
        waiting.add(check);
        check();
      }),
    signal: (signal) => child.kill(signal),
    ended,
    rss: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) * 1024,
  };
}
