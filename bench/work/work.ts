// One kind of work, done through each peer in turn.

import type { Lab } from '../lab.ts';
import type { Peer, PeerName } from '../peers/peer.ts';

export type Metric = {
  /** Different from all other metrics: `down`. */
  key: string;
  title: string;
  unit: string;
  better: 'more' | 'less';
  digits: number;
};

export type Work = {
  /** As `--work` names it. */
  name: string;
  metrics: readonly Metric[];
  /** Rounds, each through every peer. */
  rounds: number;
  /** Rounds before these, which are not counted. Missing: none. */
  warmUp?: number;
  /** Said in the table: `300 MB, Tor 30 MB`. */
  size: string;
  /** Left out: all. */
  peers?: readonly PeerName[];
  /** One value for each metric. */
  run: (peer: Peer, lab: Lab) => Promise<Record<string, number>>;
  close?: () => Promise<void>;
};

/** `quick`: enough to see whether something changed. */
export type Amount = { quick: boolean };
