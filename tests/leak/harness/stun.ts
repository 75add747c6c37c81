// A STUN server (RFC 8489) on UDP and TCP that answers binding requests, and a listener for QUIC that takes datagrams and is silent:
// a browser that asks them is seen by the tap; one that was answered goes on asking. Started by server-main.ts.

import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const HEADER_BYTES = 20;
const MAGIC_COOKIE = 0x2112a442;
const XOR_MAPPED_ADDRESS = 0x0020;

export async function startDatagramServers(stunPort: number, quicPort: number): Promise<() => Promise<void>> {
  const stun = createSocket('udp6');
  stun.on('message', (message, peer) => {
    const reply = bindingReply(message, peer);
    if (reply) stun.send(reply, peer.port, peer.address);
  });
  stun.on('error', () => undefined);
  const quic = createSocket('udp6');
  quic.on('error', () => undefined);
  stun.bind(stunPort, '::');
  quic.bind(quicPort, '::');
  const open = new Set<Socket>();
  const tcp = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    socket.resume();
  });
  tcp.listen(stunPort, '::');
  await Promise.all([once(stun, 'listening'), once(quic, 'listening'), once(tcp, 'listening')]);
  return async () => {
    for (const socket of open) socket.destroy();
    const ends = [stun, quic, tcp].map((server) => once(server, 'close'));
    for (const server of [stun, quic, tcp]) server.close();
    await Promise.all(ends);
  };
}

/** A success response with the caller's IPv4 address, or undefined for anything but a binding request. */
function bindingReply(message: Buffer, peer: RemoteInfo): Buffer | undefined {
  if (message.length < HEADER_BYTES || message.readUInt16BE(0) !== BINDING_REQUEST) return undefined;
  const parts = peer.address
    .replace(/^::ffff:/, '')
    .split('.')
    .map(Number);
  if (parts.length !== 4) return undefined;
  const reply = Buffer.alloc(HEADER_BYTES + 12);
  reply.writeUInt16BE(BINDING_SUCCESS, 0);
  reply.writeUInt16BE(12, 2);
  message.copy(reply, 4, 4, HEADER_BYTES);
  reply.writeUInt16BE(XOR_MAPPED_ADDRESS, 20);
  reply.writeUInt16BE(8, 22);
  reply.writeUInt16BE(1, 24);
  reply.writeUInt16BE(peer.port ^ (MAGIC_COOKIE >>> 16), 26);
  reply.writeUInt32BE((Buffer.from(parts).readUInt32BE(0) ^ MAGIC_COOKIE) >>> 0, 28);
  return reply;
}
