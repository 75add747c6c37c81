// What the daemon does for each command. Returns the exit code; a failure is one clear line on stderr.

import { loadConfig, ConfigError, type ConfigOverrides } from '../config/load.ts';
import { BlockListError } from '../exit/block-list.ts';
import { loadIdentity } from '../identity.ts';
import { KeyFileError } from '../key-file.ts';
import { createLog } from '../log.ts';
import { startRelay, type RelayParts } from '../relay.ts';
import { VERSION } from '../version.ts';
import { HELP, parseCommandLine, UsageError, type Command } from './args.ts';
import type { Finding } from '../check/finding.ts';
import { address } from './address.ts';
import { check } from './check.ts';
import { logFaults } from './faults.ts';
import { init, terminal } from './init.ts';
import { join } from './join.ts';
import { leave } from './leave.ts';
import { ledgerReport } from './ledger.ts';
import { settleNow } from './settle.ts';
import { signList } from './sign-list.ts';
import { status } from './status.ts';
import { statusPath } from '../status/status.ts';
import { verifyReport } from './verify-report.ts';
import { oneLine } from './one-line.ts';

const OK = 0;
const FAILED = 1;
const WRONG = 2;

/** After the time that tunnels get: a relay that does not end in time is ended. With the usual 5 s supervisors, and people, count on 10 s together. */
const STOP_TIMEOUT_MS = 4500;

export async function runCommandLine(argv: readonly string[], parts: RelayParts): Promise<number> {
  try {
    return await runCommand(parseCommandLine(argv), parts);
  } catch (error) {
    if (error instanceof UsageError) {
      complain([error.message, 'see: conet-relay --help']);
      return WRONG;
    }
    if (error instanceof ConfigError) {
      complain(error.lines);
      return WRONG;
    }
    complain([oneLine(error)]);
    return error instanceof KeyFileError || error instanceof BlockListError ? WRONG : FAILED;
  }
}

async function runCommand(command: Command, parts: RelayParts): Promise<number> {
  switch (command.name) {
    case 'help':
      process.stdout.write(HELP);
      return OK;
    case 'version':
      console.log(VERSION);
      return OK;
    case 'init':
      return runInit(command);
    case 'check':
      return report(await check(command.config, parts, createLog('error'), command));
    case 'peer-id': {
      const { peerId, label } = await loadIdentity((await loadConfig(command.config)).identity);
      console.log(JSON.stringify({ peerId: peerId.toString(), label }));
      return OK;
    }
    case 'address': {
      const config = await loadConfig(command.config);
      for (const line of address(config, await loadIdentity(config.identity), command)) console.log(line);
      return OK;
    }
    case 'ledger': {
      const { ledger } = await loadConfig(command.config);
      if (ledger === undefined) throw new ConfigError([`${command.config}: ledger: is missing; this relay keeps none`]);
      for (const line of ledgerReport(ledger, command.json)) console.log(line);
      return OK;
    }
    case 'settle': {
      const { payments, ledger, entry } = await loadConfig(command.config);
      if (payments === undefined || ledger === undefined) {
        throw new ConfigError([`${command.config}: payments: is missing; this relay is paid by nobody`]);
      }
      for (const line of await settleNow({ payments, ledger, entry: entry !== undefined })) console.log(line);
      return OK;
    }
    case 'leave': {
      const { payments, ledger, entry } = await loadConfig(command.config);
      if (payments === undefined || ledger === undefined || entry === undefined) {
        throw new ConfigError([`${command.config}: only an entry with payments pays exits`]);
      }
      for (const line of await leave({ ledger, exit: command.exit, stay: command.stay })) console.log(line);
      return OK;
    }
    case 'status': {
      const path = statusPath(await loadConfig(command.config));
      for (const line of await status(path, { json: command.json, now: Date.now() })) console.log(line);
      return OK;
    }
    case 'join': {
      const { done, lines, missing } = await join(await loadConfig(command.config), command);
      for (const line of lines) console.log(line);
      complain(missing);
      return done ? OK : FAILED;
    }
    case 'sign-list': {
      const identity = await loadIdentity((await loadConfig(command.config)).identity);
      for (const line of await signList(command.file, identity)) console.log(line);
      return OK;
    }
    case 'verify-report': {
      const { lines, holds } = await verifyReport(command.file);
      if (holds) for (const line of lines) console.log(line);
      else complain(lines);
      return holds ? OK : FAILED;
    }
    case 'run':
      return run(command.config, command.overrides, parts);
  }
}

async function runInit(command: Extract<Command, { name: 'init' }>): Promise<number> {
  const isAsked = process.stdin.isTTY && process.stdout.isTTY && command.only === undefined;
  const person = isAsked ? terminal() : undefined;
  try {
    for (const line of await init(command, person?.ask)) console.log(line);
    return OK;
  } finally {
    person?.close();
  }
}

function report(found: readonly Finding[]): number {
  for (const { level, line } of found) if (level === 'note') console.log(`note: ${line}`);
  const problems = found.filter(({ level }) => level === 'wrong').map(({ line }) => line);
  if (problems.length === 0) {
    console.log('the configuration is good');
    return OK;
  }
  complain(problems);
  return WRONG;
}

async function run(path: string, overrides: ConfigOverrides, parts: RelayParts): Promise<number> {
  const config = await loadConfig(path, overrides);
  const identity = await loadIdentity(config.identity);
  const log = createLog(config.log.level);
  logFaults(log);
  // Until it runs there is nothing to be read anew, and the signal's own meaning would end it.
  let reload = (): void => undefined;
  process.on('SIGHUP', () => reload());
  const relay = await startRelay(config, identity, log, parts);
  reload = () => void relay.reload(() => loadConfig(path, overrides));
  await signalled();
  const late = setTimeout(() => {
    log.error({ event: 'relay-stopped', late: true });
    process.exit(FAILED);
  }, relay.drainMs() + STOP_TIMEOUT_MS);
  await relay.stop();
  clearTimeout(late);
  return OK;
}

function signalled(): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  // A second signal while the relay drains changes nothing: the end is bounded anyway.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(undefined));
  return promise;
}

function complain(lines: readonly string[]): void {
  for (const line of lines) console.error(`conet-relay: ${line}`);
}
