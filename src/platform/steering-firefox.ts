// Steers Firefox: a listener that is asked for every request, and behind it a dead proxy in the browser's own setting, because Firefox
// goes direct on whatever a listener does wrong (throws, rejects, returns {}, [] or undefined: measured on ESR 153).
// Must be created in the first tick of the background, or a request that woke it would find no listener. Built in background/app.ts.

import type { Types } from 'webextension-polyfill';
import { HOLD_MS } from '../core/circuit/durations.ts';
import { createAsidesLeft } from '../core/routing/asides-left.ts';
import { localHostRules, type RuleSurroundings } from '../core/routing/blocking-rules.ts';
import type { RoutingPolicy } from '../core/routing/policy.ts';
import { SteeringError, type ProxyControl, type Steering } from '../ports/steering.ts';
import { setDynamicRules, setSessionRules } from './blocking-rule-store.ts';
import { browser, firefoxRuleApi } from './browser.ts';
import { DEAD_ANSWER, firefoxAnswer, waitsForCircuit, type ProxyAnswer, type ProxyRequest } from './firefox-answer.ts';
import { holdPrivacySettings, onPrivacySettingLost, releaseToSites } from './privacy-settings.ts';
import { DEAD_SETTING, firefoxControl, isLeftOver, isMended, MENDED_SETTING } from './proxy-control.ts';
import { createSerial } from './serial.ts';

/** Far below the 60 s after which Firefox drops a listener that does not settle, and goes direct. */
const POLICY_DEADLINE_MS = 10_000;

/** A page is shown as held after `HOLD_MS`; its request ends a little later, so that Firefox shows no error page in between. */
const HOLD_REQUEST_MS = HOLD_MS + 500;

export type FirstAnswers = {
  /** The policy of the stored state, asked for by requests that come before the first `apply` of this start. */
  policy: () => Promise<RoutingPolicy>;
  /** Text that no other time of privacy has: its connections are not shared. Never rejects. */
  isolation: () => Promise<string>;
};

export function createFirefoxSteering(restored: FirstAnswers): Steering {
  const settings = browser.proxy.settings;
  const serial = createSerial();
  const self = browser.runtime.getURL('').replace(/\/$/, '');
  let applied: RoutingPolicy | undefined;
  /** Called at each change of `applied`. */
  const waiting = new Set<() => void>();

  const asides = createAsidesLeft();

  function put(policy: RoutingPolicy): void {
    applied = asides.apply(policy);
    for (const look of [...waiting]) look();
  }

  /** Holds a request for which there is no circuit until there is one, or the policy lets it go another way, or time is up. */
  async function withCircuit(policy: RoutingPolicy, request: ProxyRequest): Promise<RoutingPolicy> {
    if (!waitsForCircuit(policy, request, Date.now(), self)) return policy;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (applied !== undefined && !waitsForCircuit(applied, request, Date.now(), self)) resolve(undefined);
    };
    const timer = setTimeout(resolve, HOLD_REQUEST_MS);
    waiting.add(look);
    look();
    await promise;
    waiting.delete(look);
    clearTimeout(timer);
    return applied ?? policy;
  }

  async function answer(request: ProxyRequest): Promise<ProxyAnswer> {
    try {
      const first = applied ?? (await withDeadline(restored.policy(), POLICY_DEADLINE_MS));
      // Before the worker has put it down: the tab may be back the next moment.
      const isPage = request.type === 'main_frame';
      if (isPage && asides.opens(first, request.tabId, new URL(request.url).hostname)) put(applied ?? first);
      const policy = await withCircuit(applied ?? first, request);
      return firefoxAnswer(policy, request, Date.now(), await restored.isolation(), self);
    } catch {
      return DEAD_ANSWER;
    }
  }

  // The types say that the listener returns nothing; Firefox takes a promise of an answer.
  const listener: (details: ProxyRequest) => unknown = answer;
  browser.proxy.onRequest.addListener(listener, { urls: ['<all_urls>'] });

  /** Closes what Firefox sends past every proxy: loopback. */
  async function setRules(policy: RoutingPolicy): Promise<void> {
    const rules = firefoxRuleApi();
    const resourceTypes = Object.values(rules.ResourceType);
    const surroundings: RuleSurroundings = { extensionId: browser.runtime.id, resourceTypes };
    const { dynamic, session } = localHostRules(policy, surroundings);
    await setDynamicRules(rules, dynamic);
    await setSessionRules(rules, session);
  }

  async function steer(policy: RoutingPolicy): Promise<void> {
    const control = await currentControl(settings);
    if (control.holder !== 'ours' && control.holder !== 'free') throw conflict(control);
    await setRules(policy);
    await holdPrivacySettings();
    if (control.holder === 'free') {
      // The listener first: under the setting alone normal tabs are dead too.
      put({ ...policy, circuits: [] });
      await settings.set({ value: DEAD_SETTING });
      const after = await currentControl(settings);
      // It says that we may and takes another's all the same, where both were installed at the same moment (seen on ESR 153).
      if (after.holder === 'free') throw conflict({ holder: 'other-extension', name: undefined });
      if (after.holder !== 'ours') throw conflict(after);
    }
    put(policy);
  }

  async function release(policy: RoutingPolicy): Promise<void> {
    const { levelOfControl, value } = await settings.get({});
    if (levelOfControl === 'controlled_by_this_extension' && !isMended(value)) await settings.clear({});
    if (isLeftOver(await settings.get({}))) await settings.set({ value: MENDED_SETTING });
    put(policy);
    await setRules(policy);
    await releaseToSites(policy);
  }

  return {
    apply: (policy) =>
      serial(async () => {
        try {
          await (policy.active ? steer(policy) : release(policy));
        } catch (error) {
          // The listener still blocks private tabs where nothing overrides it.
          if (policy.active) put({ ...policy, circuits: [] });
          throw asSteeringError(error);
        }
      }),
    control: () => currentControl(settings),
    onGuardLost: onPrivacySettingLost,
    onControlChanged: (listener) => {
      settings.onChange.addListener(() => {
        currentControl(settings).then(listener, () => listener({ holder: 'forbidden' }));
      });
    },
  };
}

async function currentControl(settings: Types.Setting): Promise<ProxyControl> {
  return firefoxControl(await browser.extension.isAllowedIncognitoAccess(), await settings.get({}));
}

function conflict(control: ProxyControl): SteeringError {
  return new SteeringError(`the proxy setting is held by: ${control.holder}`, { code: 'conflict', control });
}

function asSteeringError(error: unknown): SteeringError {
  return error instanceof SteeringError
    ? error
    : new SteeringError('the browser refused a setting', { code: 'browser-refused', cause: error });
}

/** Rejects when the promise has not settled in time. */
async function withDeadline<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new SteeringError('the policy was not ready in time')), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
