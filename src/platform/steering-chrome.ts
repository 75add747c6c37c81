// Steers Chrome: a PAC script that sees hosts, blocking rules that see tabs, and the privacy settings that hold what neither sees.
// Nothing may be open in between: rules close before the PAC opens, and open after it has closed. Built in background/app.ts.

import {
  blockingRules,
  closingRules,
  isLockdown,
  isOfSteering,
  lockdownRules,
  transitionalRules,
  type RuleSurroundings,
} from '../core/routing/blocking-rules.ts';
import {
  compileClosedPac,
  compileDeadPac,
  compileIncognitoPac,
  compilePac,
  PacError,
} from '../core/routing/compile-pac.ts';
import type { RoutingPolicy } from '../core/routing/policy.ts';
import type { Neighbour } from '../core/state/neighbour.ts';
import { SteeringError, type ProxyControl, type Steering } from '../ports/steering.ts';
import {
  addSessionRules,
  dynamicRules,
  removeSessionRules,
  setDynamicRules,
  setSessionRules,
} from './blocking-rule-store.ts';
import { browser, chromeApi } from './browser.ts';
import { holdersOf, watchHolders } from './neighbours.ts';
import {
  holdPrivacySettings,
  onPrivacySettingLost,
  releasePrivacySettings,
  releaseToSites,
} from './privacy-settings.ts';
import { chromeControl, type ProxyDetails } from './proxy-control.ts';
import { createSerial } from './serial.ts';

/** Chrome says of a setting whether its value is one for incognito alone. */
type IncognitoDetails = ProxyDetails & { incognitoSpecific?: boolean };

/** A burst of clicks sets two for each. */
const MAX_OWN = 32;

