// A tunnel to a site through any of the peers, for a client of our own: TLS and CONNECT (RFC 9110 §9.3.6), or SOCKS 5 (RFC 1928) by name.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Lab } from '../lab.ts';
import type { Peer } from '../peers/peer.ts';
import { SITE } from '../peers/plan.ts';

const SOCKS_GREETING = Buffer.from([5, 1, 0]);

export async function openTunnel({ proxy, title }: Peer, { caFile }: Lab): Promise<Socket> {
  switch (proxy.kind) {
    case 'none': {
      const socket = connect({ host: SITE.address, port: SITE.http, noDelay: true });
      await once(socket, 'connect');
      return socket;
    }
    case 'https': {
      const { address, port, host } = proxy;
      const ca = await readFile(caFile);
      const socket = connectTls({ host: address, port, servername: host, ca, ALPNProtocols: ['http/1.1'] });
      await once(socket, 'secureConnect');
      socket.setNoDelay(true);
      socket.write(`CONNECT ${SITE.host}:${SITE.http} HTTP/1.1\r\nhost: ${SITE.host}:${SITE.http}\r\n\r\n`);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      if (!answer.toString('latin1').startsWith('HTTP/1.1 200 '))
        throw new Error(`${title}: ${answer.toString('latin1')}`);
      return socket;
    }
    case 'socks5': {
      const socket = connect({ host: proxy.address, port: proxy.port, noDelay: true });
      await once(socket, 'connect');
      socket.write(SOCKS_GREETING);
      await once(socket, 'data');
      const name = Buffer.from(SITE.host);
      // CONNECT, to a name.
      const ask = Buffer.from([5, 1, 0, 3, name.length, ...name, SITE.http >> 8, SITE.http & 255]);
      socket.write(ask);
      const [answer] = (await once(socket, 'data')) as [Buffer];
      if (answer[1] !== 0) throw new Error(`${title}: SOCKS error ${answer[1] ?? '?'}`);
      return socket;
    }
  }
}
