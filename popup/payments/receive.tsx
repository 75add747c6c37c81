// The address that money is sent to, as text and as a picture for a camera.

import { correction, generate } from 'lean-qr';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { PaymentStatus } from '../../src/core/payment/payment-status.ts';
import { t } from '../../src/text/translate.ts';
import { View } from '../parts.tsx';
import { Copy } from '../wallet/copy.tsx';
import { networkTitle } from './network-title.ts';

/** ISO/IEC 18004: modules of white around the code. */
const QUIET = 4;

export function Receive({ status: { account, network } }: { status: PaymentStatus }): JSX.Element {
  return (
    <View route="wallet/receive" title={t('pay_receive_title')}>
      {account === null ? (
        <p>{t('pay_receive_unlock')}</p>
      ) : (
        <>
          <p class="advice">{t('pay_receive_only', { symbol: network.symbol, network: networkTitle(network.name) })}</p>
          <QrCode text={account} label={t('pay_receive_qr', { address: account })} />
          <code class="address">{account}</code>
          <Copy text={account} label={t('pay_receive_copy')} />
        </>
      )}
    </View>
  );
}

/** The bare address: every wallet reads it, and not every wallet reads an `ethereum:` link. */
function QrCode({ text, label }: { text: string; label: string }): JSX.Element {
  const { size, path } = useMemo(() => qrPath(text), [text]);
  const side = size + 2 * QUIET;
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`${-QUIET} ${-QUIET} ${side} ${side}`}>
      <path d={path} shape-rendering="crispEdges" />
    </svg>
  );
}

/** One unit of the drawing for each module. */
export function qrPath(text: string): { size: number; path: string } {
  const code = generate(text, { minCorrectionLevel: correction.M });
  const rows = Array.from({ length: code.size }, (_, at) => at);
  const path = rows.flatMap((y) => rows.filter((x) => code.get(x, y)).map((x) => `M${x} ${y}h1v1h-1z`)).join('');
  return { size: code.size, path };
}
