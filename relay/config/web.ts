// The part `web` of an entry's section: a web server that shares the port of the tunnels. What is no circuit goes there as it is. Part of schema.ts.

import ipaddr from 'ipaddr.js';
import * as v from 'valibot';
import { isZone } from '../../src/core/tunnel/circuit-name.ts';
import { HostPortSchema, type HostPort } from './parts.ts';

/** As many as one certificate of Let's Encrypt holds; more sites than that have a `*.` in common, or need no list. */
const MAX_NAMES = 100;

export const WebSchema = v.strictObject({
  address: v.pipe(
    HostPortSchema,
    v.check(({ port }) => port !== 0, 'must name the port of the web server'),
  ),
  /** `example.org`, or `*.example.org` for all below it. Left out: every name that is no circuit's, and clients that send none. */
  names: v.optional(
    v.pipe(
      v.array(
        v.pipe(
          v.string(),
          v.check(isName, 'must be a domain name in lower case, such as www.example.org or *.example.org'),
        ),
      ),
      v.minLength(1, 'must name at least one, or be left out'),
      v.maxLength(MAX_NAMES),
    ),
  ),
  /** Tell the server who comes (PROXY protocol, version 2). A server that does not expect it takes it for a broken hello. */
  proxyProtocol: v.optional(v.boolean(), false),
});

export type WebConfig = v.InferOutput<typeof WebSchema>;

/** Whether what is sent there comes back to `tunnels`, and is sent there again. An address of this machine beside a wildcard is not known here: the limits of web-pass.ts end that. */
export function leadsBack(web: HostPort | undefined, tunnels: HostPort): boolean {
  if (web?.port !== tunnels.port) return false;
  const [to, listening] = [web.host, tunnels.host].map((host) => ipaddr.process(host));
  if (to === undefined || listening === undefined) return false;
  const isSame = to.toString() === listening.toString();
  return isSame || (listening.range() === 'unspecified' && ['loopback', 'unspecified'].includes(to.range()));
}

function isName(text: string): boolean {
  return isZone(text.replace(/^\*\./, ''));
}
