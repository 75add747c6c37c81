// A certificate transparency log for tests: answers as RFC 6962 §4 has it, with what a test puts into it. There is no real one here to ask.

import { once } from 'node:events';
import { createServer } from 'node:https';
import { X509Certificate } from 'node:crypto';

export type TestCtLog = {
  url: string;
  /** @param pem a certificate, leaf first */
  add(pem: string, options?: { precertificate?: boolean }): void;
  addGarbage(): void;
  /** How many entries it gives at once. */
  atOnce: number;
  requests: string[];
  close(): Promise<void>;
};

export async function startCtLog(host: string, name: string, leaf: { chain: string; key: string }): Promise<TestCtLog> {
  const entries: { leaf_input: string; extra_data: string }[] = [];
  const requests: string[] = [];
  const server = createServer({ cert: leaf.chain, key: leaf.key }, (request, response) => {
    const url = new URL(request.url!, `https://${name}`);
    requests.push(url.pathname + url.search);
    const [start, end] = [Number(url.searchParams.get('start')), Number(url.searchParams.get('end'))];
    const answer = url.pathname.endsWith('get-sth')
      ? { tree_size: entries.length, timestamp: Date.now() }
      : { entries: entries.slice(start, Math.min(end + 1, start + log.atOnce)) };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  server.listen(0, host);
  await once(server, 'listening');
  const log: TestCtLog = {
    url: `https://${name}:${(server.address() as { port: number }).port}/`,
    requests,
    atOnce: 1000,
    add: (pem, { precertificate = false } = {}) => {
      const { raw } = new X509Certificate(pem);
      const whole = Buffer.concat([length3(raw), raw]);
      // Of a precertificate the leaf has a hash of the issuer's key and what will be signed, here left out.
      const leafInput = Buffer.concat([head(precertificate ? 1 : 0), precertificate ? Buffer.alloc(35) : whole]);
      const extra = precertificate ? whole : Buffer.alloc(3);
      entries.push({ leaf_input: leafInput.toString('base64'), extra_data: extra.toString('base64') });
    },
    addGarbage: () => void entries.push({ leaf_input: 'AAAA', extra_data: '' }),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return log;
}

/** Version 0, timestamped entry, the time, and the kind. */
function head(kind: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(BigInt(Date.now()), 2);
  bytes.writeUInt16BE(kind, 10);
  return bytes;
}

function length3(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(3);
  length.writeUIntBE(bytes.length, 0, 3);
  return length;
}
