// Steers Chrome: a PAC script that sees hosts, blocking rules that see tabs, and the privacy settings that hold what neither sees.
// Nothing may be open in between: rules close before the PAC opens, and open after it has closed. Built in background/app.ts.

import {
  blockingRules,
  lockdownRules,
  transitionalRules,
  type RuleSurroundings,
} from '../core/routing/blocking-rules.ts';
import { compileClosedPac, compilePac, PacError } from '../core/routing/compile-pac.ts';
import type { RoutingPolicy } from '../core/routing/policy.ts';
import { SteeringError, type Steering } from '../ports/steering.ts';
import { dynamicRules, setDynamicRules, setSessionRules } from './blocking-rule-store.ts';
import { browser, chromeApi } from './browser.ts';
import { holdPrivacySettings, releasePrivacySettings } from './privacy-settings.ts';
import { chromeControl, type ProxyDetails } from './proxy-control.ts';
import { createSerial } from './serial.ts';

export function createChromeSteering(): Steering {
  const { proxy, declarativeNetRequest } = chromeApi();
  const surroundings: RuleSurroundings = {
    extensionId: browser.runtime.id,
    resourceTypes: Object.values(declarativeNetRequest.ResourceType),
  };
  const serial = createSerial();

  async function steer(policy: RoutingPolicy): Promise<void> {
    const text = compile(policy);
    await demandControl();
    const rules = blockingRules(policy, surroundings);
    const before = await dynamicRules(declarativeNetRequest);
    await setDynamicRules(declarativeNetRequest, transitionalRules(before, rules.dynamic));
    await setSessionRules(declarativeNetRequest, rules.session);
    await holdPrivacySettings();
    await setPac(text);
    await setDynamicRules(declarativeNetRequest, rules.dynamic);
  }

  /** No tab is private any more, so the order only decides what a failure leaves behind: rules without PAC rather than the reverse. */
  async function release(): Promise<void> {
    if ((await proxy.settings.get({})).levelOfControl === 'controlled_by_this_extension') {
      await proxy.settings.clear({ scope: 'regular' });
    }
    await setDynamicRules(declarativeNetRequest, []);
    await setSessionRules(declarativeNetRequest, []);
    await releasePrivacySettings();
  }

  /** As closed as the browser lets us, each means on its own: one that fails must not keep the next from its turn. */
  async function lockDown(policy: RoutingPolicy): Promise<void> {
    const rules = lockdownRules(policy, surroundings);
    await Promise.allSettled([
      setDynamicRules(declarativeNetRequest, rules.dynamic),
      setSessionRules(declarativeNetRequest, rules.session),
      holdPrivacySettings(),
      demandControl().then(() => setPac(compileClosedPac(policy))),
    ]);
  }

  async function demandControl(): Promise<void> {
    const control = chromeControl(await proxy.settings.get({}));
    if (control.holder === 'ours' || control.holder === 'free') return;
    throw new SteeringError(`the proxy setting is held by: ${control.holder}`, { code: 'conflict', control });
  }

  async function setPac(data: string): Promise<void> {
    if (pacOf(await proxy.settings.get({})) === data) return;
    await proxy.settings.set({ value: { mode: 'pac_script', pacScript: { data, mandatory: true } }, scope: 'regular' });
    // set() also succeeds when another extension has precedence: only reading back tells.
    const after = await proxy.settings.get({});
    if (pacOf(after) === data) return;
    throw new SteeringError('the PAC script did not come into force', {
      code: 'conflict',
      control: chromeControl(after),
    });
  }

  return {
    apply: (policy) =>
      serial(async () => {
        try {
          await (policy.active ? steer(policy) : release());
        } catch (error) {
          if (policy.active) await lockDown(policy);
          throw asSteeringError(error);
        }
      }),
    control: async () => chromeControl(await proxy.settings.get({})),
    onControlChanged: (listener) => {
      proxy.settings.onChange.addListener((details) => listener(chromeControl(details)));
    },
  };
}

function compile(policy: RoutingPolicy): string {
  try {
    return compilePac(policy);
  } catch (error) {
    if (error instanceof PacError) throw new SteeringError(error.message, { code: 'bad-policy', cause: error });
    throw error;
  }
}

function pacOf({ levelOfControl, value }: ProxyDetails): string | undefined {
  const { mode, pacScript } = value as { mode?: string; pacScript?: { data?: string; mandatory?: boolean } };
  const ours = levelOfControl === 'controlled_by_this_extension' && mode === 'pac_script';
  return ours && pacScript?.mandatory === true ? pacScript.data : undefined;
}

function asSteeringError(error: unknown): SteeringError {
  return error instanceof SteeringError
    ? error
    : new SteeringError('the browser refused a rule or a setting', { code: 'browser-refused', cause: error });
}
