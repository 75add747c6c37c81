// What a browser does with a circuit, as one call: TLS to the entry with the circuit's name, verified against the exit's certificate, then
// CONNECT to a place behind the exit. For tests with real relays.

import { once } from 'node:events';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import { circuitName } from './relay-client.ts';
import { tunnelsPort, type RelayProcess } from './relay-process.ts';

export type CircuitEnds = {
  entry: RelayProcess;
  exit: RelayProcess;
  /** PEM that the exit's certificate is verified with. */
  ca: string;
};

/** Bytes to the place and back. Rejects where the entry, the exit or the place refuses. @param place `127.0.0.1:80` */
export async function connectThrough({ entry, exit, ca }: CircuitEnds, place: string): Promise<TLSSocket> {
  const { host, port } = tunnelsPort(entry);
  const socket = tlsConnect({ host, port, ca, servername: circuitName(exit, host), ALPNProtocols: ['http/1.1'] });
  await once(socket, 'secureConnect');
  socket.write(`CONNECT ${place} HTTP/1.1\r\nhost: ${place}\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  const text = answer.toString();
  if (!/^HTTP\/1\.1 200 [^]*\r\n\r\n$/.test(text)) throw new Error(`the exit answered: ${text}`);
  return socket;
}

/** Sends a word to an echo server behind the exit and hears it again. */
export async function echoThrough(ends: CircuitEnds, place: string, word: string): Promise<string> {
  const socket = await connectThrough(ends, place);
  socket.end(word);
  let heard = '';
  for await (const chunk of socket) heard += String(chunk);
  return heard;
}
