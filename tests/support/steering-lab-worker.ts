// The background of the laboratory's extension: the real steering, and verbs that a test calls by messages. Nothing else of the product.

import type { RoutingPolicy } from '../../src/core/routing/policy.ts';
import { SteeringError, type ProxyControl } from '../../src/ports/steering.ts';
import { browser, chromeApi, hasProxyListener } from '../../src/platform/browser.ts';
import { createSteering } from '../../src/platform/steering.ts';

export type LabCall =
  | { call: 'apply'; policy: RoutingPolicy }
  | { call: 'control' }
  | { call: 'changes' }
  | { call: 'writes' }
  /** A request of the extension's own worker. */
  | { call: 'fetch'; url: string }
  | { call: 'socket'; url: string };

export type LabReply = { value: unknown } | { error: string; code?: string; control?: ProxyControl | undefined };

const STORED = 'policy';
const SOCKET_LIMIT_MS = 5000;

const changes: ProxyControl[] = [];

/** What was in force after each write of the steering: every state that a request could have met. */
export type LabWrite = { verb: string; pac: string | undefined; dynamic: unknown; session: unknown };
const writes: LabWrite[] = [];

function record(target: object, verb: string): void {
  const methods = target as Record<string, (...args: unknown[]) => Promise<unknown>>;
  const original = methods[verb]?.bind(target);
  if (original === undefined) throw new Error(`${verb} is no method`);
  const { proxy, declarativeNetRequest: rules } = chromeApi();
  methods[verb] = async (...args) => {
    const result = await original(...args);
    const { value } = await proxy.settings.get({});
    const pac = (value as { pacScript?: { data?: string } }).pacScript?.data;
    writes.push({ verb, pac, dynamic: await rules.getDynamicRules(), session: await rules.getSessionRules() });
    return result;
  };
}

if (!hasProxyListener()) {
  const { proxy, declarativeNetRequest } = chromeApi();
  for (const verb of ['updateDynamicRules', 'updateSessionRules']) record(declarativeNetRequest, verb);
  for (const verb of ['set', 'clear']) record(proxy.settings, verb);
}

// As the product does: a request that wakes the background waits for the policy of the stored state.
const steering = createSteering({
  policy: async () => {
    const { [STORED]: policy } = await browser.storage.session.get(STORED);
    if (policy === undefined) throw new Error('no policy is stored');
    return policy as RoutingPolicy;
  },
  isolation: () => Promise.resolve('of the laboratory'),
});
steering.onControlChanged((control) => changes.push(control));

browser.runtime.onMessage.addListener(async (message: unknown): Promise<LabReply> => {
  try {
    return { value: await perform(message as LabCall) };
  } catch (error) {
    if (error instanceof SteeringError) return { error: error.message, code: error.code, control: error.control };
    return { error: String(error) };
  }
});

async function perform(message: LabCall): Promise<unknown> {
  switch (message.call) {
    case 'apply':
      await browser.storage.session.set({ [STORED]: message.policy });
      await steering.apply(message.policy);
      return true;
    case 'control':
      return await steering.control();
    case 'changes':
      return changes;
    case 'writes':
      return writes.splice(0);
    case 'fetch':
      return await (await fetch(message.url, { cache: 'no-store' })).text();
    case 'socket':
      return await openSocket(message.url);
  }
}

function openSocket(url: string): Promise<string> {
  const socket = new WebSocket(url);
  return new Promise((resolve) => {
    const end = (outcome: string) => {
      resolve(outcome);
      socket.close();
    };
    socket.onopen = () => end('open');
    socket.onerror = () => end('error');
    setTimeout(() => end('silent'), SOCKET_LIMIT_MS);
  });
}
