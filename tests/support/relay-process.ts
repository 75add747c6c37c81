// Relays as real processes for the tests: their files in a temporary folder, ports chosen by the system, their log lines to wait for.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createIdentity, type Identity } from '../../relay/identity.ts';

export type LogLine = Record<string, unknown> & { event?: string };

export type RelayProcess = {
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
const DAEMON = join(ROOT, 'relay/main.ts');
const RAW_EXIT = join(ROOT, 'tests/support/relay-raw-exit.ts');

/** A folder for a test file's relays; `clean` ends what still runs and removes it. */
export function createRelayBench() {
  const folder = mkdtempSync(join(tmpdir(), 'relay-test-'));
  const running = new Set<ChildProcess>();
  let count = 0;

  const start = async (program: string, identity: Identity, config: object, name: string): Promise<RelayProcess> => {
    const path = join(folder, `${name}.yaml`);
    writeFileSync(
      path,
      JSON.stringify({ identity: join(folder, `${name}.key`), operator: name, region: 'DE', ...config }),
    );
    const child = spawn(process.execPath, [program, '--config', path], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    const relay = follow(child, identity);
    void relay.ended.then(() => running.delete(child));
    await relay.event('relay-ready');
    return relay;
  };

  const identityOf = async (name: string): Promise<Identity> => createIdentity(join(folder, `${name}.key`));
  const certificate = { files: { key: 'unused.pem', chain: 'unused.pem' } };

  return {
    folder,
    certificate,
    daemon: DAEMON,
    /** An entry whose port is known once it is ready. */
    startEntry: async (
      options: { libp2p?: string; identity?: Identity; name?: string } = {},
    ): Promise<RelayProcess> => {
      const name = options.name ?? `entry${(count += 1)}`;
      const identity = options.identity ?? (await identityOf(name));
      return start(
        RAW_EXIT,
        identity,
        { entry: { tunnels: '127.0.1.31:0', libp2p: options.libp2p ?? '127.0.1.31:0', certificate } },
        name,
      );
    },
    /** An exit with the raw byte server of relay-raw-exit.ts in the place of its proxy. */
    startRawExit: async (entries: string[]): Promise<RelayProcess> => {
      const name = `exit${(count += 1)}`;
      return start(RAW_EXIT, await identityOf(name), { exit: { entries, certificate } }, name);
    },
    clean: async (): Promise<void> => {
      for (const child of running) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The entry's address for an exit's configuration. */
export function libp2pAddress(entry: RelayProcess): string {
  const [address] = entry.lines.find((line) => line.event === 'relay-ready')?.['libp2p'] as string[];
  return address!;
}

export function tunnelsPort(entry: RelayProcess): { host: string; port: number } {
  const [host, port] = (entry.lines.find((line) => line.event === 'relay-ready')?.['tunnels'] as string).split(':');
  return { host: host!, port: Number(port) };
}

function follow(child: ChildProcess, identity: Identity): RelayProcess {
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
