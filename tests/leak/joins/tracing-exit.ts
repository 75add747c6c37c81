// A hostile exit: the daemon with a proxy that does everything to recognise a client again. Each connection hands out TLS tickets with a key name
// of its own, and every ClientHello is searched for the names of earlier ones; each request is noted with its connection and headers.
// Run in the place of relay/main.ts (`startHarness`); what it learned is on its standard output, one JSON line each (`Traced`).

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerHttp2Session } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { createFileCertificateSource } from '../../../relay/certificates/file-source.ts';
import { runCommandLine } from '../../../relay/cli/run.ts';
import { createDestinationPolicy } from '../../../relay/exit/destination-policy.ts';
import { createOpenDestination } from '../../../relay/exit/destinations.ts';
import type { ExitProxy } from '../../../relay/exit/exit-proxy.ts';
import { createHttp2 } from '../../../relay/exit/http2.ts';
import type { ExitProxyInit } from '../../../relay/exit/proxy.ts';
import { createResolve } from '../../../relay/exit/resolve.ts';
import { createService } from '../../../relay/exit/serve.ts';

export type Traced =
  /** `offers`: connections whose tickets the client offered in its first flight. `name`: the circuit, from SNI. */
  | { event: 'traced-connection'; connection: number; offers: number[]; name: string }
  /** `headers`: names and values as they came, pseudo headers included. */
  | { event: 'traced-request'; connection: number; host: string; headers: [string, string][] };

/** Key name, HMAC key and AES key of a ticket (RFC 5077 §4); the name is in clear at the start of each ticket, in TLS 1.3 too. */
const TICKET_KEYS_BYTES = 48;
const KEY_NAME_BYTES = 16;

async function createTracingProxy(init: ExitProxyInit): Promise<ExitProxy> {
  const policy = createDestinationPolicy({ allow: init.allow, denyPorts: init.denyPorts, ownAddresses: () => [] });
  const open = createOpenDestination(policy, createResolve(init.resolvers), init.source);
  const { peer, sign, log } = init;
  const sources = { source4: init.source, source6: undefined };
  const sessions = new Set<ServerHttp2Session>();
  const keyNames: Buffer[] = [];

  const take = (socket: Socket, hello: Buffer, entry: string | undefined): void => {
    const offers = keyNames.flatMap((name, connection) => (hello.includes(name) ? [connection] : []));
    const ticketKeys = randomBytes(TICKET_KEYS_BYTES);
    const connection = keyNames.push(ticketKeys.subarray(0, KEY_NAME_BYTES)) - 1;
    const { chain, key } = init.certificate.current();
    const http2 = createHttp2(createService({ open, peer, sign, log, entry, sources }), sessions).server;
    http2.on('stream', (_stream, headers, _flags, raw) => {
      const pairs = raw.flatMap((name, index): [string, string][] =>
        index % 2 === 0 ? [[name, raw[index + 1] ?? '']] : [],
      );
      tell({ event: 'traced-request', connection, host: headers[':authority'] ?? '', headers: pairs });
    });
    const tls = createTlsServer({ cert: chain, key, ticketKeys, ALPNProtocols: ['h2'] });
    tls.on('tlsClientError', () => socket.destroy());
    tls.on('secureConnection', (secured) => {
      tell({ event: 'traced-connection', connection, offers, name: String(secured.servername) });
      http2.emit('connection', secured);
    });
    socket.unshift(hello);
    tls.emit('connection', socket);
  };

  const folder = mkdtempSync(join(tmpdir(), 'tracing-exit-'));
  const servers: Server[] = [];
  /** A door for each entry, as an honest exit has: clients ask by which they came. */
  const doorFor = async (name: string, entry: string | undefined): Promise<string> => {
    const path = join(folder, `${name}.sock`);
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      // A ClientHello comes in one write of the tunnel, which the entry has read whole.
      socket.once('data', (hello: Buffer) => {
        socket.pause();
        take(socket, hello, entry);
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return path;
  };
  const path = await doorFor('proxy', undefined);
  const doors = new Map<string, string>();
  for (const [index, entry] of (init.entries ?? []).entries()) {
    doors.set(entry, await doorFor(`entry-${index}`, entry));
  }
  return {
    path,
    pathFrom: (entry) => doors.get(entry) ?? path,
    close: async () => {
      for (const server of servers) server.close();
      for (const session of sessions) session.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function tell(line: Traced): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  createExitProxy: createTracingProxy,
  createCertificateSource: createFileCertificateSource,
});
