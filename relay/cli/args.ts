// The command line of the daemon, read into one type. Flags replace values of the configuration file.

import { parseArgs } from 'node:util';
import type { JoinStep } from '../registry/join-plan.ts';
import { QUESTIONS, type Texts } from './answers.ts';

export type Command =
  | { name: 'help' }
  | { name: 'version' }
  | { name: 'run'; config: string; overrides: { logLevel?: string; tunnels?: string; libp2p?: string } }
  | { name: 'init'; folder: string; only: KeyName | undefined; texts: Texts }
  | { name: 'check'; config: string; offline: boolean; resolver: string | undefined }
  | { name: 'peer-id'; config: string }
  | { name: 'address'; config: string; qr: boolean }
  | { name: 'settle'; config: string }
  | { name: 'leave'; config: string; exit: string | undefined; stay: boolean }
  | { name: 'join'; config: string; step: JoinStep; yes: boolean }
  | { name: 'ledger' | 'status'; config: string; json: boolean }
  | { name: 'sign-list'; config: string; file: string }
  | { name: 'verify-report'; file: string };

/** `identity`: the relay's name. `payment`: what it is paid to. */
export type KeyName = 'identity' | 'payment';

/** Shown with a pointer to --help, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const HELP = `conet-relay - a relay of the CONET private browsing network

usage:
  conet-relay --config FILE [flags]     run the relay in the foreground
  conet-relay init [--dir DIR]          write a commented relay.yaml and its keys; asks on a terminal; never overwrites
                   [--role entry] ...   ... with answers; all of them: docs/operators.md
                   [--identity-only]    ... only the key, relay.key
                   [--payment-key]      only payment.key, the key that the relay is paid to
  conet-relay check --config FILE       say what is wrong and how to mend it, one line each: configuration, ports, name, chain
                    [--offline]         ... only what needs no network
                    [--resolver A:PORT] ... by that name server
  conet-relay peer-id --config FILE     print the relay's peer id as JSON
  conet-relay address --config FILE     print what people type into the extension to begin with this relay, a line for each address
                      [--qr]            ... and as a picture for a camera
  conet-relay status --config FILE      how the running relay is: circuits, bytes, other relays, earnings
                     [--json]           ... as JSON, amounts in base units
  conet-relay ledger --config FILE      print earnings, open channels and what can be claimed
                     [--json]           ... as JSON, amounts in base units
  conet-relay settle --config FILE      claim what can be claimed and have it paid out; the relay must not run
  conet-relay leave --config FILE       an entry: take the money back from exits, and pay them no more
                    [--exit LABEL]      ... only that one
                    [--stay]            pay them again
  conet-relay join --config FILE        list the relay in the registry, with a bond; the relay must not run
                   [--update]           ... change the addresses that are listed
                   [--leave]            ... say that it leaves; after the registry's delay the bond can be had back
                   [--stay]             ... take that back
                   [--withdraw]         ... take the bond back
                   [--yes]              do it; without it only what it costs is said
  conet-relay sign-list LIST --config FILE
                                        sign a block list for exits with this relay's key; writes LIST.sig
  conet-relay verify-report FILE        whether a report of the extension's check page is whole and signed
  conet-relay --help | --version

flags of a run (they replace what the file says):
  --log-level LEVEL      trace, debug, info, warn, error
  --tunnels ADDR:PORT    entry: where browsers connect; several with commas between
  --libp2p ADDR:PORT     entry: where exits connect; likewise

Logs are JSON lines on stdout. SIGTERM or SIGINT ends the relay within 10 s, or 5 s after \`drainSeconds\`. SIGHUP has it read its
configuration anew: log level, limits, destinations, block lists and contact change at once, and what waits for a start is named in its log and by \`status\`.
Exit codes: 0 ended as asked, 1 could not run or the report does not hold, 2 wrong configuration or usage.
`;

const COMMANDS = ['init', 'check', 'peer-id', 'address', 'ledger', 'settle', 'leave', 'join', 'status'] as const;
const JOIN_STEPS = ['update', 'leave', 'stay', 'withdraw'] as const;

export function parseCommandLine(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  if (values.help === true) return { name: 'help' };
  if (values.version === true) return { name: 'version' };
  const [word, ...more] = positionals;
  if (word === 'verify-report') {
    const [file, ...rest] = more;
    if (file === undefined || rest.length > 0) throw new UsageError('verify-report takes one file');
    return { name: word, file };
  }
  if (word === 'sign-list') {
    const [file, ...rest] = more;
    if (file === undefined || rest.length > 0) throw new UsageError('sign-list takes one file');
    if (values.config === undefined) throw new UsageError('--config FILE is missing');
    return { name: word, config: values.config, file };
  }
  if (more.length > 0) throw new UsageError(`one command at a time, not also: ${more.join(' ')}`);
  const name = COMMANDS.find((command) => command === word);
  if (word !== undefined && name === undefined) throw new UsageError(`there is no command ${word}`);
  if (name === 'init') {
    const [identity, payment] = [values['identity-only'] === true, values['payment-key'] === true];
    if (identity && payment) throw new UsageError('one of --identity-only and --payment-key at a time');
    const only = identity ? 'identity' : payment ? 'payment' : undefined;
    return { name, folder: values.dir ?? '.', only, texts: answersOf(values) };
  }
  const config = values.config;
  if (config === undefined) throw new UsageError('--config FILE is missing');
  if (name === 'ledger' || name === 'status') return { name, config, json: values.json === true };
  if (name === 'address') return { name, config, qr: values.qr === true };
  if (name === 'leave') return { name, config, exit: values.exit, stay: values.stay === true };
  if (name === 'check') return { name, config, offline: values.offline === true, resolver: values.resolver };
  if (name === 'join') {
    const [step = 'register', ...others] = JOIN_STEPS.filter((each) => values[each] === true);
    if (others.length > 0) throw new UsageError('one step of join at a time');
    return { name, config, step, yes: values.yes === true };
  }
  if (name !== undefined) return { name, config };
  const { 'log-level': logLevel, tunnels, libp2p } = values;
  return {
    name: 'run',
    config,
    overrides: { ...(logLevel && { logLevel }), ...(tunnels && { tunnels }), ...(libp2p && { libp2p }) },
  };
}

/** Those of the flags that answer a question of `init`. */
function answersOf(values: Readonly<Record<string, unknown>>): Texts {
  const given = QUESTIONS.flatMap(({ name, flag }) => {
    const text = values[flag];
    return typeof text === 'string' ? [[name, text] as const] : [];
  });
  return Object.fromEntries(given);
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
        config: { type: 'string', short: 'c' },
        'log-level': { type: 'string' },
        qr: { type: 'boolean' },
        tunnels: { type: 'string' },
        libp2p: { type: 'string' },
        dir: { type: 'string' },
        'identity-only': { type: 'boolean' },
        'payment-key': { type: 'boolean' },
        json: { type: 'boolean' },
        exit: { type: 'string' },
        stay: { type: 'boolean' },
        update: { type: 'boolean' },
        leave: { type: 'boolean' },
        withdraw: { type: 'boolean' },
        yes: { type: 'boolean' },
        offline: { type: 'boolean' },
        resolver: { type: 'string' },
        ...Object.fromEntries(QUESTIONS.map(({ flag }) => [flag, { type: 'string' as const }])),
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'the command line cannot be read');
  }
}
