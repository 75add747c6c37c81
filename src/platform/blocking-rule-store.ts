// Puts blocking rules into the browser's declarativeNetRequest, touching only what differs from what is there. The browser's own store
// is the only memory, so a worker that died in the middle goes on where it stopped. Called by the two steerings.

import { isSteeringRule, type BlockingRule } from '../core/routing/blocking-rules.ts';
import type { DeclarativeRule, RuleApi, RuleUpdate } from './browser.ts';

/** The steering's dynamic rules that are in force. They came from `setDynamicRules`, of this version of the extension or an earlier one. */
export async function dynamicRules(api: RuleApi): Promise<BlockingRule[]> {
  return (await api.getDynamicRules()).filter(isSteering) as BlockingRule[];
}

export async function setDynamicRules(api: RuleApi, rules: readonly BlockingRule[]): Promise<void> {
  const update = difference(await api.getDynamicRules(), rules);
  if (update !== undefined) await api.updateDynamicRules(update);
}

export async function setSessionRules(api: RuleApi, rules: readonly BlockingRule[]): Promise<void> {
  const update = difference(await api.getSessionRules(), rules);
  if (update !== undefined) await api.updateSessionRules(update);
}

/** Beside those that are there, in one step and without a look at them: each rule takes the place of the one with its id. */
export async function addSessionRules(api: RuleApi, rules: readonly BlockingRule[]): Promise<void> {
  await api.updateSessionRules({ removeRuleIds: rules.map(({ id }) => id), addRules: [...rules] });
}

/** Those with the ids of these, as far as there are any. */
export async function removeSessionRules(api: RuleApi, rules: readonly BlockingRule[]): Promise<void> {
  await api.updateSessionRules({ removeRuleIds: rules.map(({ id }) => id), addRules: [] });
}

function difference(
  present: readonly DeclarativeRule[],
  wanted: readonly BlockingRule[],
): RuleUpdate<BlockingRule> | undefined {
  const own = new Map(present.filter(isSteering).map((rule) => [rule.id, canonical(rule)]));
  const same = new Set(wanted.filter((rule) => own.get(rule.id) === canonical(rule)).map((rule) => rule.id));
  const removeRuleIds = [...own.keys()].filter((id) => !same.has(id));
  const addRules = wanted.filter((rule) => !same.has(rule.id));
  return removeRuleIds.length + addRules.length > 0 ? { removeRuleIds, addRules } : undefined;
}

function isSteering(rule: DeclarativeRule): boolean {
  return isSteeringRule(rule.id);
}

/** Text that is equal for equal rules: the browser hands lists back in another order, and objects too. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  // Firefox hands conditions that were not given back as null.
  const given = Object.entries(value).filter(([, field]) => field != null);
  const fields = given.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`);
  return `{${fields.sort().join()}}`;
}
