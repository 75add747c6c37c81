// What a proxy request asks for, read from the client's bytes into a type: the authority of CONNECT, the URL of a plain http request.
// Hosts are read as the URL standard reads them, so that 2130706433, 0177.0.0.1 and fullwidth digits are the address they stand for
// before anything is decided about them. Pure; called by http1.ts and http2.ts.

import ipaddr from 'ipaddr.js';
import { ExitError } from './exit-error.ts';

export type Host =
  /** An address, IPv4 dotted or IPv6 as RFC 5952 writes it, without brackets. An IPv4-mapped IPv6 address is its IPv4 address. */
  | { kind: 'address'; address: string }
  /** A DNS name: lower case, ASCII, without the final dot. */
  | { kind: 'name'; name: string };

export type Destination = { host: Host; port: number };

export type PlainRequestTarget = Destination & {
  /** The Host field to send (RFC 9112 §3.2.2): as in the URL, the port only where it is not 80. */
  authority: string;
  /** Path and query as the client wrote them. */
  path: string;
};

/** RFC 1035 §2.3.4 and §3.1, in characters without the final dot. */
const MAX_NAME_LENGTH = 253;
const DNS_NAME = /^(?:[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z_])?\.)*[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z_])?$/;

/** A host and a port, or a host alone; no user name, no path, nothing that the URL parser would skip over. */
const AUTHORITY = /^(\[[0-9a-f:.]+\]|[^\s\p{Cc}:/?#@\\[\]<>^|]+)(?::([0-9]{1,5}))?$/iu;

const HTTP_PORT = 80;

/** Reads `host:port` of a CONNECT request, where the port is required (RFC 9110 §9.3.6). Throws `ExitError` bad-request. */
export function parseConnectTarget(authority: string): Destination {
  const { host, port } = parseAuthority(authority);
  if (port === undefined) throw new ExitError('bad-request');
  return { host, port };
}

/**
 * Reads the URL of a plain http request in absolute form. Throws `ExitError`: not-a-proxy-request for an origin form (somebody opened
 * the exit in a browser), bad-request for anything else, `https://` included, which is asked for with CONNECT.
 */
export function parseAbsoluteForm(url: string, method: string): PlainRequestTarget {
  if (url.startsWith('/') || url === '*') throw new ExitError('not-a-proxy-request');
  const [, authority = '', path = ''] = /^http:\/\/([^/?#]*)((?:[/?][^#]*)?)$/i.exec(url) ?? [];
  return parsePlainTarget(authority, path, method);
}

/** The same from the pseudo-header fields of HTTP/2. An empty path stands for `/`, or for `*` with OPTIONS (RFC 9112 §3.2.4). */
export function parsePlainTarget(authority: string, path: string, method: string): PlainRequestTarget {
  const { host, port = HTTP_PORT, written } = parseAuthority(authority);
  const star = method === 'OPTIONS' && (path === '' || path === '*');
  const sent = star ? '*' : path.startsWith('/') ? path : `/${path}`;
  if (!star && path !== '' && !/^[/?]/.test(path)) throw new ExitError('bad-request');
  if (!/^[\x21-\x7e\x80-\xff]+$/.test(sent)) throw new ExitError('bad-request');
  return { host, port, path: sent, authority: port === HTTP_PORT ? written : `${written}:${port}` };
}

/** Reads a host alone, as it would stand in a URL. Throws `ExitError` bad-request. */
export function parseHost(text: string): Host {
  return parseAuthority(text).host;
}

function parseAuthority(text: string): { host: Host; port?: number; written: string } {
  const [, hostText, portText] = AUTHORITY.exec(text) ?? [];
  if (hostText === undefined) throw new ExitError('bad-request');
  let written: string;
  try {
    written = new URL(`http://${hostText}/`).hostname;
  } catch (cause) {
    throw new ExitError('bad-request', { cause });
  }
  const host = toHost(written);
  if (portText === undefined) return { host, written };
  const port = Number(portText);
  if (port < 1 || port > 65_535) throw new ExitError('bad-request');
  return { host, port, written };
}

function toHost(hostname: string): Host {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(bare) && (bare !== hostname || ipaddr.IPv4.isValidFourPartDecimal(bare))) {
    return { kind: 'address', address: ipaddr.process(bare).toString() };
  }
  const name = hostname.replace(/\.$/, '');
  if (name.length > MAX_NAME_LENGTH || !DNS_NAME.test(name)) throw new ExitError('bad-request');
  return { kind: 'name', name };
}
