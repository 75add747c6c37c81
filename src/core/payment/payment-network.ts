// Which network the extension pays on, and by which servers it reads the chain: part of the packaged list of relays (relays.json), for it belongs to them.

import { asObject, asOneOf } from '../state/parse.ts';
import { NETWORK_NAMES, type NetworkName } from './payment-status.ts';
import { parseRpcUrls } from './rpc-urls.ts';

export type PaymentNetwork = { network: NetworkName; rpcs: readonly string[] };

/** Base, and no server: balances are not shown until the person names one. */
export const NO_PAYMENT_NETWORK: PaymentNetwork = { network: 'base', rpcs: [] };

/** Reads `{ "payments": { "network": …, "rpcs": […] } }` of the packaged file; without it, the default. Throws `ParseError`. */
export function parsePaymentNetwork(file: unknown): PaymentNetwork {
  const payments = file === undefined ? undefined : asObject(file)['payments'];
  if (payments === undefined) return NO_PAYMENT_NETWORK;
  const { network, rpcs } = asObject(payments);
  return { network: asOneOf(network, NETWORK_NAMES), rpcs: parseRpcUrls(rpcs) };
}
