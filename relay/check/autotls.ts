// What a relay needs that gets its certificates itself: each zone's broker and authority, and what it holds already. Looks, and asks for nothing: no order, no account, no challenge. Used by
// relay/cli/check.ts.

import { generateKeyPairSync } from 'node:crypto';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { askRenewalWindow } from '../certificates/acme-renewal.ts';
import { createAcmeTransport, type AcmeTransport } from '../certificates/acme-transport.ts';
import { unreachable } from '../certificates/autotls-error.ts';
import { certificateId } from '../certificates/certificate-request.ts';
import { createCertificateStore, type HeldCertificate } from '../certificates/certificate-store.ts';
import type { HttpsClient } from '../certificates/https-request.ts';
import { renewalTime } from '../certificates/renewal-time.ts';
import { oneLine } from '../cli/one-line.ts';
import type { AutotlsConfig, AutotlsZone } from '../config/certificate.ts';
import { checkTrust } from './certificate.ts';
import { mayWriteAt } from './disk.ts';
import { note, wrong, type Finding } from './finding.ts';

export type AutotlsCheckInit = {
  config: AutotlsConfig;
  label: PeerLabel;
  /** Undefined: nobody is asked. */
  client: HttpsClient | undefined;
  /** The relay runs, and has had its time to get one. */
  runs: boolean;
  /** ms since the epoch */
  now: () => number;
};

/** A renewal is tried for this long before it is a fault: an authority has its bad days. */
const PATIENCE_MS = 86_400_000;
/** Of the authority's own words. */
const MAX_WORDS = 200;

export async function checkAutotls(init: AutotlsCheckInit, signal: AbortSignal): Promise<Finding[]> {
  const { config, client } = init;
  const folder = await mayWriteAt(config.state);
  const found = await Promise.all(
    config.zones.map(async (zone) => {
      const transport = client && createTransport(zone, client, init.now);
      const [broker, authority, held] = await Promise.all([
        client === undefined ? [] : checkBroker(zone, client, signal),
        transport === undefined ? [] : checkAuthority(zone, transport, signal),
        checkHeld(zone, transport, init, signal),
      ]);
      return [...broker, ...authority, ...held];
    }),
  );
  const closed = `${config.state}: this user may not write there, and certificates have to be: give it to the relay’s user`;
  return [...(folder ? [] : [wrong(closed)]), ...found.flat()];
}

/** Its directory is read and nothing is signed, so any key will do: the account's is made at the first start and not by a check. */
function createTransport({ acme }: AutotlsZone, client: HttpsClient, now: () => number): AcmeTransport {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return createAcmeTransport(acme, privateKey, client, now);
}

async function checkBroker(
  { domain, registration }: AutotlsZone,
  client: HttpsClient,
  signal: AbortSignal,
): Promise<Finding[]> {
  const url = new URL('/v1/health', registration);
  try {
    const { status } = await client.request(url, { method: 'GET', signal });
    if (status === 204 || status === 200) return [];
    return [
      wrong(`${domain}: ${url.host} answers ${status} to /v1/health: is \`registration\` the URL of its broker?`),
    ];
  } catch (error) {
    const { message } = unreachable('broker', url.host, error);
    return [wrong(`${domain}: its broker ${message}: is \`registration\` right, and does the zone’s relay run?`)];
  }
}

async function checkAuthority(
  { domain, acme }: AutotlsZone,
  transport: AcmeTransport,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { host } = transport;
  try {
    const { meta } = await transport.directory(signal);
    if (meta?.externalAccountRequired === true)
      return [
        wrong(
          `${domain}: ${host} wants an account that was made with it before (EAB), which no relay can have: take another \`acme\``,
        ),
      ];
    // A name that every client of Let's Encrypt knows; its root is in no browser.
    if (host.includes('staging'))
      return [
        wrong(`${domain}: ${host} is for tests, and browsers take none of its certificates: take another \`acme\``),
      ];
    const names = (meta?.caaIdentities ?? []).map(plain).join(', ');
    const terms =
      meta?.termsOfService?.startsWith('https:') === true ? `; its terms: ${plain(meta.termsOfService)}` : '';
    return [note(`${domain}: certificates come from ${host}${names === '' ? '' : ` (${names})`}${terms}`)];
  } catch (error) {
    return [wrong(`${domain}: the authority ${oneLine(error)}: is \`acme\` (${plain(acme)}) right?`)];
  }
}

async function checkHeld(
  { domain }: AutotlsZone,
  transport: AcmeTransport | undefined,
  { config, label, runs, now }: AutotlsCheckInit,
  signal: AbortSignal,
): Promise<Finding[]> {
  const name = `*.${label}.${domain}`;
  let held: HeldCertificate | undefined;
  try {
    held = await createCertificateStore(config.state, domain, name).load(now());
  } catch (error) {
    return [
      wrong(
        `${oneLine(error)}; ${runs ? 'the relay’s log says why there is no new one (certificate-trouble)' : 'the relay gets a new one when it runs'}`,
      ),
    ];
  }
  if (held === undefined && runs)
    return [
      wrong(`there is no certificate for ${name} yet, though the relay runs: its log says why (certificate-trouble)`),
    ];
  if (held === undefined)
    return [note(`there is no certificate for ${name} yet: the relay gets it at its first start`)];
  const due = await dueAt(held, transport, signal);
  const dates = `the certificate for ${name} is valid until ${day(held.notAfter)}`;
  if (now() > due + PATIENCE_MS)
    return [
      wrong(
        `${dates}, and was to be renewed on ${day(due)}: ${runs ? 'the relay’s log says why it was not (certificate-trouble)' : 'the relay does so when it runs'}`,
      ),
    ];
  return [note(`${dates}, and is renewed by ${day(due)}`), ...checkTrust(held.certificate.chain)];
}

/** The latest time at which a relay that runs renews it: within the authority's window where it has one. */
async function dueAt(
  held: HeldCertificate,
  transport: AcmeTransport | undefined,
  signal: AbortSignal,
): Promise<number> {
  const id = certificateId(held.leaf);
  // What it cannot be asked is told by the check of the authority itself.
  const answer =
    transport === undefined || id === undefined
      ? undefined
      : await askRenewalWindow(transport, id, signal).catch(() => undefined);
  const at = (draw: number): number => renewalTime({ ...held, since: held.notBefore }, answer?.window, draw);
  return Math.max(at(0), at(1));
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Somebody else's words, for a terminal. */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '').slice(0, MAX_WORDS);
}
