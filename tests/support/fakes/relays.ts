// A small network of relays with real keys: two entries and three exits of five operators, and what an honest exit answers.

import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Ed25519PrivateKey } from '@libp2p/interface';
import { base36 } from 'multiformats/bases/base36';
import { circuitCheckMessage, isCircuitCheckName } from '../../../src/core/circuit/circuit-check.ts';
import type { RelayRecord } from '../../../src/core/directory/relay-record.ts';

export type FakeRelay = { label: string; key: Ed25519PrivateKey };

export const ZONE = { name: 'relays.test', operator: 'oak' };

export async function createRelay(): Promise<FakeRelay> {
  const key = await generateKeyPair('Ed25519');
  return { label: key.publicKey.toCID().toString(base36), key };
}

export type FakeNetwork = { relays: FakeRelay[]; records: RelayRecord[]; entries: FakeRelay[]; exits: FakeRelay[] };

export async function createFakeNetwork(): Promise<FakeNetwork> {
  const relays = await Promise.all(Array.from({ length: 5 }, createRelay));
  const entries = relays.slice(0, 2);
  const exits = relays.slice(2);
  const entryLabels = entries.map(({ label }) => label);
  const payeeOf = (index: number): string => `0x${String(index + 1).padStart(40, '0')}`;
  const records: RelayRecord[] = [
    ...entries.map(({ label }, index) => ({
      ...{ peer: label, operator: ['alder', 'birch'][index] ?? '', region: 'DE' },
      ...{ payee: payeeOf(index), capacity: 1_000_000 },
      entry: { addresses: [`127.1${index + 1}.0.1`], port: 7443, zone: ZONE.name, pricePerMib: 32 },
    })),
    ...exits.map(({ label }, index) => ({
      ...{ peer: label, operator: ['cedar', 'douglas', 'elm'][index] ?? '', region: 'NL' },
      ...{ payee: payeeOf(10 + index), capacity: 1_000_000 },
      exit: { addresses: [`127.2${index + 1}.0.1`], zone: ZONE, entries: entryLabels, pricePerMib: 73 },
    })),
  ];
  return { relays, records, entries, exits };
}

/** What the exit answers to the question in `url`, signed with its own key. @param entry whose link it came by */
export async function signedAnswer(
  exit: FakeRelay,
  url: string,
  entry: string | undefined,
): Promise<Record<string, unknown>> {
  const { hostname, searchParams } = new URL(url);
  if (!isCircuitCheckName(hostname)) throw new Error(`asked for ${hostname}`);
  const nonce = searchParams.get('nonce') ?? '';
  const said = { peer: exit.label, nonce, entry };
  const signature = await exit.key.sign(circuitCheckMessage(said));
  return { ...said, signature: Buffer.from(signature).toString('hex') };
}
