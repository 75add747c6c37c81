// One relay of the devnet as a process of its own: the same daemon that operators run, its log lines read for the events others wait on.

import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { createWriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DevnetError } from './errors.ts';

const DAEMON = fileURLToPath(new URL('../relay/main.ts', import.meta.url));
/** Node 24 compiles TypeScript as it loads; on two busy cores a relay takes a few seconds. */
const EVENT_TIMEOUT_MS = 60_000;
/** The daemon drains for up to 10 s; then it is not waited for. */
const STOP_TIMEOUT_MS = 10_000;
const LAST_LINES = 5;

export type LogLine = Record<string, unknown>;

export type RelayProcess = {
  name: string;
  pid: number;
  /** Every JSON line so far, oldest first. */
  log: readonly LogLine[];
  /** Resolves with the first line, past or coming, that fits; rejects when the relay dies or is late. */
  waitFor(event: string, matches?: (line: LogLine) => boolean): Promise<LogLine>;
  /** True until the process ended. */
  running(): boolean;
  /** SIGTERM, then SIGKILL for one that does not end. */
  stop(): Promise<void>;
  /** SIGKILL at once, as a crash. */
  kill(): Promise<void>;
};

export type RelayProcessInit = {
  name: string;
  config: string;
  logFile: string;
  /** What runs in the place of the daemon; a test's own. */
  program?: string;
  /** Called once when the relay ended without having been told to. */
  onDeath?: (reason: string) => void;
};

export function startRelayProcess({
  name,
  config,
  logFile,
  program = DAEMON,
  onDeath,
}: RelayProcessInit): RelayProcess {
  const child = spawn(process.execPath, [program, '--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: Ctrl-C is for the devnet, which ends its relays in order.
    detached: true,
    // What a killed relay leaves behind goes with the devnet's own folder.
    env: { ...process.env, TMPDIR: dirname(config) },
  });
  const log: LogLine[] = [];
  const lastText: string[] = [];
  const events = new EventEmitter().setMaxListeners(0);
  const file = createWriteStream(logFile, { flags: 'a' });
  let stopping = false;

  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (text) => {
      file.write(`${text}\n`);
      lastText.push(text);
      if (lastText.length > LAST_LINES) lastText.shift();
      const line = parseLine(text);
      if (!line) return;
      log.push(line);
      events.emit('line', line);
    });
  }
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => {
      file.end();
      resolve();
      if (!stopping) onDeath?.(describeDeath(name, child, lastText));
      events.emit('ended');
    });
  });
  child.once('error', () => undefined);

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    stopping = true;
    if (!isRunning(child)) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  };

  return {
    name,
    pid: child.pid ?? -1,
    log,
    waitFor: (event, matches = () => true) =>
      new Promise((resolve, reject) => {
        const fits = (line: LogLine): boolean => line['event'] === event && matches(line);
        const past = log.find(fits);
        if (past) {
          resolve(past);
          return;
        }
        const settle = (act: () => void): void => {
          clearTimeout(timer);
          events.off('line', onLine);
          events.off('ended', onEnded);
          act();
        };
        const onLine = (line: LogLine): void => {
          if (fits(line)) settle(() => resolve(line));
        };
        const onEnded = (): void =>
          settle(() => reject(new DevnetError('relay-died', describeDeath(name, child, lastText))));
        const timer = setTimeout(() => {
          const late = `${name} did not report "${event}" within ${EVENT_TIMEOUT_MS / 1000} s. Last lines: ${lastText.join(' | ')}`;
          settle(() => reject(new DevnetError('relay-late', late)));
        }, EVENT_TIMEOUT_MS);
        events.on('line', onLine);
        events.once('ended', onEnded);
        if (!isRunning(child)) void ended.then(onEnded);
      }),
    running: () => isRunning(child),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function describeDeath(name: string, child: ChildProcess, lastText: readonly string[]): string {
  const how = child.signalCode ?? `code ${child.exitCode ?? '?'}`;
  return `${name} ended (${how}). Last lines: ${lastText.join(' | ') || 'none'}`;
}

function parseLine(text: string): LogLine | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as LogLine) : undefined;
  } catch {
    return undefined;
  }
}
