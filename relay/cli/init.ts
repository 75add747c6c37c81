// `conet-relay init`: a commented configuration and the relay's keys, side by side, or one of the two keys alone. Asks what it needs to know where a person is there. Never
// overwrites any file.

import { access, mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseConfig } from '../config/load.ts';
import { createIdentity, loadIdentity } from '../identity.ts';
import { KeyFileError } from '../key-file.ts';
import { createPaymentKey, loadPaymentKey } from '../payment-key.ts';
import type { Answers, Texts } from './answers.ts';
import type { KeyName } from './args.ts';
import { collectAnswers, type Ask } from './collect-answers.ts';
import { CONFIG_TEMPLATE } from './config-template.ts';
import { writeConfig } from './write-config.ts';

export class InitError extends Error {
  override readonly name = 'InitError';
}

export type InitCommand = {
  folder: string;
  only: KeyName | undefined;
  /** What flags say. */
  texts: Texts;
};

/** Returns what was written, and what to do next, in lines for a person. @param ask left out: nobody is there to be asked */
export async function init({ folder, only, texts }: InitCommand, ask?: Ask): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  if (only === 'payment') return [await makePaymentKey(join(folder, 'payment.key'))];
  const keyPath = join(folder, 'relay.key');
  const configPath = join(folder, 'relay.yaml');
  if (only === 'identity') return [await makeIdentity(keyPath)];

  // Before anybody is asked anything.
  await mustNotExist(configPath);
  const isAsked = ask !== undefined || Object.keys(texts).length > 0;
  const answers = isAsked ? await collectAnswers(texts, ask) : undefined;
  const made: string[] = [];
  if (answers === undefined) await writeNew(configPath, CONFIG_TEMPLATE);
  else {
    const { key, written } = await paymentKeyOf(answers, folder);
    const config = writeConfig(answers, key);
    // It says what is wrong with an answer that only the whole shows.
    parseConfig(config, configPath);
    await writeNew(configPath, config);
    if (written) made.push(await keepOrMake(makePaymentKey, keptPaymentKey, join(folder, 'payment.key')));
  }
  const identity = await keepOrMake(makeIdentity, keptIdentity, keyPath);
  const first =
    answers === undefined
      ? `edit ${configPath}, then run`
      : answers.registration === undefined
        ? 'put the certificate of its name where the file says, then run'
        : 'now run';
  return [`wrote ${configPath}`, identity, ...made, `${first}: conet-relay check --config ${configPath}`];
}

/** Asks on this terminal, one line each. Rejects when it is closed. */
export function terminal(): { ask: Ask; close: () => void } {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new Promise<never>((_, reject) => {
    lines.once('close', () => reject(new InitError('nothing was written')));
  });
  closed.catch(() => undefined);
  return { ask: (question) => Promise.race([lines.question(question), closed]), close: () => lines.close() };
}

async function paymentKeyOf(
  { network, paymentKey }: Answers,
  folder: string,
): Promise<{ key: string; written: boolean }> {
  if (network === 'none') return { key: '', written: false };
  if (paymentKey === 'make') {
    return { key: './payment.key', written: true };
  }
  await loadPaymentKey(paymentKey);
  return { key: relative(resolve(folder), resolve(paymentKey)), written: false };
}

async function makeIdentity(path: string): Promise<string> {
  const { label, peerId } = await createIdentity(path);
  return `wrote ${path}: peer ${peerId.toString()}, in names ${label}`;
}

async function makePaymentKey(path: string): Promise<string> {
  const { address } = await createPaymentKey(path);
  return `wrote ${path}: address ${address}; it needs a little ETH of the network for gas`;
}

async function keptIdentity(path: string): Promise<string> {
  const { label, peerId } = await loadIdentity(path);
  return `kept ${path}: peer ${peerId.toString()}, in names ${label}`;
}

async function keptPaymentKey(path: string): Promise<string> {
  const { address } = await loadPaymentKey(path);
  return `kept ${path}: address ${address}`;
}

/** A key that is there, made before to ask for a name, say, is this relay's. */
async function keepOrMake(
  make: (path: string) => Promise<string>,
  keep: (path: string) => Promise<string>,
  path: string,
): Promise<string> {
  return make(path).catch((error: unknown) => {
    if (error instanceof KeyFileError && error.code === 'exists') return keep(path);
    throw error;
  });
}

async function mustNotExist(path: string): Promise<void> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists) throw new InitError(`${path} exists already; it was left as it is`);
}

async function writeNew(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: 'wx' }).catch((error: unknown) => {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new InitError(exists ? `${path} exists already; it was left as it is` : `cannot write ${path}`);
  });
}
