// What the exit does with a client that is gone before it can be answered: nothing, and nothing of it is a fault.

import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { ExitError } from '../../../../relay/exit/exit-error.ts';
import type { PlainReply, PlainRequest } from '../../../../relay/exit/forward.ts';
import { createService } from '../../../../relay/exit/serve.ts';
import { parsePlainTarget } from '../../../../relay/exit/target.ts';

const REQUEST: PlainRequest = {
  ...{ method: 'GET', version: 'h2', fields: [], body: undefined, trailers: () => [] },
  target: parsePlainTarget('shop.test', '/', 'GET'),
};

/** A stream that was closed just now: nothing can be sent on it, and its signal has not said so yet. */
function closedReply(head: PlainReply['head']): PlainReply {
  return {
    ...{ gone: new AbortController().signal, isGone: () => true },
    ...{ informational: () => undefined, trailers: () => undefined, abort: () => undefined },
    head,
  };
}

test('a client whose stream has just been closed is answered nothing, not even that it failed', async () => {
  const requestFailed = vi.fn();
  const service = createService({
    open: () => Promise.reject(new ExitError('unreachable')),
    ...{ peer: 'p', sign: async () => new Uint8Array(64), entry: undefined, log: pino({ level: 'silent' }) },
    sources: { source4: undefined, source6: undefined },
    observer: { request: () => undefined, requestFailed, connected: () => undefined, flooded: () => undefined },
  });
  const head = vi.fn(() => {
    throw new Error('the stream has been destroyed');
  });
  await service.plain({}, () => REQUEST, closedReply(head));
  expect(head).not.toHaveBeenCalled();
  expect(requestFailed).not.toHaveBeenCalled();
});
