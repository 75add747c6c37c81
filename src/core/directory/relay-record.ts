// What a client knows of a relay, and how it is read from outside (a settings cell, a bundled list).
// The signed descriptor of the directory will carry the same facts; until then the list is trusted as the extension itself is.

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
  /** Where browsers connect, when the relay is an entry; `zone` is that of the entry's own name. */
  entry?: { address: string; port: number; zone: Zone };
  /** When the relay is an exit: the zone of its certificate, and the entries it keeps a connection to. */
  exit?: { zone: Zone; entries: PeerLabel[] };
};

export class RelayRecordError extends Error {
  override readonly name = 'RelayRecordError';
}

/** Far above any devnet or bundled list, small enough to be read in one go. */
const MAX_RECORDS = 1000;
const MAX_OPERATOR_LENGTH = 100;

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
  };
  if (fields['entry'] !== undefined) record.entry = parseEntry(fields['entry'], `${where}: entry`);
  if (fields['exit'] !== undefined) record.exit = parseExit(fields['exit'], `${where}: exit`);
  return record;
}

function parseEntry(value: unknown, where: string): NonNullable<RelayRecord['entry']> {
  const fields = object(value, where);
  const address = fields['address'];
  if (typeof address !== 'string' || !(ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address))) {
    throw new RelayRecordError(`${where}: address is not an IP address`);
  }
  const port = fields['port'];
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) {
    throw new RelayRecordError(`${where}: port is not a number from 1 to 65535`);
  }
  return { address, port, zone: parseZone(fields['zone'], where) };
}

function parseExit(value: unknown, where: string): NonNullable<RelayRecord['exit']> {
  const fields = object(value, where);
  const entries = fields['entries'];
  if (!Array.isArray(entries) || entries.length > MAX_RECORDS)
    throw new RelayRecordError(`${where}: entries is not a list`);
  return {
    zone: parseZone(fields['zone'], where),
    entries: entries.map((entry, index) => peer(entry, `${where}: entries[${index}]`)),
  };
}

function parseZone(value: unknown, where: string): Zone {
  const fields = object(value, `${where}: zone`);
  const name = fields['name'];
  if (typeof name !== 'string' || !isZone(name)) throw new RelayRecordError(`${where}: zone name is not a DNS name`);
  return { name, operator: operator(fields['operator'], `${where}: zone operator`) };
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
