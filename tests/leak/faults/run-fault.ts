// One fault from the first mark on the tap to the last: forced, held, undone, recovered from. What must hold meanwhile is judged here and
// nowhere else: nothing of the private tab on the wire but to an entry; green never without a way; afterwards everything as before.

import { delay } from '../../../devnet/browsers/driven-browser.ts';
import { BADGE } from '../../../devnet/private-tab.ts';
import { RESOLVER } from '../../../devnet/laboratory/plan.ts';
import type { Packet } from '../harness/packets.ts';
import { SYSTEM_HOSTS } from '../harness/system-hosts.ts';
import { leaksIn, type Leak } from '../harness/verdict.ts';
import { greenings } from './badge-watch.ts';
import * as around from './browser-faults.ts';
import { createDraw } from './draw.ts';
import type { Inflict, Inflicted, Measured } from './inflict.ts';
import { kindOf, type FaultName } from './kinds.ts';
import * as relay from './relay-faults.ts';
import type { Step } from './schedule.ts';
import type { Session } from './session.ts';
import { homeOf, isAskedBy, trafficUrl } from './traffic.ts';
import * as worker from './worker-faults.ts';

export type Outcome = Step & {
  ms: number;
  /** Packets outside of the circuit, one text each kind. */
  leaks: string[];
  /** Direct packets of before the rules were closed (`Inflicted.openUntil`): a known hole of Chromium. */
  unguarded: string[];
  /** What else did not hold. */
  problems: string[];
  measured: Measured;
};

const INFLICT: Record<FaultName, Inflict> = {
  'worker killed': worker.workerKilled,
  'cell damaged': worker.cellDamaged,
  'clock jumped': worker.clockJumped,
  'storage full': worker.storageFull,
  'entry killed': relay.killed('entry'),
  'exit killed': relay.killed('exit'),
  'entry frozen': relay.frozen('entry'),
  'exit frozen': relay.frozen('exit'),
  'entry answers garbage': relay.garbled('entry'),
  'exit answers garbage': relay.garbled('exit'),
  'every exit killed': relay.everyExitKilled,
  'every entry frozen': relay.everyEntryFrozen,
  'names do not resolve': relay.namesGone,
  'certificates expired': relay.certificatesExpired,
  'network cut': relay.networkCut,
  'proxy taken': around.proxyTaken,
  'proxy held again': around.proxyBack,
  'PAC emptied': around.pacEmptied,
  'proxy cleared': around.preferenceCleared,
  'permission off': around.permissionOff,
  'toggle storm': around.toggleStorm,
  'browser killed': around.browserKilled,
  'update waiting': around.updateWaiting,
  'many tabs': around.manyTabs,
};

/** After these nobody can say which tabs were private, so all are, and the person ends it for the normal one. */
const MAY_WIDEN: readonly FaultName[] = ['cell damaged', 'browser killed', 'storage full', 'update waiting'];

const SYSTEM_NAMES = Object.values(SYSTEM_HOSTS).flatMap((hosts) => hosts.map(({ host }) => host));

/** ICMP (RFC 792) and IGMP (RFC 3376), which no process sends by itself. */
const SYSTEM_PACKETS = [
  { to: RESOLVER, detail: 'protocol 1' },
  { to: '224.0.0.22', detail: 'protocol 2' },
];

/** The private tab tries for so long what cannot succeed, before the fault ends. */
const HOLD_MS = 300;

