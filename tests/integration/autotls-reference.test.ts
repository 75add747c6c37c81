// The client that others use, unchanged: @ipshipyard/libp2p-auto-tls gets a certificate from our zone against pebble. It asks only for public addresses, so a front before the broker puts the
// loopback's in their place; nothing else passes it differently.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { peerIdFromString } from '@libp2p/peer-id';
import { expect, test } from 'vitest';
import { peerLabel } from '../../relay/identity.ts';
import { createAutotlsBench, type AutotlsBench } from '../support/autotls-bench.ts';
import { startFront } from '../support/https-front.ts';
import { startProgram } from '../support/program.ts';

const HOST = '127.0.0.1';
const ANNOUNCED = '8.8.8.8';

test('the reference client gets a certificate from our zone', async () => {
  const bench = await createAutotlsBench(HOST, ['zone.test'], { brokerName: 'localhost' });
  const leaf = await bench.ca.issue({ names: ['localhost'] });
  const [{ zone, pebble }] = bench.zones as [AutotlsBench['zones'][number]];
  const front = await startFront(HOST, { host: HOST, port: zone.broker.address.port }, leaf);
  front.changeBody = (body) => body.replaceAll(ANNOUNCED, HOST);
  const trust = join(bench.folder, 'ca.pem');
  await writeFile(trust, bench.ca.certificate);
  const settings = {
    ...{ host: HOST, announced: ANNOUNCED, domain: zone.domain },
    endpoint: `https://localhost:${front.port}/`,
    acme: `https://localhost:${pebble.port}/dir`,
  };
  const begun = performance.now();
  const client = await startProgram(
    process.execPath,
    [join(import.meta.dirname, '../support/autotls-reference-client.ts'), JSON.stringify(settings)],
    /"chain":/,
    { NODE_EXTRA_CA_CERTS: trust },
  );
  try {
    console.log(
      `@ipshipyard/libp2p-auto-tls, from its start to a certificate: ${((performance.now() - begun) / 1000).toFixed(2)} s`,
    );
    const line = client
      .output()
      .split('\n')
      .find((text) => text.includes('"chain":'))!;
    const { peer, chain, key } = JSON.parse(line) as { peer: string; chain: string; key: string };
    const certificate = new X509Certificate(chain);
    expect(certificate.subjectAltName).toBe(`DNS:*.${peerLabel(peerIdFromString(peer))}.zone.test`);
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(front.requests.map(({ method }) => method)).toEqual(['OPTIONS', 'POST']);
  } finally {
    await client.stop();
    await front.close();
    await bench.close();
  }
});
