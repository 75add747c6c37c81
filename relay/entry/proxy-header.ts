// Who comes, for a web server behind the relay that would see the relay's address otherwise: the header of the PROXY protocol, version 2
// (https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt §2.2). Pure. Sent by web-pass.ts before the client's first byte.

import ipaddr from 'ipaddr.js';

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
/** Version 2, command PROXY. */
const VERSION_AND_COMMAND = 0x21;
/** Address family and transport: AF_INET or AF_INET6, with STREAM. */
const TCP4 = 0x11;
const TCP6 = 0x21;
/** "Use the connection's own": what the specification has for addresses that cannot be said. */
const UNSPECIFIED = 0x00;

/** A socket's; it has none of these once it is closed. */
export type ProxiedSocket = {
  remoteAddress?: string | undefined;
  remotePort?: number | undefined;
  localAddress?: string | undefined;
  localPort?: number | undefined;
};

export function encodeProxyHeader({ remoteAddress, remotePort, localAddress, localPort }: ProxiedSocket): Buffer {
  const [source, destination] = [bytesOf(remoteAddress), bytesOf(localAddress)];
  // Of a socket that has just been closed there is nothing to say.
  if (source === undefined || source.length !== destination?.length) return header(UNSPECIFIED, Buffer.alloc(0));
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(remotePort ?? 0, 0);
  ports.writeUInt16BE(localPort ?? 0, 2);
  return header(source.length === 4 ? TCP4 : TCP6, Buffer.concat([source, destination, ports]));
}

function header(family: number, addresses: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(addresses.length);
  return Buffer.concat([SIGNATURE, Buffer.from([VERSION_AND_COMMAND, family]), length, addresses]);
}

/** IPv4 also where a dual-stack listener has it as `::ffff:192.0.2.1`. */
function bytesOf(address: string | undefined): Buffer | undefined {
  if (address === undefined || !ipaddr.isValid(address)) return undefined;
  return Buffer.from(ipaddr.process(address).toByteArray());
}
