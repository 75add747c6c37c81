// One anvil as a process of its own, on a port that the system chose. It has no accounts and no money: chain.ts brings what is needed.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { DevnetError } from '../errors.ts';
import type { Lifeline } from '../lifeline.ts';
import { foundryBinary } from './foundry.ts';

/** Takes 0.2 s alone, and some seconds on two busy cores. */
const START_TIMEOUT_MS = 30_000;
const HOST = '127.0.0.1';

export type Anvil = {
  /** `http://HOST:PORT`; the same port answers WebSocket. */
  url: string;
  pid: number;
  running(): boolean;
  /** SIGTERM to this very process, and waits for its end. */
  close(): Promise<void>;
  /** SIGKILL, as a crash. */
  kill(): Promise<void>;
};

export type AnvilInit = {
  chainId: number;
  /** For states that anvil moves out of memory; the caller's to remove. */
  folder: string;
  lifeline: Lifeline;
  /** A block at least this often, beside the one that each transaction gets at once. Left out: no empty blocks. */
  blockTimeS?: number;
  /** An address of loopback. Left out: 127.0.0.1. */
  host?: string;
  /** Left out: any free one. */
  port?: number;
  /** Called once when it ended without having been told to. */
  onDeath?: (reason: string) => void;
};

/** @throws DevnetError `missing-foundry`, `chain-died` */
export async function startAnvil(init: AnvilInit): Promise<Anvil> {
  const child = spawn(foundryBinary('anvil'), argumentsOf(init), { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let stopping = false;
  let lastError = '';
  const lines = createInterface({ input: child.stdout });
  createInterface({ input: child.stderr }).on('line', (line) => (lastError = line));
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      lastError = error.message;
      resolve();
    });
    child.once('close', () => resolve());
  });
  const pid = child.pid ?? -1;
  if (child.pid !== undefined) init.lifeline.holdPid(pid);

  const running = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    stopping = true;
    if (running()) child.kill(signal);
    await ended;
    init.lifeline.dropPid(pid);
  };

  const listening = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new DevnetError('chain-died', 'anvil did not listen in time')),
      START_TIMEOUT_MS,
    );
    void ended.then(() => {
      clearTimeout(timer);
      const how = child.signalCode ?? `code ${child.exitCode ?? '?'}`;
      const reason = `anvil ended (${how}). Last line: ${lastError || 'none'}`;
      reject(new DevnetError('chain-died', reason));
      if (!stopping) init.onDeath?.(reason);
    });
    lines.on('line', (line) => {
      const address = /^Listening on (\S+)$/.exec(line)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(`http://${address}`);
    });
  });
  try {
    return { url: await listening, pid, running, close: () => end('SIGTERM'), kill: () => end('SIGKILL') };
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
}

function argumentsOf({ chainId, folder, blockTimeS, host = HOST, port = 0 }: AnvilInit): string[] {
  return [
    ...['--host', host, '--port', String(port), '--chain-id', String(chainId), '--accounts', '0', '--color', 'never'],
    // What the contracts are compiled for, and accounts that gain code (EIP-7702).
    ...['--hardfork', 'prague'],
    // The block before the last is "safe": one block more settles a deposit, as the relay sees it.
    ...['--slots-in-an-epoch', '1'],
    ...['--cache-path', folder],
    ...(blockTimeS === undefined ? [] : ['--block-time', String(blockTimeS), '--mixed-mining']),
  ];
}
