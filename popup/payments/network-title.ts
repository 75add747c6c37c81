// What people call the networks that money is on.

import type { NetworkName } from '../../src/core/payment/payment-status.ts';
import type { MessageKey } from '../../src/core/text/text.ts';
import { t } from '../../src/text/translate.ts';

const TITLES: Readonly<Record<NetworkName, MessageKey>> = {
  base: 'pay_network_base',
  'base-sepolia': 'pay_network_base_sepolia',
  devnet: 'pay_network_devnet',
};

export function networkTitle(name: NetworkName): string {
  return t(TITLES[name]);
}
