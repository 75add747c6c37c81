// What a client downloads to know 10,000 relays, and an hour later to know them again: pages as a relay sends them, of random relays with real lengths. Keys, addresses and signatures are random bytes,
// as they are in truth to whoever compresses them. Beside it the same entries one by one, compressed by gzip.

import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { pagesOf } from '../../relay/directory/serve.ts';
import { encodeDescriptor, MAX_VALIDITY_S, type RelayDescriptor } from '../../src/core/directory/descriptor.ts';
import { Directory } from '../../src/core/directory/directory.ts';
import { encodeSigned, type OpenedDescriptor } from '../../src/core/directory/open-descriptor.ts';
import { keyPrefixOf, labelOfKey } from '../../src/core/directory/peer-key.ts';
import { encodeFrame } from '../../src/core/wire/frames.ts';
import type { Figure } from '../figure.ts';
import { drawsOf, logNormal } from '../simulate/random.ts';

const RELAYS = 10_000;
/** Of the relays in an hour: half of them go, as many come, and as many change what they say. */
const CHURN = 0.05;
const LINKS = 8;
const MUST_FIRST = 2_500_000;
const MUST_DELTA = 150_000;
const NOW = 1_796_083_200_000;
const HOUR_S = 3600;
/** A relay signs anew after 16 to 20 hours. */
const RENEWED_EVERY_H = 18;

const REGIONS = [
  'DE',
  'US',
  'NL',
  'FR',
  'FI',
  'SE',
  'CH',
  'GB',
  'CA',
  'IS',
  'RO',
  'AT',
  'PL',
  'NO',
  'JP',
  'SG',
  'BR',
  'AU',
];
const PRICES = [0n, 20n, 32n, 50n, 73n, 100n];

export async function measureDirectory(): Promise<Figure[]> {
  const draw = drawsOf(5);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() ** 2 * from.length)] as T;
  const hex = (bytes: number): `0x${string}` => `0x${randomBytes(bytes).toString('hex')}`;
  const families = Array.from({ length: RELAYS / 4 }, () => `family-${randomBytes(6).toString('base64url')}`);
  const zones = Array.from({ length: 20 }, (_, number) => ({ name: `z${number}.relays.example`, relay: hex(8) }));
  const peers = Array.from({ length: 2 * RELAYS }, () => labelOfKey(randomBytes(32)));
  const entryKeys = peers.slice(0, 2000).map((peer) => keyPrefixOf(peer) ?? '0x');
  const address = (): string =>
    `${1 + Math.floor(draw() * 220)}.${Math.floor(draw() * 256)}.${Math.floor(draw() * 256)}.${1 + Math.floor(draw() * 254)}`;

  const describe = (number: number, second: number): OpenedDescriptor => {
    const zone = pick(zones);
    const isExit = number % 3 === 0;
    const descriptor: RelayDescriptor = {
      ...{ peer: peers[number] ?? '', payee: hex(20), chainId: 8453, sequence: BigInt(second) },
      ...{ validFrom: second, validFor: MAX_VALIDITY_S, operator: pick(families), region: pick(REGIONS) },
      ...{
        version: pick(['0.4.1', '0.4.0', '0.3.9']),
        capacity: BigInt(Math.round(logNormal(draw, 12, 1))) * 1_048_576n,
      },
      ...(isExit
        ? {
            exit: {
              ...{
                zone: zone.name,
                fingerprints: [hex(16)],
                refusedPorts: [
                  { from: 25, to: 25 },
                  { from: 465, to: 465 },
                ],
              },
              entries: Array.from({ length: LINKS }, () => pick(entryKeys)),
              ...{ pricePerMiB: pick(PRICES), addresses: [address()], zoneRelay: zone.relay },
            },
          }
        : {
            entry: {
              ...{ addresses: [address()], tunnelPort: pick([443, 7443, 8443]), libp2pPort: pick([7401, 4001]) },
              ...{ zone: zone.name, pricePerMiB: pick(PRICES) },
            },
          }),
    };
    return {
      descriptor,
      signed: { descriptor: encodeDescriptor(descriptor), peerSignature: hex(64), payeeSignature: hex(65) },
    };
  };

  const directory = new Directory({ epoch: `0x${'01'.repeat(16)}`, limit: 3 * RELAYS, isVouched: () => true });
  const seconds = NOW / 1000;
  for (let number = 0; number < RELAYS; number += 1)
    directory.consider(describe(number, seconds - Math.floor(draw() * RENEWED_EVERY_H * HOUR_S)));
  const first = await bytesOf(directory, undefined);
  const plain = directory.since(undefined).map(({ signed }) => gzipSync(encodeSigned(signed)).length);

  const { mark } = directory;
  const half = (RELAYS * CHURN) / 2;
  for (let count = 0; count < half; count += 1) {
    directory.consider(describe(RELAYS + count, seconds + Math.floor(draw() * HOUR_S)));
    directory.consider(describe(Math.floor(draw() * RELAYS), seconds + Math.floor(draw() * HOUR_S)));
  }
  const delta = await bytesOf(directory, mark);
  const renewals = (RELAYS * (1 - CHURN)) / RENEWED_EVERY_H;
  for (let count = 0; count < renewals; count += 1)
    directory.consider(describe(Math.floor(draw() * RELAYS), seconds + HOUR_S));
  const withRenewals = await bytesOf(directory, mark);

  return [
    {
      name: `directory of ${RELAYS} relays, first sync`,
      must: `<= ${MUST_FIRST / 1e6} MB`,
      measured: `${(first / 1e6).toFixed(2)} MB`,
      reached: first <= MUST_FIRST,
      detail: `a third exits of ${LINKS} links; entry by entry, gzipped: ${(plain.reduce((sum, each) => sum + each, 0) / 1e6).toFixed(2)} MB`,
    },
    {
      name: 'directory, what is new after an hour in which 5 % change',
      must: `<= ${MUST_DELTA / 1000} kB`,
      measured: `${(delta / 1000).toFixed(0)} kB`,
      reached: delta <= MUST_DELTA,
      detail: `${half} that came, ${half} that changed; with the ${Math.round(renewals)} that only signed anew in that hour ${(withRenewals / 1000).toFixed(0)} kB`,
    },
  ];
}

async function bytesOf(directory: Directory, mark: Directory['mark'] | undefined): Promise<number> {
  let bytes = 0;
  for await (const page of pagesOf(directory, mark, () => NOW)) bytes += encodeFrame(page).length;
  return bytes;
}
