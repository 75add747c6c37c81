// Every code that a message can be answered with. The pages' end needs the type alone: the list would bring in all that can go wrong.

import { EXIT_ERRORS } from '../core/circuit/exit-error.ts';
import { BEGIN_ERRORS } from '../core/directory/begin-error.ts';
import { PAYMENT_PROBLEMS } from '../core/payment/payment-problem.ts';
import { SITE_ERRORS } from '../core/state/site-error.ts';
import { WALLET_ERRORS } from '../core/wallet/wallet-error.ts';

export const MESSAGE_ERRORS = [
  /** Not a message, or its data is not of its form. */
  'malformed',
  /** This sender may not send this. */
  'forbidden',
  /** Of another version of the extension; reloading the page mends it. */
  'stale',
  /** There is no such tab. */
  'no-tab',
  /** The tab shows a page of the browser or of an extension. */
  'not-a-web-page',
  /** The tab is in a private window or container that is private as a whole. */
  'always-private',
  /** The browser does not let the extension into its private windows. */
  'incognito-not-allowed',
  /** The browser has no containers, or the person turned them off. */
  'containers-off',
  /** There is no circuit of another exit. */
  'no-other-exit',
  /** Every circuit there is was used by an earlier identity. */
  'none-fresh',
  /** The browser does not let this extension be disabled. */
  'cannot-turn-off',
  /** Why an exit that was chosen is not taken. */
  ...EXIT_ERRORS,
  /** What is wrong with a place to begin. */
  ...BEGIN_ERRORS,
  /** What is wrong with a rule for a site. */
  ...SITE_ERRORS,
  ...WALLET_ERRORS,
  /** What is wrong about a payment, or with the chain's servers. */
  ...PAYMENT_PROBLEMS,
  /** The worker failed in a way that it has no name for. */
  'internal',
] as const;
export type MessageErrorCode = (typeof MESSAGE_ERRORS)[number];
