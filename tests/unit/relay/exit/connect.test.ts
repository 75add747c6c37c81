// Happy Eyeballs over real sockets: the first address that answers wins, a silent one does not hold the others back.

import { afterEach, describe, expect, test } from 'vitest';
import { connect, type ConnectOptions } from '../../../../relay/exit/connect.ts';
import { ExitError } from '../../../../relay/exit/exit-error.ts';
import { openBlackHole } from '../../../support/exit-black-hole.ts';
import { startTcpOrigin } from '../../../support/exit-origin.ts';

const open: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

async function keep<T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> {
  const one = await starting;
  open.push(one);
  return one;
}

async function dial(options: Partial<ConnectOptions> & { addresses: string[]; port: number }): Promise<string> {
  const socket = await connect({ source: undefined, signal: new AbortController().signal, ...options });
  const { remoteAddress = '' } = socket;
  socket.destroy();
  return remoteAddress;
}

describe('connecting', () => {
  test('an address that refuses gives way to the next at once', async () => {
    const site = await keep(startTcpOrigin(() => undefined, '127.0.2.2'));
    expect(await dial({ addresses: ['127.0.2.3', '::1', '127.0.2.2'], port: site.port })).toBe('127.0.2.2');
  });

  test('an address that says nothing gives way after the delay, and is not waited for', async () => {
    const hole = await keep(openBlackHole());
    const site = await keep(startTcpOrigin(() => undefined, '127.0.2.2', hole.port));
    const before = performance.now();
    expect(await dial({ addresses: [hole.address, site.address], port: hole.port })).toBe('127.0.2.2');
    expect(performance.now() - before).toBeGreaterThan(200);
  });

  test('when every address is silent, it ends at the limit', async () => {
    const hole = await keep(openBlackHole());
    const failure = dial({ addresses: [hole.address], port: hole.port, limitMs: 300 });
    await expect(failure).rejects.toMatchObject({ code: 'connect-timeout' });
  });

  test('a client that leaves ends the attempts', async () => {
    const hole = await keep(openBlackHole());
    const gone = new AbortController();
    const failure = dial({ addresses: [hole.address], port: hole.port, signal: gone.signal });
    gone.abort();
    await expect(failure).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('an address is asked about when its turn comes, and one that may not be dialled is passed over', async () => {
    const site = await keep(startTcpOrigin(() => undefined, '127.0.2.2'));
    const asked: string[] = [];
    const mayDial = (address: string): boolean => asked.push(address) > 1;
    const addresses = ['127.0.2.3', '127.0.2.2', '127.0.2.4'];
    expect(await dial({ addresses, port: site.port, mayDial })).toBe('127.0.2.2');
    expect(asked).toEqual(['127.0.2.3', '127.0.2.2']);
    const failure = dial({ addresses, port: site.port, mayDial: () => false });
    await expect(failure).rejects.toMatchObject({ code: 'too-many-connections' });
  });

  test('when every address refuses, that is told', async () => {
    const site = await startTcpOrigin(() => undefined);
    await site.stop();
    const failure = dial({ addresses: ['127.0.2.1', '127.0.2.3'], port: site.port });
    await expect(failure).rejects.toBeInstanceOf(ExitError);
    await expect(failure).rejects.toMatchObject({ code: 'refused-by-origin' });
  });

  test('a source address is used for destinations of its family only', async () => {
    const seen: (string | undefined)[] = [];
    const four = await keep(startTcpOrigin((socket) => seen.push(socket.remoteAddress)));
    const six = await keep(startTcpOrigin((socket) => seen.push(socket.remoteAddress), '::1'));
    await dial({ addresses: [four.address], port: four.port, source: '127.0.1.9' });
    await dial({ addresses: ['::1'], port: six.port, source: '127.0.1.9' });
    expect(seen).toEqual(['127.0.1.9', '::1']);
  });

  test('a long answer is not tried to its end', async () => {
    const site = await keep(startTcpOrigin(() => undefined, '127.0.2.2'));
    const many = Array.from({ length: 30 }, (_, index) => `127.0.3.${index + 1}`);
    await expect(dial({ addresses: [...many, site.address], port: site.port })).rejects.toMatchObject({
      code: 'refused-by-origin',
    });
  });
});
