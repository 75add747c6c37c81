// What a change of the file does to a relay that runs: all that may change, and nothing else.

import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { parseConfig } from '../../../../relay/config/load.ts';
import { planReload } from '../../../../relay/operations/reload-plan.ts';

const PEER = '12D3KooWJSG3xVB11FuVSTVheiAqGjguuscwhrhWi6FPyYrmsfQW';
const SIGNER = `k51${'a'.repeat(59)}`;
const certificate = { files: { key: 'k.pem', chain: 'c.pem' } };
const base = {
  identity: './relay.key',
  operator: 'family',
  region: 'DE',
  entry: { tunnels: '127.0.0.1:7443', libp2p: '127.0.0.1:7401', certificate },
  exit: { entries: [`/ip4/127.0.0.1/tcp/7401/p2p/${PEER}`], certificate },
  contact: { abuse: 'abuse@example.org', listen: '127.0.0.1:80' },
};
const of = (value: object) => parseConfig(stringify(value), 'relay.yaml');
const old = of(base);

test.each<[string, object, string[], string[]]>([
  ['nothing', {}, [], []],
  ['the level', { log: { level: 'debug' } }, ['log.level'], []],
  ['the time for tunnels', { drainSeconds: 60 }, ['drainSeconds'], []],
  ['a limit', { limits: { bandwidthKiB: { total: 100 } } }, ['limits.bandwidthKiB.total'], []],
  ['the policy', { exit: { ...base.exit, destinations: { denyPorts: [25] } } }, ['exit.destinations.denyPorts'], []],
  ['lists', { exit: { ...base.exit, blockLists: [{ file: 'a', signer: SIGNER }] } }, ['exit.blockLists'], []],
  [
    'the contact',
    { contact: { ...base.contact, abuse: 'other@example.org', note: 'x' } },
    ['contact.abuse', 'contact.note'],
    [],
  ],
  ['where it is served', { contact: { abuse: 'abuse@example.org' } }, [], ['contact.listen']],
  ['the region', { region: 'FR' }, [], ['region']],
  ['a port', { entry: { ...base.entry, tunnels: '127.0.0.1:7444' } }, [], ['entry.tunnels']],
  ['a role', { exit: undefined }, [], ['exit']],
  ['a server', { operations: { listen: '127.0.0.1:9464' } }, [], ['operations']],
  ['the operator and a limit', { operator: 'other', limits: { connections: 5 } }, ['limits.connections'], ['operator']],
])('%s', (_what, change, changed, waiting) => {
  const plan = planReload(old, of({ ...base, ...change }));
  expect(plan.changed.toSorted()).toEqual(changed);
  expect(plan.waiting).toEqual(waiting);
});

test('what waits is not in force, goes on to be named, and is not when the file is as before', () => {
  const next = { ...base, region: 'FR', exit: { ...base.exit, source: '192.0.2.1', destinations: { denyPorts: [1] } } };
  const { inForce } = planReload(old, of(next));
  expect([inForce.region, inForce.exit?.source, inForce.exit?.destinations.denyPorts]).toEqual(['DE', undefined, [1]]);
  expect(planReload(inForce, of(next))).toMatchObject({ changed: [], waiting: ['region', 'exit.source'] });
  expect(planReload(inForce, of(base))).toMatchObject({ changed: ['exit.destinations.denyPorts'], waiting: [] });
  // A file without the role leaves the role as it is.
  expect(planReload(inForce, of({ ...base, exit: undefined })).inForce.exit).toEqual(inForce.exit);
});
