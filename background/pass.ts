// Makes the world agree with what is stored: steering first, then circuits, then what is drawn and told. Run by the reconciler alone, one at a time. Built in background/app.ts.

import { circuitsInUse } from '../src/core/circuit/circuit-state.ts';
import { STEERING_RETRY_MS } from '../src/core/circuit/durations.ts';
import type { RoutingPolicy } from '../src/core/routing/policy.ts';
import { privateAtLastCell, siteExitsCell, updateWaitingCell } from '../src/core/state/cells.ts';
import { needsCircuit, type OpenTab } from '../src/core/state/derive-policy.ts';
import { exitRegion } from '../src/core/state/exit-place.ts';
import { webHost } from '../src/core/state/page.ts';
import {
  anyPrivate,
  firstPageOf,
  modeOf,
  noteLoaded,
  noteReloadAsked,
  tabsInMode,
  tabsToReload,
  type TabRecords,
} from '../src/core/state/tab-records.ts';
import { tabStatus, type TabStatus } from '../src/core/state/tab-status.ts';
import type { AppPorts } from './app-ports.ts';
import type { Badges, Drawn } from './badges.ts';
import type { Circuits } from './circuits.ts';
import type { DebugLog } from './debug-log.ts';
import type { DirectorySync } from './directory/directory-sync.ts';
import type { ExitPlaces } from './exit-places.ts';
import type { Isolation } from './isolation.ts';
import type { NoticesJob } from './notices.ts';
import type { Signalling } from './page-signals.ts';
import type { Traffic } from './payments/traffic.ts';
import type { Derived, PolicySource } from './policy-source.ts';
import type { PrivateTabs } from './private-tabs.ts';
import type { Routing } from './routing.ts';
import type { SiteRulesJob } from './site-rules.ts';
import type { Stored } from './stored.ts';
import type { StrictJarsJob } from './strict-jars.ts';

export type PassDeps = {
  ports: Pick<AppPorts, 'cells' | 'tabs' | 'clock' | 'nudges' | 'scope' | 'siteMenu' | 'updates' | 'report'>;
  strictJars: StrictJarsJob;
  privateTabs: PrivateTabs;
  siteRules: Pick<SiteRulesJob, 'adopt'>;
  policySource: Pick<PolicySource, 'derive'>;
  routing: Routing;
  traffic: Pick<Traffic, 'follow'>;
  signalling: Signalling;
  log: Pick<DebugLog, 'see'>;
  circuits: Pick<Circuits, 'want' | 'release'>;
  places: Pick<ExitPlaces, 'missed'>;
  directory: Pick<DirectorySync, 'wake' | 'end'>;
  badges: Badges;
  notices: NoticesJob;
  isolation: Isolation;
  stored: Pick<Stored, 'finish'>;
  /** Told as soon as it is in force. */
  inForce: (policy: RoutingPolicy) => void;
  /** Tells everybody who looks. */
  publish: () => Promise<void>;
};

/** Whatever a pass misses asks for another. */
export function createPass(deps: PassDeps): () => Promise<void> {
  const { ports, strictJars, privateTabs, policySource, routing, signalling, circuits, directory, stored } = deps;
  const { cells, tabs, clock, nudges, scope, updates, report } = ports;

  /** Whether the flag is on disk; a full or broken storage refuses it. */
  const notePrivate = async (): Promise<boolean> => {
    try {
      return await cells.update(privateAtLastCell, () => true);
    } catch (error) {
      report(error);
      return false;
    }
  };

  /** Loads the tabs again that wait for it and whose new state is in force. Each is what it will be only when its document has come. */
  const reloadDue = async (records: TabRecords, becomes: (tab: number) => TabStatus['is']): Promise<void> => {
    const due = tabsToReload(records).filter((tab) => ['private', 'off'].includes(becomes(tab)));
    for (const tab of due) {
      await privateTabs.change((value) =>
        modeOf(value, tab) === modeOf(records, tab) ? noteReloadAsked(value, tab, clock.now()) : value,
      );
      const first = firstPageOf(records, tab);
      await (first === undefined ? tabs.reload(tab) : tabs.load(tab, first));
    }
  };

  /** What each tab is, as it is drawn: a private one says by which country. */
  const drawnOf = async (open: readonly OpenTab[], { records, circuit }: Derived): Promise<Map<number, Drawn>> => {
    const sites = scope === 'tab' ? await cells.read(siteExitsCell) : undefined;
    const hold = routing.hold();
    return new Map(
      open.map((tab): [number, Drawn] => {
        const status = tabStatus(records, tab.id, circuit, hold);
        if (status.is !== 'private') return [tab.id, status];
        return [tab.id, { ...status, region: exitRegion(circuit, sites, webHost(tab.pendingUrl ?? tab.url)) }];
      }),
    );
  };

  /** Steering has ended: what waited for that. */
  const endOfPrivacy = async (): Promise<void> => {
    await cells.update(privateAtLastCell, () => false);
    await deps.isolation.end();
    if (!anyPrivate(await privateTabs.read()) && (await stored.finish())) {
      updates.install();
      return;
    }
    const waiting = await cells.read(updateWaitingCell);
    // A click may have come meanwhile; its own pass will end here again, or not.
    if (!waiting || anyPrivate(await privateTabs.read())) return;
    await cells.update(updateWaitingCell, () => false);
    updates.install();
  };

  return async () => {
    await strictJars.sweep((await privateTabs.read()).restoringUntil);
    const open = await tabs.list();
    const strict = await strictJars.read();
    await privateTabs.adopt(open, strict);
    await deps.siteRules.adopt(open, strict);
    const derived = await policySource.derive(open, strict);
    const { records, circuit } = derived;

    // On disk before it is in force, and until it no longer is. Where that fails, nothing may be loaded privately that a restart would
    // bring back directly: steered, but nowhere. Private windows do not come back after a restart.
    const noted = !derived.policy.byTab || (await notePrivate());
    const policy = noted ? derived.policy : { ...derived.policy, circuits: [], checked: [] };
    await routing.apply(policy);
    deps.inForce(policy);
    deps.traffic.follow(policy);
    await signalling.announce(policy);
    const hold = routing.hold();
    deps.log.see({
      started: scope,
      steering: hold.is === 'lost' ? hold.why : hold.is,
      circuit: circuit.at === 'failed' ? circuit.reason : circuit.at,
      tabs: String(tabsInMode(records, 'private').length),
    });
    if (needsCircuit(policy) && hold.is === 'held') {
      circuits.want(circuit, await deps.places.missed(circuitsInUse(circuit)));
      directory.wake(circuit);
    } else {
      directory.end();
      await circuits.release();
    }
    if (hold.is === 'lost') nudges.at('retry-circuit', clock.now() + STEERING_RETRY_MS);

    await reloadDue(records, (tab) => tabStatus(noteLoaded(records, tab), tab, circuit, hold).is);
    const drawn = await drawnOf(open, derived);
    await deps.badges.show(drawn);
    deps.notices.follow(drawn).catch(report);
    signalling.show(drawn);
    await ports.siteMenu.show(policy.siteRules).catch(report);
    await deps.publish();
    if (!policy.byTab && (policy.active || hold.is !== 'lost')) await endOfPrivacy();
  };
}
