// What several sections of the configuration are made of: addresses with ports, paths, names. Part of schema.ts.

import { isIP } from 'node:net';
import * as v from 'valibot';
import { isZone } from '../../src/core/tunnel/circuit-name.ts';

export type HostPort = { host: string; port: number };

const MAX_PORT = 65_535;

export const HostPortSchema = v.pipe(
  v.string('must be <address>:<port>'),
  v.rawTransform<string, HostPort>(({ dataset, addIssue, NEVER }) => {
    const value = parseHostPort(dataset.value);
    if (value !== undefined) return value;
    addIssue({ message: 'must be <address>:<port>, such as 192.0.2.1:443 or [2001:db8::1]:443' });
    return NEVER;
  }),
);

export const PathSchema = v.pipe(v.string(), v.nonEmpty('must be a path'));
export const DomainSchema = v.pipe(v.string(), v.check(isZone, 'must be a domain name in lower case'));
export const AddressSchema = v.pipe(
  v.string(),
  v.check((text) => isIP(text) !== 0, 'must be an IP address'),
);

/** `192.0.2.1:443`, `[2001:db8::1]:443`; port 0 lets the system choose. Undefined for anything else; host names are not addresses. */
export function parseHostPort(text: string): HostPort | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  if (match === null || port > MAX_PORT || isIP(host) !== (match[1] === undefined ? 4 : 6)) return undefined;
  return { host, port };
}

export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
