// Relays ask each other what is new, and whoever is asked asks back: so what one of them says of itself comes to all. A few are asked in each round: those that this relay is
// connected to or told of, and some drawn from the directory, so that no group is cut off by who it knows. Asks no client: those come by WebSocket.

import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, PeerId } from '@libp2p/interface';
import { UnsupportedProtocolError } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { Logger } from 'pino';
import { Clocks } from '../../src/core/directory/clocks.ts';
import { DirectoryError } from '../../src/core/directory/directory-error.ts';
import { drawSome } from '../../src/core/directory/draw-some.ts';
import type { ReadMark } from '../../src/core/directory/directory.ts';
import type { PeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { askDirectory } from '../../src/net/directory-client.ts';
import { peerLabel } from '../identity.ts';
import type { RelayNode } from '../net/node.ts';
import type { Intake, Taken } from './intake.ts';

/** A whole directory is 3 MB. */
const ASK_TIMEOUT_MS = 60_000;
const DIAL_TIMEOUT_MS = 15_000;
/** Of those that the operator told of, those that came by themselves, and those drawn from the directory: what a round brings comes from all, and whoever has many relays or connections is still one of three. */
const TOLD = 2;
const MET = 1;
const DRAWN = 2;
/**
 * Answers that are read or taken at once, of each kind: one of 30,000 relays holds 40 MB and takes five minutes of turns, and whoever makes keys by the thousand must not have the places of those that the operator told of.
 */
const AT_ONCE = 2;
/** A directory of 10,000 is in by then, if nothing else is. The rest is asked for again. */
const TAKE_MS = 120_000;
/** Who broke the protocol is asked again after so long: it may have been mended. */
const SHUNNED_MS = 3_600_000;
/** As many marks as relays that are met; more would be kept for those that are gone. */
const MAX_MARKS = 10_000;

/** A relay that can be dialled. */
export type Place = { peer: PeerId; address: string };

export type GossipInit = {
  node: RelayNode;
  intake: Intake;
  log: Logger;
  /** Peers that the node may dial: read at each dial. */
  mayDial: PeerId[];
  /** Told of by the operator. */
  neighbours: readonly Place[];
  /** One drawn from the directory; undefined where there is none, or this relay asks no strangers. */
  drawPlace: () => Place | undefined;
  /** Who asked within this time is not asked back, ms. */
  restMs: number;
  now: () => number;
  draw: () => number;
  signal: AbortSignal;
};

export type Gossip = {
  /** Asks a few, and resolves when what they said is taken, or after `restMs` where that goes on. Never rejects. */
  round(): Promise<void>;
  /** Somebody has asked: it is asked back. */
  asked(connection: Connection): void;
};

/** Why one is asked. */
type Kind = 'told' | 'met' | 'back';

export function createGossip(init: GossipInit): Gossip {
  const { node, intake, log, neighbours, drawPlace, now, draw, signal } = init;
  const marks = new Map<PeerLabel, ReadMark>();
  const askedAt = new Map<PeerLabel, number>();
  const shunnedUntil = new Map<PeerLabel, number>();
  const clocks = new Clocks();
  let toldOfClock = 0;
  /** Whose answers are under way. */
  const underWay: Record<Kind, Set<PeerLabel>> = { told: new Set(), met: new Set(), back: new Set() };
  /** Connections of the last round that nothing else needs. */
  let visits: Connection[] = [];

  const isUnderWay = (label: PeerLabel): boolean => Object.values(underWay).some((labels) => labels.has(label));

  /** Chosen here, and not come by itself. Who is dialled and stays is an exit's entry. */
  const isTold = ({ remotePeer, direction }: Connection): boolean =>
    direction === 'outbound' || neighbours.some(({ peer }) => peer.equals(remotePeer));

  const ask = async (connection: Connection, kind: Kind): Promise<void> => {
    const label = peerLabel(connection.remotePeer);
    if ((shunnedUntil.get(label) ?? 0) > now()) return;
    if (underWay[kind].size >= AT_ONCE || isUnderWay(label)) return;
    underWay[kind].add(label);
    remember(askedAt, label, now());
    try {
      const options = { signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_TIMEOUT_MS)]) };
      const { entries, mark, time } = await askDirectory(connection, marks.get(label), options);
      // Not whoever comes by itself: keys cost nothing, and sixteen of them would be all that is heard.
      if (isTold(connection)) clocks.said(label, time, now());
      const taken = await intake.take(entries, { by: label, withinMs: TAKE_MS });
      if (taken.left === 0) remember(marks, label, mark);
      tell(label, taken);
    } catch (error) {
      if (signal.aborted || error instanceof UnsupportedProtocolError) return;
      if (!(error instanceof DirectoryError) || error.code === 'unfinished') {
        log.debug({ event: 'directory-unanswered', relay: label });
        return;
      }
      marks.delete(label);
      remember(shunnedUntil, label, now() + SHUNNED_MS);
      log.warn({ event: 'directory-wrong', relay: label, code: error.code });
    } finally {
      underWay[kind].delete(label);
    }
  };

  const tell = (label: PeerLabel, taken: Taken): void => {
    const { fresh, untimely, refused, left } = taken;
    if (fresh + untimely + refused + left > 0) log.debug({ event: 'directory-read', relay: label, ...taken });
    const seconds = clocks.wrongBy;
    if (seconds !== undefined && toldOfClock !== Math.sign(seconds)) {
      log.error({
        event: 'directory-clock',
        seconds,
        advice: 'set the clock of this machine: others differ by so much',
      });
    }
    toldOfClock = Math.sign(seconds ?? 0);
  };

  const visit = async ({ peer, address }: Place, kind: Kind): Promise<void> => {
    const there = node.getConnections(peer).find(isBetweenRelays);
    if (there !== undefined) return ask(there, kind);
    init.mayDial.push(peer);
    try {
      const options = { signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)]) };
      const connection = await node.dial(multiaddr(address), options);
      // Until the next round: whoever is asked asks back on it.
      visits.push(connection);
      await ask(connection, kind);
    } catch {
      log.debug({ event: 'directory-unreachable', relay: peerLabel(peer) });
    } finally {
      init.mayDial.splice(init.mayDial.lastIndexOf(peer), 1);
    }
  };

  return {
    round: async () => {
      const over = visits.filter(({ remotePeer }) => !isUnderWay(peerLabel(remotePeer)));
      visits = visits.filter((connection) => !over.includes(connection));
      await Promise.all(over.map((connection) => connection.close().catch(() => undefined)));
      const connected = node.getConnections().filter(isBetweenRelays);
      const told = [
        ...connected.filter(isTold).map((connection) => async () => ask(connection, 'told')),
        ...neighbours
          .filter(({ peer }) => !connected.some(({ remotePeer }) => remotePeer.equals(peer)))
          .map((place) => async () => visit(place, 'told')),
      ];
      const met = connected.filter((connection) => !isTold(connection));
      const drawn = Array.from({ length: DRAWN }, drawPlace).filter((place) => place !== undefined);
      const asking = [
        ...drawSome(told, TOLD, draw),
        ...drawSome(met, MET, draw).map((connection) => async () => ask(connection, 'met')),
        ...drawn.map((place) => async () => visit(place, 'met')),
      ].map((work) => work());
      // What takes longer goes on by itself: it keeps nobody else from being asked.
      await Promise.race([
        Promise.all(asking),
        delay(init.restMs, undefined, { signal, ref: false }).catch(() => undefined),
      ]);
    },

    asked: (connection) => {
      if (!isBetweenRelays(connection)) return;
      const last = askedAt.get(peerLabel(connection.remotePeer));
      if (last === undefined || now() - last > init.restMs) void ask(connection, 'back');
    },
  };

  function remember<T>(map: Map<PeerLabel, T>, label: PeerLabel, value: T): void {
    map.delete(label);
    map.set(label, value);
    const [oldest] = map.keys();
    if (map.size > MAX_MARKS && oldest !== undefined) map.delete(oldest);
  }
}

/** Clients come by WebSocket, through the entry's own name. */
function isBetweenRelays({ status, remoteAddr }: Connection): boolean {
  return status === 'open' && !remoteAddr.getComponents().some(({ name }) => name === 'ws');
}
