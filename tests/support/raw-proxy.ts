// A raw byte server on a Unix socket in the place of an exit's HTTP proxy, so that tests can follow every byte of a tunnel.
//
// The first line of a tunnel after its ClientHello says what the server does: `echo`, `send <bytes>`, `take`, `hang`, `stall`, `cut <bytes>`.

import { createServer, type Socket } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import type { ExitProxy } from '../../relay/exit/exit-proxy.ts';
import { ClientHelloReader } from '../../src/core/tunnel/client-hello.ts';
import { patternAt } from './relay-pattern.ts';

/** @param onTunnel told of each tunnel that arrives */
export async function createRawProxy(onTunnel?: () => void): Promise<ExitProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'relay-raw-'));
  const path = join(folder, 'proxy.sock');
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => undefined);
    onTunnel?.();
    void serve(socket);
  });
  await new Promise<void>((resolve) => server.listen({ path, backlog: 4096 }, resolve));
  return {
    path,
    pathFrom: () => path,
    close: async () => {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function serve(socket: Socket): Promise<void> {
  const { command, rest } = await readCommand(socket);
  const [name = 'hang', count = '0'] = command.split(' ');
  switch (name) {
    case 'echo':
      socket.unshift(rest);
      socket.pipe(socket);
      return;
    case 'send':
      await sendPattern(socket, Number(count));
      socket.end();
      socket.resume();
      return;
    case 'take': {
      // Answers with the length and the hash once the other side has ended: half-close both ways.
      const hash = createHash('sha256').update(rest);
      let length = rest.length;
      socket.on('data', (chunk: Buffer) => {
        length += chunk.length;
        hash.update(chunk);
      });
      socket.on('end', () => socket.end(JSON.stringify({ length, sha256: hash.digest('hex') })));
      socket.resume();
      return;
    }
    case 'stall':
      // Says that it is there and never reads on.
      socket.write('.');
      return;
    case 'cut':
      await sendPattern(socket, Number(count));
      socket.destroy();
      return;
    default:
      // One byte, so that the client knows that its tunnel stands, and then silence.
      socket.write('.');
      socket.resume();
  }
}

async function readCommand(socket: Socket): Promise<{ command: string; rest: Buffer }> {
  const reader = new ClientHelloReader();
  let hello = true;
  let text = Buffer.alloc(0);
  for await (const chunk of onData(socket)) {
    if (hello) {
      // The hello ends exactly at the end of a chunk or before it: the tests send the command after it in the same stream.
      for (let at = 0; at < chunk.length; at += 1) {
        if (reader.push(chunk.subarray(at, at + 1)) === undefined) continue;
        hello = false;
        text = Buffer.concat([text, chunk.subarray(at + 1)]);
        break;
      }
    } else text = Buffer.concat([text, chunk]);
    const end = text.indexOf(10);
    if (end >= 0) {
      return { command: text.subarray(0, end).toString(), rest: text.subarray(end + 1) };
    }
  }
  return { command: 'hang', rest: Buffer.alloc(0) };
}

async function* onData(socket: Socket): AsyncGenerator<Buffer> {
  for (;;) {
    const chunk = await new Promise<Buffer | undefined>((resolve) => {
      const done = (value: Buffer | undefined): void => {
        socket.pause();
        socket.off('data', done);
        socket.off('end', ended);
        socket.off('close', ended);
        resolve(value);
      };
      const ended = (): void => done(undefined);
      socket.on('data', done);
      socket.on('end', ended);
      socket.on('close', ended);
      socket.resume();
    });
    if (chunk === undefined) return;
    yield chunk;
  }
}

async function sendPattern(socket: Socket, length: number): Promise<void> {
  for (let at = 0; at < length && !socket.destroyed;) {
    const chunk = patternAt(at, length);
    at += chunk.length;
    if (!socket.write(chunk)) {
      await new Promise<void>((resolve) => {
        const go = (): void => {
          socket.off('drain', go);
          socket.off('close', go);
          resolve();
        };
        socket.on('drain', go);
        socket.on('close', go);
      });
    }
  }
}
