// @ipshipyard/libp2p-auto-tls as it is, in a process of its own, since what it trusts is set when a process starts: a libp2p node that asks for a certificate and prints it. Run as a program:
// node tests/support/autotls-reference-client.ts '{"host", "domain", "endpoint", "acme"}'

import { autoTLS } from '@ipshipyard/libp2p-auto-tls';
import { http } from '@libp2p/http';
import { identify } from '@libp2p/identify';
import { keychain } from '@libp2p/keychain';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { tcp } from '@libp2p/tcp';
import { createLibp2p } from 'libp2p';
import { freePort } from './program.ts';

type Settings = { host: string; domain: string; endpoint: string; acme: string; announced: string };

const { host, domain, endpoint, acme, announced } = JSON.parse(process.argv[2]!) as Settings;
const port = await freePort(host);
const node = await createLibp2p({
  addresses: { listen: [`/ip4/${host}/tcp/${port}`], announce: [`/ip4/${announced}/tcp/${port}`] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: {
    autoTLS: autoTLS({
      ...{ forgeDomain: domain, forgeEndpoint: endpoint, acmeDirectory: acme },
      autoConfirmAddress: true,
      // It waits 5 s for more addresses.
      provisionDelay: 100,
    }),
    http: http(),
    identify: identify(),
    keychain: keychain(),
  },
});
node.addEventListener('certificate:provision', ({ detail }) => {
  console.log(JSON.stringify({ peer: node.peerId.toString(), chain: detail.cert, key: detail.key }));
});
process.on('SIGTERM', () => process.exit(0));
