// A resolver that speaks DNS over HTTPS and is not ours: unbound, with records of the test. And a `fetch` that reaches it under its name, as the worker's would by the browser's own resolver.

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { createTestCa } from './certificates.ts';
import { freePort, startProgram } from './program.ts';

const HOST = '127.0.5.2';
const NAME = 'dns.test';

export type DohResolver = {
  url: string;
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  close(): Promise<void>;
};

/** @param records TXT records by name; each of as many strings as it is given in */
export async function startDohResolver(records: Record<string, readonly (readonly string[])[]>): Promise<DohResolver> {
  const ca = await createTestCa();
  const leaf = await ca.issue({ names: [NAME] });
  const folder = await mkdtemp(join(tmpdir(), 'conet-doh-'));
  const port = await freePort(HOST);
  const path = join(folder, 'unbound.conf');
  const lines = Object.entries(records).flatMap(([name, texts]) =>
    texts.map((strings) => `  local-data: '${name}. 300 IN TXT ${strings.map((text) => `"${text}"`).join(' ')}'`),
  );
  await writeFile(join(folder, 'chain.pem'), leaf.chain);
  await writeFile(join(folder, 'key.pem'), leaf.key);
  await writeFile(
    path,
    [
      'server:',
      `  interface: ${HOST}@${port}`,
      `  https-port: ${port}`,
      `  tls-service-pem: "${folder}/chain.pem"`,
      `  tls-service-key: "${folder}/key.pem"`,
      `  directory: "${folder}"`,
      '  username: ""',
      '  chroot: ""',
      `  pidfile: "${folder}/pid"`,
      '  use-syslog: no',
      '  logfile: ""',
      '  num-threads: 1',
      '  local-zone: "test." static',
      ...lines,
      'remote-control:',
      '  control-enable: no',
      '',
    ].join('\n'),
  );
  const program = await startProgram('unbound', ['-d', '-c', path], /start of service/);
  return {
    url: `https://${NAME}:${port}/dns-query`,
    fetch: (url, init) => fetchFrom(url, init, ca.certificate),
    close: async () => {
      await program.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** HTTP/2: unbound speaks no other. */
async function fetchFrom(url: string, { method, headers, body, signal }: RequestInit, ca: string): Promise<Response> {
  const { hostname, port, pathname, origin } = new URL(url);
  const options = { host: HOST, port: Number(port), servername: hostname, ca, ALPNProtocols: ['h2'] };
  const session = connect(origin, { createConnection: () => connectTls(options) });
  try {
    const failed = once(session, 'error').then(([error]) => Promise.reject(error as Error));
    failed.catch(() => undefined);
    const stream = session.request(
      { ':method': method, ':path': pathname, ...(headers as Record<string, string>) },
      { signal: signal ?? undefined },
    );
    stream.end(body as Uint8Array);
    const [answer] = (await Promise.race([once(stream, 'response'), failed])) as [IncomingHttpHeaders];
    const type = answer['content-type'];
    return new Response(new Uint8Array(await buffer(stream)), {
      status: Number(answer[':status']),
      headers: type === undefined ? {} : { 'content-type': type },
    });
  } finally {
    session.close();
  }
}
