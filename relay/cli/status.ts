// `conet-relay status`: how a running relay of this machine is, for its operator or a monitor.

import { askStatus } from '../status/ask-status.ts';
import type { Status } from '../status/status.ts';
import { section, units } from './tables.ts';

/** Lines for a person, or one of JSON as the relay gave it. Throws `StatusError`. @param now ms since the epoch */
export async function status(path: string, { json, now }: { json: boolean; now: number }): Promise<string[]> {
  const found = await askStatus(path);
  return json ? [JSON.stringify(found)] : describe(found, now);
}

function describe(
  { version, peer, since, entry, exit, addresses = [], earnings = [], channels, waiting = [] }: Status,
  now: number,
): string[] {
  return [
    `relay ${peer}, version ${version}, up for ${duration(now - since)}`,
    ...(entry ? [`entry: ${circuits(entry.tunnels)}; exits connected: ${entry.exits.length}`] : []),
    ...(entry && entry.listens.length > 1 ? [`listens at ${entry.listens.join(', ')}`] : []),
    ...addresses.map((each) => `begin with it by ${each}`),
    ...(exit ? [`exit: ${circuits(exit.tunnels)}; entries connected: ${exit.entries.length}`] : []),
    ...(channels ? [`channels that pay it: ${channels.open} open, ${channels.closing} closing`] : []),
    ...earnings.flatMap(({ chainId, signed, claimed, claimable, paid }) => [
      `earned ${money(signed)} on chain ${chainId}: claimed ${money(claimed)}, claimable ${money(claimable)}; paid to exits ${money(paid)}`,
    ]),
    ...(waiting.length > 0 ? [`changed in the file, and waiting for a start of the relay: ${waiting.join(', ')}`] : []),
    ...section('connected', [
      ['role', 'relay'],
      ...(entry?.exits ?? []).map((each) => ['exit', each]),
      ...(exit?.entries ?? []).map((each) => ['entry', each]),
    ]),
  ];
}

function circuits({ open, opened, fromSockets, fromStreams }: NonNullable<Status['entry']>['tunnels']): string {
  return `${open} circuits open, ${opened} since the start, ${mebibytes(fromSockets + fromStreams)} MiB carried`;
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

function money(amount: string): string {
  return units(BigInt(amount));
}

function duration(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  return days > 0 ? `${days} d ${hours} h` : `${hours} h ${minutes % 60} min`;
}
