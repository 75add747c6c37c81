// Compiles the contracts of contracts/src with npm's solc, as forge does, and keeps the outcome until a source changes. Nothing is
// fetched; the compiler runs as a process of its own, since its WebAssembly takes a core for seconds.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import * as v from 'valibot';
import { DevnetError } from '../errors.ts';
import { HexText, parseHex, type Hex } from './rpc.ts';

const NAMES = ['BatchSettlementDouble', 'ERC3009DepositCollectorDouble', 'TestUSDC', 'RelayRegistry'] as const;
export type ContractName = (typeof NAMES)[number];
/** `creationCode` is what is run once, with the constructor's arguments behind it; what it returns is the code that stays. */
export type Artifact = { abi: Record<string, unknown>[]; creationCode: Hex };
export type Artifacts = Record<ContractName, Artifact>;

const ROOT = join(import.meta.dirname, '../..');
const COMPILER = join(ROOT, 'contracts/bin/solc');
const CACHE = join(ROOT, 'dist/contracts/artifacts.json');
/** The same as in contracts/foundry.toml, so that gas is what forge measured. */
const SETTINGS = {
  evmVersion: 'cancun',
  optimizer: { enabled: true, runs: 200 },
  metadata: { bytecodeHash: 'none', appendCBOR: false },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
};
/** Errors and code come to about 1 MB. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;
const IMPORT = /^import\s[^;]*?["']([^"']+)["'];/gm;

const ArtifactShape = v.object({
  abi: v.array(v.record(v.string(), v.unknown())),
  creationCode: HexText,
});
const CacheShape = v.object({
  key: v.string(),
  artifacts: v.object({
    BatchSettlementDouble: ArtifactShape,
    ERC3009DepositCollectorDouble: ArtifactShape,
    TestUSDC: ArtifactShape,
    RelayRegistry: ArtifactShape,
  }),
});
const OutputShape = v.object({
  errors: v.optional(v.array(v.object({ severity: v.string(), formattedMessage: v.string() })), []),
  contracts: v.optional(
    v.record(
      v.string(),
      v.record(
        v.string(),
        v.object({
          abi: v.array(v.record(v.string(), v.unknown())),
          evm: v.object({ bytecode: v.object({ object: v.string() }) }),
        }),
      ),
    ),
    {},
  ),
});

/** @throws DevnetError `contracts-failed` with the compiler's own words. */
export async function compileContracts(): Promise<Artifacts> {
  const sources: Record<string, { content: string }> = {};
  for (const name of NAMES) await gather(`contracts/src/${name}.sol`, sources);
  const input = JSON.stringify({ language: 'Solidity', sources, settings: SETTINGS });
  const key = createHash('sha256').update(input).digest('hex');
  const kept = await readCache();
  if (kept?.key === key) return kept.artifacts;
  const artifacts = read(await runCompiler(input));
  await mkdir(dirname(CACHE), { recursive: true });
  // Whole or not at all: two runs may compile at once.
  const fresh = `${CACHE}.${process.pid}`;
  await writeFile(fresh, JSON.stringify({ key, artifacts }));
  await rename(fresh, CACHE);
  return artifacts;
}

/** A file and all that it imports, under the names that the compiler looks them up by. */
async function gather(path: string, into: Record<string, { content: string }>): Promise<void> {
  if (path in into) return;
  const file = path.startsWith('@') ? join(ROOT, 'node_modules', path) : join(ROOT, path);
  const content = await readFile(file, 'utf8');
  into[path] = { content };
  for (const [, target = ''] of content.matchAll(IMPORT)) {
    await gather(target.startsWith('.') ? normalize(join(dirname(path), target)) : target, into);
  }
}

async function readCache(): Promise<v.InferOutput<typeof CacheShape> | undefined> {
  try {
    return v.parse(CacheShape, JSON.parse(await readFile(CACHE, 'utf8')));
  } catch {
    return undefined;
  }
}

function runCompiler(input: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const words = [COMPILER, '--standard-json'];
    const child = execFile(process.execPath, words, { maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout) => {
      if (error) reject(new DevnetError('contracts-failed', 'the compiler of the contracts ended', { cause: error }));
      else resolve(JSON.parse(stdout));
    });
    child.stdin?.end(input);
  });
}

function read(value: unknown): Artifacts {
  const output = v.parse(OutputShape, value);
  const wrong = output.errors.filter(({ severity }) => severity === 'error');
  if (wrong.length > 0)
    throw new DevnetError('contracts-failed', wrong.map((each) => each.formattedMessage).join('\n'));
  const pick = (name: ContractName): Artifact => {
    const compiled = output.contracts[`contracts/src/${name}.sol`]?.[name];
    if (!compiled) throw new DevnetError('contracts-failed', `the compiler gave no ${name}`);
    return { abi: compiled.abi, creationCode: parseHex(`0x${compiled.evm.bytecode.object}`) };
  };
  return {
    BatchSettlementDouble: pick('BatchSettlementDouble'),
    ERC3009DepositCollectorDouble: pick('ERC3009DepositCollectorDouble'),
    TestUSDC: pick('TestUSDC'),
    RelayRegistry: pick('RelayRegistry'),
  };
}
