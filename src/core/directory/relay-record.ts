// What a client knows of a relay that it may use, and how it is read from outside (a stored cell, the packaged list). Made from descriptors that both keys signed (records-of.ts); the
// packaged list is trusted as the extension itself is.

import ipaddr from 'ipaddr.js';
import { isPeerLabel, isZone, type PeerLabel } from '../tunnel/circuit-name.ts';

/** A delegated domain and who runs it: whoever does can mint certificates for its names (design §3). */
export type Zone = { name: string; operator: string };

export type RelayRecord = {
  peer: PeerLabel;
  /** The operator's family. Two hops of one circuit are never of one operator. */
  operator: string;
  /** ISO 3166-1 alpha-2, upper case. */
  region: string;
  /** Who is paid: 0x and 40 digits, lower case. */
  payee: string;
  /** Bytes per second that it says it carries. */
  capacity: number;
  /** Where browsers connect, when the relay is an entry: any of the addresses; `zone` is that of the entry's own name. */
  entry?: { addresses: string[]; port: number; zone: string; pricePerMib: number };
  /** When the relay is an exit: the zone of its certificate, the entries it keeps a connection to, and the addresses that sites see. */
  exit?: { addresses: string[]; zone: Zone; entries: PeerLabel[]; pricePerMib: number };
};

export class RelayRecordError extends Error {
  override readonly name = 'RelayRecordError';
}

/** Far above any devnet or bundled list, small enough to be read in one go. */
const MAX_RECORDS = 1000;
const MAX_OPERATOR_LENGTH = 100;
const MAX_ADDRESSES = 8;
/** Base units of USDC for 2^20 bytes, as in a descriptor. */
const MAX_PRICE = 1_000_000_000;

/** Reads `[RelayRecord, …]` from parsed JSON. One wrong record refuses the list: a list is made by one hand. */
export function parseRelayRecords(value: unknown): RelayRecord[] {
  if (!Array.isArray(value)) throw new RelayRecordError('the relay list is not an array');
  if (value.length > MAX_RECORDS) throw new RelayRecordError(`the relay list has more than ${MAX_RECORDS} records`);
  const records = value.map(parseRelayRecord);
  if (new Set(records.map((record) => record.peer)).size !== records.length) {
    throw new RelayRecordError('the relay list names a peer twice');
  }
  return records;
}

function parseRelayRecord(value: unknown, index: number): RelayRecord {
  const where = `relay ${index}`;
  const fields = object(value, where);
  const record: RelayRecord = {
    peer: peer(fields['peer'], `${where}: peer`),
    operator: operator(fields['operator'], `${where}: operator`),
    region: matching(fields['region'], /^[A-Z]{2}$/, `${where}: region`),
    payee: matching(fields['payee'], /^0x[0-9a-f]{40}$/, `${where}: payee`),
    capacity: number(fields['capacity'], 1, Number.MAX_SAFE_INTEGER, `${where}: capacity`),
  };
  if (fields['entry'] !== undefined) record.entry = parseEntry(fields['entry'], `${where}: entry`);
  if (fields['exit'] !== undefined) record.exit = parseExit(fields['exit'], `${where}: exit`);
  return record;
}

function parseEntry(value: unknown, where: string): NonNullable<RelayRecord['entry']> {
  const fields = object(value, where);
  return {
    addresses: parseAddresses(fields['addresses'], where),
    port: number(fields['port'], 1, 65_535, `${where}: port`),
    zone: zoneName(fields['zone'], where),
    pricePerMib: price(fields['pricePerMib'], where),
  };
}

function parseExit(value: unknown, where: string): NonNullable<RelayRecord['exit']> {
  const fields = object(value, where);
  return {
    addresses: parseAddresses(fields['addresses'], where),
    zone: parseZone(fields['zone'], where),
    entries: list(fields['entries'], MAX_RECORDS, `${where}: entries`).map((entry, index) =>
      peer(entry, `${where}: entries[${index}]`),
    ),
    pricePerMib: price(fields['pricePerMib'], where),
  };
}

function parseAddresses(value: unknown, where: string): string[] {
  const addresses = list(value, MAX_ADDRESSES, `${where}: addresses`);
  if (addresses.length === 0) throw new RelayRecordError(`${where}: there are no addresses`);
  return addresses.map((address) => {
    if (typeof address !== 'string' || !(ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address)))
      throw new RelayRecordError(`${where}: an address is not an IP address`);
    return address;
  });
}

function parseZone(value: unknown, where: string): Zone {
  const fields = object(value, `${where}: zone`);
  return { name: zoneName(fields['name'], where), operator: operator(fields['operator'], `${where}: zone operator`) };
}

function zoneName(value: unknown, where: string): string {
  if (typeof value !== 'string' || !isZone(value)) throw new RelayRecordError(`${where}: zone name is not a DNS name`);
  return value;
}

function price(value: unknown, where: string): number {
  return number(value, 0, MAX_PRICE, `${where}: price`);
}

function number(value: unknown, least: number, most: number, where: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RelayRecordError(`${where} is not a number from ${least} to ${most}`);
}

function list(value: unknown, most: number, where: string): unknown[] {
  if (Array.isArray(value) && value.length <= most) return value;
  throw new RelayRecordError(`${where} is not a list of at most ${most}`);
}

function object(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RelayRecordError(`${where} is not an object`);
  }
  return value as Record<string, unknown>;
}

function peer(value: unknown, where: string): PeerLabel {
  if (typeof value !== 'string' || !isPeerLabel(value))
    throw new RelayRecordError(`${where} is not a peer id in base36`);
  return value;
}

function operator(value: unknown, where: string): string {
  return matching(value, new RegExp(`^[\\x21-\\x7e]{1,${MAX_OPERATOR_LENGTH}}$`), where);
}

function matching(value: unknown, pattern: RegExp, where: string): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw new RelayRecordError(`${where} is not of its form`);
  return value;
}
