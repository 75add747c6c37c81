// The exit's proxy as a browser uses it: HTTP/2 over TLS, CONNECT tunnels and plain http, against real origins.

import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, startExit, tunnel, type TestExit } from '../support/exit-proxy.ts';
import { startHttpOrigin, startTcpOrigin, type Origin } from '../support/exit-origin.ts';

let exit: TestExit;
const origins: Origin[] = [];

beforeEach(async () => {
  exit = await startExit();
});

afterEach(async () => {
  await exit.stop();
  for (const origin of origins.splice(0)) await origin.stop();
});

async function http(...args: Parameters<typeof startHttpOrigin>): Promise<Origin> {
  const origin = await startHttpOrigin(...args);
  origins.push(origin);
  return origin;
}

async function tcp(...args: Parameters<typeof startTcpOrigin>): Promise<Origin> {
  const origin = await startTcpOrigin(...args);
  origins.push(origin);
  return origin;
}

describe('plain http', () => {
  test('a GET reaches the origin and its answer comes back', async () => {
    const origin = await http((request, response) => {
      response.setHeader('content-type', 'text/plain').end(`you asked for ${request.url ?? ''}`);
    });
    const session = await exit.h2();
    const answer = await ask(session, {
      ':method': 'GET',
      ':scheme': 'http',
      ':authority': origin.authority,
      ':path': '/a?b=c',
    });
    expect(answer.status).toBe(200);
    expect(answer.body.toString()).toBe('you asked for /a?b=c');
  });
});

describe('CONNECT', () => {
  test('bytes go both ways and each side may end first', async () => {
    const origin = await tcp((socket) => {
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('end', () => socket.end(text.toUpperCase()));
    });
    const session = await exit.h2();
    const stream = await tunnel(session, origin.authority);
    stream.end('spoken before the end');
    let heard = '';
    stream.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    await once(stream, 'end');
    expect(heard).toBe('SPOKEN BEFORE THE END');
  });
});
