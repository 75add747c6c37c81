// Where each vector is pointed in each part of a run: hosts of their own, made from names. Pure.

import type { BrowserName } from '../../../devnet/browsers/driven-browser.ts';
import type { Packet } from '../harness/packets.ts';
import type { Aim, Vector } from './vector.ts';

/**
 * `control`: nothing is private, and it has to leak. `new`: from a private tab to a host that nothing else has open. `normal`: from a private
 * tab to a host that a normal tab is on, which may go direct for that tab.
 */
export type Phase = 'control' | 'new' | 'normal';

/** More than there are vectors. */
const PER_PHASE = 200;
const OFFSET: Record<Phase, number> = { control: 0, new: PER_PHASE, normal: 2 * PER_PHASE };

export function aimOf(vectors: readonly Vector[], vector: Vector, phase: Phase, browser: BrowserName): Aim {
  const own = phase === 'normal' ? normalHostOf(vector, browser) : `${slug(vector)}.${phase}.${browser}.test`;
  const below = vector.label ?? (phase === 'normal' ? 'x' : undefined);
  const host = below === undefined ? own : `${below}.${own}`;
  return {
    host,
    url: (path = '/') => `https://${host}${path}`,
    number: OFFSET[phase] + vectors.indexOf(vector),
  };
}

/** Where the normal tab of a vector is; the vector's host of the phase `normal` is below it. */
export function normalHostOf(vector: Vector, browser: BrowserName): string {
  return `d.${slug(vector)}.${browser}-normal.test`;
}

/** Whether the packet is the vector's. */
export function isOf(packet: Packet, vector: Vector, aim: Aim, addressOf: (host: string) => string): boolean {
  if (vector.matches) return vector.matches(packet, aim);
  if (packet.kind === 'dns')
    return packet.questions.some(({ name }) => name === aim.host || name.endsWith(`.${aim.host}`));
  return packet.to === addressOf(aim.host);
}

function slug({ name }: Vector): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