export async function runFault(session: Session, { fault, seed }: Step, round: string): Promise<Outcome> {
  const { way } = kindOf(fault);
  const draw = createDraw(seed);
  const problems: string[] = [];
  const began = Date.now();
  const mark = await session.harness.mark();
  let measured: Measured = {};
  let openUntil = 0;
  let unsteered: Inflicted['unsteered'];
  const phases: Phases = { began, inForce: Infinity, undone: Infinity };
  try {
    await session.mending;
    const inflicted = await INFLICT[fault](session, draw);
    const { since, undo } = inflicted;
    phases.inForce = since;
    measured = inflicted.measured ?? {};
    openUntil = inflicted.openUntil ?? 0;
    unsteered = inflicted.unsteered;
    const held = `${round}h`;
    try {
      if (way === 'none') await holdWithout(session, held);
      if (way === 'spare') {
        const loadedAgain = (await session.loadPrivate(held, since)) - since;
        if (fault.endsWith('killed')) measured = { ...measured, loadedAgain };
      }
    } finally {
      const undone = Date.now();
      phases.undone = undone;
      await undo();
      if (way === 'none') {
        const green = greenings(session.samples, BADGE.private, since, undone).length;
        if (green > 0) problems.push(`the badge turned green ${green} times while there was no way`);
      }
    }
    problems.push(...(await checkModes(session, fault)));
    await session.settle(round);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  return {
    fault,
    seed,
    ms: Date.now() - began,
    ...(await leaksSince(session, mark, { openUntil, unsteered, phases })),
    problems,
    measured,
  };
}

/** The private tab asks for a page that cannot come; resolves when the badge no longer calls it private. */
async function holdWithout(session: Session, round: string): Promise<void> {
  const loading = session.privateTab.open(trafficUrl('p', round, homeOf('n', session.round))).catch(() => undefined);
  const left = async (): Promise<boolean> => (await session.badge()) !== BADGE.private;
  await session.until('the badge to leave green', left).catch(async (error: unknown) => {
    const status = await session.status().catch(String);
    throw new Error(`${String(error)}; the tab is ${JSON.stringify(status).slice(0, 300)}`, { cause: error });
  });
  await Promise.race([loading, delay(HOLD_MS)]);
}

async function checkModes(session: Session, fault: FaultName): Promise<string[]> {
  const problems: string[] = [];
  const statusOf = async (tab: { id: number }): Promise<string | undefined> => {
    const reply = await session.send('tab/read', { tab: tab.id });
    return reply.ok ? reply.value.status.is : undefined;
  };
  if ((await statusOf(session.privateTab)) === 'off') {
    problems.push('the private tab is no longer private');
    await session.setPrivate(session.privateTab, true);
  }
  const normal = await statusOf(session.normalTab);
  if (normal !== 'off') {
    if (!MAY_WIDEN.includes(fault)) problems.push(`the normal tab became ${normal ?? 'unreadable'}`);
    await session.setPrivate(session.normalTab, false);
  }
  return problems;
}

/** When the fault was begun, was in force and was undone, ms since the epoch. */
type Phases = { began: number; inForce: number; undone: number };

type Judged = { openUntil: number; unsteered: Inflicted['unsteered']; phases: Phases };

type Marked = Awaited<ReturnType<Session['harness']['mark']>>;

async function leaksSince(
  session: Session,
  mark: Marked,
  { openUntil, unsteered, phases }: Judged,
): Promise<Pick<Outcome, 'leaks' | 'unguarded'>> {
  const { server, tap } = session.harness;
  const packets = (await tap.packetsSince(mark)).filter(
    (packet) => !isOfTheSystem(packet) && !isWithin(packet, unsteered),
  );
  // Asked for after the packets were counted, so that no packet is of a name that is not known yet.
  const asked = (await server.queries(0)).map(({ name }) => name.replace(/^(?:_[^.]+\.)+/, ''));
  const requested = (await session.requestsSince(0)).map(({ host }) => host);
  const questions = packets.flatMap((packet) => packet.questions.map(({ name }) => name));
  const names = [...new Set([...asked, ...requested, ...questions])];
  const hosts = names.filter((name) => isAskedBy('n', name));
  const leaks = leaksIn(packets, { hosts, system: SYSTEM_NAMES }, names);
  // What was begun while all was open goes on: the bytes of a connection, the connection of a name.
  const begun = leaks.filter(({ packet }) => packet.at <= openUntil);
  const isBegun = (leak: Leak): boolean =>
    leak.packet.at <= openUntil ||
    begun.some(({ host, packet }) => packet.to === leak.packet.to && host === leak.host) ||
    begun.some(({ host }) => host !== undefined && host === leak.host);
  const textsOf = (list: Leak[]): string[] => [...new Set(list.map(({ text }) => text))];
  return {
    leaks: textsOf(leaks.filter((leak) => !isBegun(leak)).map((leak) => withPhase(leak, phases))),
    unguarded: textsOf(leaks.filter(isBegun)),
  };
}

/** In which phase of the fault it was, for whoever looks into one. */
function withPhase(leak: Leak, { began, inForce, undone }: Phases): Leak {
  const { at } = leak.packet;
  const [since, phase] = at >= undone ? [undone, 'undone'] : at >= inForce ? [inForce, 'in force'] : [began, 'begun'];
  return { ...leak, text: `${leak.text}, ${(at - since).toFixed(0)} ms after the fault was ${phase}` };
}

function isWithin({ at }: Packet, span: Inflicted['unsteered']): boolean {
  return span !== undefined && at >= span.from && at <= span.until;
}

/** What the system itself says: to the name server, that nobody waits for an answer any more; to the cable, which groups it listens to. */
function isOfTheSystem({ kind, to, detail }: Packet): boolean {
  return kind === 'other' && SYSTEM_PACKETS.some((each) => each.to === to && each.detail === detail);
}
