// The web server that shares the port of the tunnels: whether it answers as the relay will ask it, and whether nobody who means a relay gets to it. Used by relay/cli/check.ts.

import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { formatCircuitName, type PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { labelOfKey } from '../../src/core/directory/peer-key.ts';
import { formatHostPort, type HostPort } from '../config/parts.ts';
import type { WebConfig } from '../config/web.ts';
import { encodeProxyHeader } from '../entry/proxy-header.ts';
import { note, wrong, type Finding } from './finding.ts';

export type WebCheckInit = {
  web: WebConfig;
  /** The relay's own, with the zone of its name; undefined: the configuration does not say. */
  own: { peer: PeerLabel; zone: string } | undefined;
  /** Where others come to the running relay; empty: it does not run, or nobody is dialled. */
  reach: readonly HostPort[];
};

/** It is on this machine or beside it; on the Internet a handshake takes a tenth of it. */
const TIMEOUT_MS = 5000;

export async function checkWeb(init: WebCheckInit, signal: AbortSignal): Promise<Finding[]> {
  const { web, own, reach } = init;
  const [server, ...relays] = await Promise.all([
    checkServer(web, signal),
    ...reach.map(async (place) => (own === undefined ? [] : checkNames(place, own, signal))),
  ]);
  return [...server, ...relays.flat()];
}

/** As a visitor who comes through the relay. */
async function checkServer({ address, names, proxyProtocol }: WebConfig, signal: AbortSignal): Promise<Finding[]> {
  const where = `entry.web: ${formatHostPort(address)}`;
  const name = (names?.[0] ?? '').replace(/^\*\./, 'www.');
  const socket = connectTcp({ ...address, signal: limited(signal) });
  try {
    await once(socket, 'connect');
  } catch (error) {
    return [wrong(`${where} does not answer (${codeOf(error)}): start the web server, or mend entry.web.address`)];
  }
  if (proxyProtocol) socket.write(encodeProxyHeader(socket));
  const shown = await certificateAt(socket, name, signal);
  if (shown === 'refused')
    return name === '' ? [] : [note(`${where} refuses who asks for ${name}: has it a certificate for that name?`)];
  if (shown === undefined) {
    const why = proxyProtocol
      ? 'does it serve HTTPS there, and expect the PROXY protocol? If not, take entry.web.proxyProtocol out'
      : 'does it serve HTTPS there? If it expects the PROXY protocol, set entry.web.proxyProtocol';
    return [wrong(`${where} answers, and not with TLS: ${why}`)];
  }
  if (name === '' || shown.checkHost(name) !== undefined) return [];
  return [note(`${where} has no certificate for ${name}, but for ${shown.subjectAltName ?? 'no name'}`)];
}

/** Something else may stand before the relay and share its port, too, as a router of names. */
async function checkNames(
  place: HostPort,
  { peer, zone }: { peer: PeerLabel; zone: string },
  signal: AbortSignal,
): Promise<Finding[]> {
  const where = formatHostPort(place);
  const address = isIP(place.host) === 0 ? '192.0.2.1' : place.host;
  const nobody = labelOfKey(randomBytes(32));
  const [own, circuit] = await Promise.all(
    [peer, nobody].map(async (label) => {
      const socket = connectTcp({ ...place, signal: limited(signal) });
      try {
        await once(socket, 'connect');
      } catch {
        // The check of the ports says so.
        return 'unreached' as const;
      }
      return certificateAt(socket, formatCircuitName({ address, peer: label, zone }), signal);
    }),
  );
  const found: Finding[] = [];
  if (own instanceof X509Certificate && !mentions(own, peer))
    found.push(
      wrong(
        `${where}: the relay’s own name leads to another server, whose certificate is for ${own.subjectAltName ?? 'no name'}: let what stands before the relay pass on *.${peer}.${zone}`,
      ),
    );
  if (circuit instanceof X509Certificate)
    found.push(
      wrong(
        `${where}: the name of a circuit leads to a server whose certificate is for ${circuit.subjectAltName ?? 'no name'}, which sees who is meant: let what stands before the relay pass on all names that are not its own`,
      ),
    );
  return found;
}

function mentions({ subjectAltName = '' }: X509Certificate, peer: PeerLabel): boolean {
  return subjectAltName.includes(`.${peer}.`);
}

/** OpenSSL's names of alerts: what speaks TLS, and will not have this name. */
const ALERT = /^ERR_SSL_(SSLV3|TLSV1)/;

/** What a TLS server shows for this name, whoever issued it; undefined where there is none. Ends the connection. */
async function certificateAt(
  socket: Socket,
  servername: string,
  signal: AbortSignal,
): Promise<X509Certificate | 'refused' | undefined> {
  let tls: TLSSocket | undefined;
  try {
    tls = connectTls({ socket, servername, rejectUnauthorized: false });
    await once(tls, 'secureConnect', { signal: limited(signal) });
    const raw = tls.getPeerX509Certificate()?.raw;
    return raw && new X509Certificate(raw);
  } catch (error) {
    return ALERT.test(codeOf(error)) ? 'refused' : undefined;
  } finally {
    tls?.on('error', () => undefined);
    tls?.destroy();
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

function limited(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
}
