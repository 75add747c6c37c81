// A zone of the tests, and queries of every kind as bytes: written by dns-packet, which the zone's own code does not use.

import * as dnsPacket from 'dns-packet';
import type { Zone } from '../../relay/zone/dns/answer.ts';

export const ZONE_NAME = 'zone.test';
export const PEER = 'k51qzi5uqu5dlwfht6wwy7lp4z35bgytksvp5sg53fdhcocmirjepowgifkxqd';
export const CHALLENGE = 'A'.repeat(43);

export function testZone(parts: Partial<Zone> = {}): Zone {
  return {
    name: ZONE_NAME,
    nameServers: [`ns1.${ZONE_NAME}`, 'ns.elsewhere.test'],
    mailbox: `hostmaster.${ZONE_NAME}`,
    hosts: new Map([
      [`ns1.${ZONE_NAME}`, ['192.0.2.53', '2001:db8::53']],
      [`registration.${ZONE_NAME}`, ['192.0.2.80']],
    ]),
    issuers: ['ca.test'],
    mayAnswer: () => true,
    challengesOf: () => [],
    ...parts,
  };
}

export type QueryOptions = {
  type?: string;
  edns?: { size?: number; version?: number; dnssecOk?: boolean; subnet?: string };
  /** Of the header. */
  flags?: number;
  id?: number;
};

export function queryBytes(name: string, { type = 'A', edns, flags = 0, id = 4711 }: QueryOptions = {}): Buffer {
  const opt = edns && {
    type: 'OPT' as const,
    name: '.' as const,
    udpPayloadSize: edns.size ?? 1232,
    extendedRcode: 0,
    ednsVersion: edns.version ?? 0,
    flags: edns.dnssecOk ? dnsPacket.DNSSEC_OK : 0,
    flag_do: edns.dnssecOk ?? false,
    options: edns.subnet === undefined ? [] : [{ code: 8, ip: edns.subnet, sourcePrefixLength: 24 }],
  };
  return dnsPacket.encode({
    type: 'query',
    id,
    flags,
    questions: [{ type: type as dnsPacket.RecordType, name }],
    additionals: opt === undefined ? [] : [opt as unknown as dnsPacket.Answer],
  });
}