export function createChromeSteering(): Steering {
  const { proxy, declarativeNetRequest } = chromeApi();
  const surroundings: RuleSurroundings = {
    extensionId: browser.runtime.id,
    resourceTypes: Object.values(declarativeNetRequest.ResourceType),
  };
  const serial = createSerial();
  /** Whether incognito windows are steered for themselves, as of the last policy. */
  let incognito = false;
  /** The last policy that was asked for; undefined in a worker that has just started. */
  let asked: RoutingPolicy | undefined;
  /** What this worker set of late, the last one last: the browser tells of each some moments later. */
  const own: string[] = [];

  /** Ours, and as we set it. A PAC that is emptied or does not parse lets everything go direct, whatever else is said of it (measured). */
  const isAsWeSet = (details: ProxyDetails): boolean => own.includes(pacOf(details) ?? '');

  /** Who may take the proxy at any moment. A worker that does not know yet what the person said of them takes none for agreed to. */
  async function rivals(): Promise<Neighbour[]> {
    return (await holdersOf('proxy')).filter(({ id }) => asked?.tolerated.includes(id) !== true);
  }

  /**
   * The proxy is not ours any more, or may be another's in a moment, and until the rules close, what a private tab asks for goes where
   * somebody else says. So they close before anything is read, thought or told, and before what is under way has ended: rules of the session
   * need no disk.
   */
  async function closeNow(): Promise<void> {
    if (asked === undefined) {
      // A worker that the loss has woken knows no policy yet: that there are rules at all says that there is one.
      if (!(await dynamicRules(declarativeNetRequest)).some(isOfSteering)) return;
    } else if (!(asked.active && asked.byTab)) return;
    await addSessionRules(declarativeNetRequest, closingRules(surroundings));
  }

  /**
   * In its turn, after whatever policy was just being put into force: closes for as long as it takes, or, where the proxy is ours after all
   * or nothing is steered, takes back what `closeNow` put beside that policy's rules. The next policy decides what stays so.
   */
  async function closeInTurn(): Promise<void> {
    const before = await dynamicRules(declarativeNetRequest);
    const isSteered = asked === undefined ? before.some(isOfSteering) : asked.active && asked.byTab;
    const closed = closingRules(surroundings);
    const isOurs = isAsWeSet(await proxy.settings.get({})) && (await rivals()).length === 0;
    if (!isSteered || isOurs) await removeSessionRules(declarativeNetRequest, closed);
    else await setDynamicRules(declarativeNetRequest, transitionalRules(before, closed));
  }

  async function steer(policy: RoutingPolicy): Promise<void> {
    const texts = compile(policy);
    await demandControl(policy);
    // Incognito has a PAC without any way out, so it may come before the rules that let its tabs through.
    if (texts.incognito !== undefined) await holdIncognito(texts.incognito);
    const rules = blockingRules(policy, surroundings);
    const before = await dynamicRules(declarativeNetRequest);
    await setDynamicRules(declarativeNetRequest, transitionalRules(before, rules.dynamic));
    await setSessionRules(declarativeNetRequest, rules.session);
    if (policy.byTab) await holdPrivacySettings();
    // After another has given the proxy back the browser calls it ours before its network obeys: only a setting that changes is waited for.
    if (before.some(isLockdown)) await setPac(compileClosedPac(policy), 'regular');
    await setPac(texts.regular, 'regular');
    await setDynamicRules(declarativeNetRequest, rules.dynamic);
    if (!policy.byTab) await releaseToSites(policy);
    if (texts.incognito === undefined) await releaseIncognito();
  }

  /** No tab is private any more, so the order only decides what a failure leaves behind: rules without PAC rather than the reverse. */
  async function release(policy: RoutingPolicy): Promise<void> {
    const rules = blockingRules(policy, surroundings);
    if ((await proxy.settings.get({})).levelOfControl === 'controlled_by_this_extension') {
      await proxy.settings.clear({ scope: 'regular' });
    }
    await releaseIncognito();
    await setDynamicRules(declarativeNetRequest, rules.dynamic);
    await setSessionRules(declarativeNetRequest, rules.session);
    await releaseToSites(policy);
  }

  /** As closed as the browser lets us, each means on its own: one that fails must not keep the next from its turn. */
  async function lockDown(policy: RoutingPolicy): Promise<void> {
    const rules = lockdownRules(policy, surroundings);
    await Promise.allSettled([
      setDynamicRules(declarativeNetRequest, rules.dynamic),
      setSessionRules(declarativeNetRequest, rules.session),
      policy.incognitoWholly ? holdIncognito(compileDeadPac()) : releaseIncognito(),
      ...(policy.byTab ? [holdPrivacySettings(), holdClosed(policy)] : []),
    ]);
  }

  /** Whose it is, and whose it may be before anybody is told. */
  async function control(incognito: boolean): Promise<ProxyControl> {
    const held = await holder(incognito);
    if (held.holder !== 'ours' && held.holder !== 'free') return held;
    const others = await rivals();
    return others.length > 0 ? { holder: 'rival', rivals: others } : held;
  }

  /** The worst of both, where incognito counts. */
  async function holder(incognito: boolean): Promise<ProxyControl> {
    const regular = chromeControl(await proxy.settings.get({}));
    if (!incognito || (regular.holder !== 'ours' && regular.holder !== 'free')) return regular;
    if (!(await browser.extension.isAllowedIncognitoAccess())) return { holder: 'forbidden' };
    const own = chromeControl(await proxy.settings.get({ incognito: true }));
    return own.holder === 'ours' || own.holder === 'free' ? regular : own;
  }

  async function demandControl({ incognitoWholly }: RoutingPolicy): Promise<void> {
    const held = await control(incognitoWholly);
    if (held.holder === 'ours' || held.holder === 'free') return;
    throw new SteeringError(`the proxy setting is held by: ${held.holder}`, { code: 'conflict', control: held });
  }

  /** While it is not another's: a rival that takes it later finds everything closed. */
  async function holdClosed(policy: RoutingPolicy): Promise<void> {
    const held = await holder(policy.incognitoWholly);
    if (held.holder === 'ours' || held.holder === 'free') await setPac(compileClosedPac(policy), 'regular');
  }

  /** What is true of the tabs' own path is read back from the browser: the check of the circuit comes from the worker, in no incognito window. */
  async function holdIncognito(text: string): Promise<void> {
    await holdPrivacySettings('incognito');
    await setPac(text, 'incognito_persistent');
  }

  async function releaseIncognito(): Promise<void> {
    if (!(await browser.extension.isAllowedIncognitoAccess())) return;
    const { incognitoSpecific } = await proxy.settings.get({ incognito: true });
    if (incognitoSpecific !== true) return;
    await proxy.settings.clear({ scope: 'incognito_persistent' });
    await releasePrivacySettings('incognito');
  }

  async function setPac(data: string, scope: 'regular' | 'incognito_persistent'): Promise<void> {
    const which = scope === 'regular' ? {} : { incognito: true };
    const isInForce = (details: IncognitoDetails): boolean =>
      pacOf(details) === data && (scope === 'regular' || details.incognitoSpecific === true);
    if (scope === 'regular') own.splice(0, own.length, ...own.slice(1 - MAX_OWN), data);
    if (isInForce(await proxy.settings.get(which))) return;
    await proxy.settings.set({ value: { mode: 'pac_script', pacScript: { data, mandatory: true } }, scope });
    // set() also succeeds when another extension has precedence: only reading back tells.
    const after = await proxy.settings.get(which);
    if (isInForce(after)) return;
    throw new SteeringError('the PAC script did not come into force', {
      code: 'conflict',
      control: chromeControl(after),
    });
  }

  /** Closes at once, and says in its turn whether it stays so. */
  function closeAndSay(): void {
    const closing = closeNow().catch(() => undefined);
    serial(() => closing.then(closeInTurn)).catch(() => undefined);
  }

  return {
    apply: (policy) =>
      serial(async () => {
        incognito = policy.incognitoWholly;
        asked = policy;
        try {
          await (policy.active ? steer(policy) : release(policy));
        } catch (error) {
          if (policy.active) await lockDown(policy);
          throw asSteeringError(error);
        }
      }),
    control: () => control(incognito),
    onGuardLost: onPrivacySettingLost,
    onControlChanged: (listener) => {
      // What the event itself says is of one kind of window; what counts is both.
      proxy.settings.onChange.addListener((details: IncognitoDetails) => {
        const isRegular = details.incognitoSpecific !== true;
        if (isRegular && !isAsWeSet(details)) closeAndSay();
        const wasChanged = isRegular && chromeControl(details).holder === 'ours' && !isAsWeSet(details);
        // Nobody holds it whose leave we need: it is free to be set again.
        if (wasChanged) listener({ holder: 'free' });
        else say();
      });
      const say = (): void => {
        control(incognito).then(listener, () => listener({ holder: 'forbidden' }));
      };
      // The browser tells of an extension that comes before that one's own worker has run its first line.
      watchHolders('proxy', {
        came: ({ id }) => {
          if (asked?.tolerated.includes(id) === true) return;
          closeAndSay();
          say();
        },
        gone: say,
      });
    },
  };
}

function compile(policy: RoutingPolicy): { regular: string; incognito: string | undefined } {
  try {
    const incognito = policy.incognitoWholly ? compileIncognitoPac(policy) : undefined;
    return { regular: compilePac(policy), incognito };
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
