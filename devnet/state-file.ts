// .devnet/state.json: what runs, for `npm run demo:status`. Written when the network is up, removed when it goes.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Network } from './network.ts';

/** Tests keep theirs elsewhere, so that a demo that runs meanwhile keeps its own. */
const DEVNET_FOLDER = process.env['CONET_DEVNET_FOLDER'] ?? fileURLToPath(new URL('../.devnet', import.meta.url));
export const LOGS_FOLDER = join(DEVNET_FOLDER, 'logs');
const STATE_FILE = join(DEVNET_FOLDER, 'state.json');

export type DevnetState = {
  pid: number;
  startedAt: string;
  folder: string;
  logs: string;
  ports: Record<string, number | readonly number[]>;
  dohUrl: string;
  sites: string[];
  relays: { name: string; operator: string; region: string; address: string; pid: number }[];
  browser?: string;
};

export function writeState(network: Network, browser?: string): void {
  const state: DevnetState = {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    folder: network.folder,
    logs: network.logs,
    ports: network.ports,
    dohUrl: network.dohUrl,
    sites: [network.origin('news'), network.origin('shop'), network.origin('media'), network.origin('whoami')],
    relays: network.relays.map(({ name, operator, region, address, process: { pid } }) => ({
      name,
      operator,
      region,
      address,
      pid,
    })),
    ...(browser === undefined ? {} : { browser }),
  };
  mkdirSync(dirname(STATE_FILE), { recursive: true });
  writeFileSync(STATE_FILE, `${JSON.stringify(state, undefined, 2)}\n`);
}

/** The state of the network that runs, or undefined: none was started, or it ended. */
export function readState(): DevnetState | undefined {
  let text: string;
  try {
    text = readFileSync(STATE_FILE, 'utf8');
  } catch {
    return undefined;
  }
  const state = JSON.parse(text) as DevnetState;
  return isAlive(state.pid) ? state : undefined;
}

/** Removes the file, if it is this process's own. */
export function clearState(): void {
  if (readState()?.pid === process.pid) rmSync(STATE_FILE, { force: true });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
