// What the harness and its payer process say to each other.

import type { Hex } from '../../../src/core/payment/hex.ts';
import type { SessionBodyType } from '../../../src/core/wire/session-messages.ts';

/** Moments of a payer's work, by which it can be killed or another one can. */
export const MOMENTS = ['before-store', 'after-store', 'before-send', 'after-send', 'received'] as const;
export type Moment = (typeof MOMENTS)[number];

/** The payer kills itself at the `count`th such moment from now on, so many ms behind it. */
export type Point = { moment: Moment; count: number; afterMs: number };

export type Order =
  | { do: 'lease' }
  | { do: 'deposit'; amount: string }
  /** The one channel that is open. */
  | { do: 'close' }
  | { do: 'die'; at: Point };

export type ToPayer = { id: number; order: Order };

export type FromPayer =
  | { is: 'ready'; account: Hex }
  | { is: 'done'; id: number; port: number | null }
  | { is: 'refused'; id: number; code: string }
  | { is: 'moment'; moment: Moment; type: SessionBodyType | undefined }
  /** The payee says that it has this voucher. */
  | { is: 'shown'; channel: Hex; max: string };

export type PayerPlace = {
  folder: string;
  /** Of the entry: where libp2p dials it, and its peer in base36. */
  address: string;
  peer: string;
  rpc: string;
};
