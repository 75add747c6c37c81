// Reports are sent by the browser itself, where no blocking rule sees them: a page that is not known to be normal must not hear where to.

import { describe, expect, it } from 'vitest';
import { blockingRules, RESOURCE_TYPES } from '../../../../src/core/routing/blocking-rules.ts';
import type { RoutingPolicy } from '../../../../src/core/routing/policy.ts';
import { plainPolicy } from '../../../support/routing.ts';

const policyWith = (change: Partial<RoutingPolicy>): RoutingPolicy => ({ ...plainPolicy, ...change });
const SURROUNDINGS = { extensionId: 'abcdefgh', resourceTypes: RESOURCE_TYPES };

describe('the headers that name a place for reports', () => {
  const ruleOf = (policy: RoutingPolicy) =>
    blockingRules(policy, SURROUNDINGS).dynamic.find(({ action }) => action.type === 'modifyHeaders');

  it('are taken from every response, below the rule that lets known normal tabs be', () => {
    const policy = policyWith({ privateTabs: [1], normalTabs: [2] });
    const rule = ruleOf(policy);
    expect(rule?.action).toEqual({
      type: 'modifyHeaders',
      responseHeaders: ['reporting-endpoints', 'report-to', 'nel'].map((header) => ({ header, operation: 'remove' })),
    });
    expect(rule?.condition).toEqual({ resourceTypes: RESOURCE_TYPES });
    const { session } = blockingRules(policy, SURROUNDINGS);
    const normal = session.find(({ condition }) => condition.tabIds?.includes(2));
    expect(normal?.action.type).toBe('allow');
    expect(normal?.priority).toBeGreaterThan(rule?.priority ?? Infinity);
  });

  it('stay where normal tabs are not steered, and when nothing is private', () => {
    expect(ruleOf(policyWith({ byTab: false }))).toBeUndefined();
    expect(ruleOf(policyWith({ active: false }))).toBeUndefined();
  });
});
