// Why an entry carries a connection of a browser not, as a closed list: the code of a log line and of a metric.

import type { TunnelErrorCode } from './open-tunnel.ts';
import type { HelloErrorCode } from './read-hello.ts';
import type { Refusal } from './admission.ts';
import type { Shortage } from '../operations/pressure.ts';
import type { WebRefusal } from './web-pass.ts';

export type RefusalCode =
  | HelloErrorCode
  | Refusal
  | TunnelErrorCode
  | WebRefusal
  /** The process has no room for another one; those that run go on. */
  | Shortage
  /** Another one took its place while it said nothing. */
  | 'too-many-hellos'
  | 'not-a-circuit'
  | 'unknown-exit'
  | 'draining'
  /** Nobody pays for what comes from there; or who does has had no credit for too long, or has as many tunnels as a lease may. */
  | 'no-lease'
  | 'no-credit'
  | 'too-many-of-lease';

/** All of them: one that is missing is an error of types. */
const ALL = {
  closed: 0,
  timeout: 0,
  'not-tls': 0,
  'not-client-hello': 0,
  malformed: 0,
  'too-long': 0,
  'no-sni': 0,
  'bad-name': 0,
  'too-many-connections': 0,
  'too-many-from-source': 0,
  'too-many-from-prefix': 0,
  'too-fast-from-source': 0,
  'too-fast-from-prefix': 0,
  'too-many-hellos': 0,
  'exit-lost': 0,
  'exit-refused': 0,
  'web-busy': 0,
  'web-lost': 0,
  'no-memory': 0,
  'no-descriptors': 0,
  'not-a-circuit': 0,
  'unknown-exit': 0,
  draining: 0,
  'no-lease': 0,
  'no-credit': 0,
  'too-many-of-lease': 0,
} satisfies Record<RefusalCode, 0>;

export const REFUSAL_CODES = Object.keys(ALL) as readonly RefusalCode[];
