// Reads the configuration file, puts the flags of the command line over it and checks the whole. Paths come back absolute.

import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { parseDocument, type Document } from 'yaml';
import type { CertificateConfig } from './certificate.ts';
import { ConfigSchema, type RelayConfig } from './schema.ts';
import type { ZoneConfig } from './zone.ts';

/** Every line is for the operator: where in the file, and what is wrong with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly lines: readonly string[];

  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.lines = lines;
  }
}

/** Flags that replace a value of the file. */
export type ConfigOverrides = {
  logLevel?: string | undefined;
  tunnels?: string | undefined;
  libp2p?: string | undefined;
};

/** Far above any real file; a wrong path to something large is refused at once. */
const MAX_CONFIG_BYTES = 1024 * 1024;
/** Of a relay with payments whose configuration names none. */
const DEFAULT_LEDGER = './data/ledger.db';
/** Beside the certificates that were got with it. */
const DEFAULT_ACCOUNT = 'account.key';

export async function loadConfig(path: string, overrides: ConfigOverrides = {}): Promise<RelayConfig> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code;
    throw new ConfigError([
      code === 'ENOENT'
        ? `there is no configuration at ${path}; write one with: conet-relay init`
        : `cannot read ${path}`,
    ]);
  });
  if (text.length > MAX_CONFIG_BYTES) throw new ConfigError([`${path} is larger than a configuration can be`]);
  return absolutePaths(parseConfig(text, path, overrides), dirname(resolve(path)));
}

/** @param path named in the messages only */
export function parseConfig(text: string, path: string, overrides: ConfigOverrides = {}): RelayConfig {
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    throw new ConfigError(document.errors.map((error) => `${path}: ${firstLine(error.message)}`));
  }
  const result = v.safeParse(ConfigSchema, withOverrides(toValue(document, path), overrides, path));
  if (result.success) return result.output;
  throw new ConfigError(result.issues.map((issue) => `${path}: ${describe(issue)}`));
}

/** Aliases may be used, in the number that the library allows: more is a "billion laughs". */
function toValue(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw new ConfigError([`${path}: ${firstLine(error instanceof Error ? error.message : 'cannot be read')}`]);
  }
}

function describe(issue: v.BaseIssue<unknown>): string {
  const where = v.getDotPath(issue);
  if (issue.type === 'strict_object' && issue.expected === 'never') return `${where ?? 'the file'}: unknown key`;
  if (issue.input === undefined && where !== null) return `${where}: is missing`;
  return where === null ? issue.message : `${where}: ${issue.message}`;
}

function withOverrides(value: unknown, overrides: ConfigOverrides, path: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigError([`${path}: the file holds no configuration`]);
  }
  const config = structuredClone(value) as Record<string, Record<string, unknown> | undefined>;
  const { logLevel, tunnels, libp2p } = overrides;
  if (logLevel !== undefined) config['log'] = { ...config['log'], level: logLevel };
  if (tunnels === undefined && libp2p === undefined) return config;
  if (config['entry'] === undefined)
    throw new ConfigError(['--tunnels and --libp2p are for a relay with the role `entry`']);
  if (tunnels !== undefined) config['entry'] = { ...config['entry'], tunnels: listOf(tunnels) };
  if (libp2p !== undefined) config['entry'] = { ...config['entry'], libp2p: listOf(libp2p) };
  return config;
}

/** One address, or several with commas between. */
function listOf(text: string): string | string[] {
  return text.includes(',') ? text.split(',').map((each) => each.trim()) : text;
}

function absolutePaths(config: RelayConfig, folder: string): RelayConfig {
  const certificate = ({ files, autotls }: CertificateConfig): CertificateConfig => ({
    files: files && { key: resolve(folder, files.key), chain: resolve(folder, files.chain) },
    autotls: autotls && {
      ...autotls,
      state: resolve(folder, autotls.state),
      account: resolve(folder, autotls.account ?? join(autotls.state, DEFAULT_ACCOUNT)),
    },
  });
  const zone = ({ registration, ...more }: ZoneConfig): ZoneConfig => {
    const { key, chain } = registration.certificate.files;
    const files = { key: resolve(folder, key), chain: resolve(folder, chain) };
    return { ...more, registration: { ...registration, certificate: { files } } };
  };
  const { payments } = config;
  const ledger = payments?.ledger ?? config.ledger ?? (payments && DEFAULT_LEDGER);
  return {
    ...config,
    identity: resolve(folder, config.identity),
    ledger: ledger === undefined ? undefined : resolve(folder, ledger),
    directory: config.directory && {
      ...config.directory,
      file: resolve(folder, config.directory.file),
      payee: config.directory.payee && { ...config.directory.payee, key: resolve(folder, config.directory.payee.key) },
    },
    payments: config.payments && { ...config.payments, key: resolve(folder, config.payments.key) },
    entry: config.entry && { ...config.entry, certificate: certificate(config.entry.certificate) },
    exit: config.exit && {
      ...config.exit,
      certificate: certificate(config.exit.certificate),
      blockLists: config.exit.blockLists.map((list) => ({ ...list, file: resolve(folder, list.file) })),
    },
    zone: config.zone && zone(config.zone),
  };
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}
