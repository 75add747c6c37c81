// Which servers of the chain are asked. What is allowed is decided by the worker; the same rule is asked here first, so that a slip is said at once.

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { PaymentStatus } from '../../src/core/payment/payment-status.ts';
import { parseRpcUrls } from '../../src/core/payment/rpc-urls.ts';
import { t } from '../../src/text/translate.ts';
import { Field, Form, View, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';

export type ServersProps = { status: PaymentStatus; refresh: () => Promise<void> };

export function Servers({ status: { network }, refresh }: ServersProps): JSX.Element {
  const { ask } = useShell();
  const { busy, error, run } = useAction();
  const [wrong, setWrong] = useState(false);
  const [saved, setSaved] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  const save = (): void => {
    const urls = parsed([first, second].map((field) => field.current?.value.trim() ?? '').filter((url) => url !== ''));
    setWrong(urls === undefined);
    setSaved(false);
    if (urls === undefined) return;
    run(async () => {
      await ask('payments/set-rpc', { urls });
      setSaved(true);
      await refresh();
    });
  };
  const [one = '', two = ''] = network.rpcs;
  return (
    <View route="wallet/servers" title={t('pay_servers_title')}>
      <p>{t('pay_servers_about')}</p>
      <Form
        {...{
          label: t('pay_servers_save'),
          busy,
          error: wrong ? t('pay_servers_wrong') : wordsFor(error),
          onSubmit: save,
        }}
      >
        <Field {...{ name: 'rpc-1', label: t('pay_servers_first'), field: first, value: one, first: true }} />
        <Field {...{ name: 'rpc-2', label: t('pay_servers_second'), field: second, value: two }} />
      </Form>
      <p role="status">{saved ? t('pay_servers_saved') : ''}</p>
    </View>
  );
}

function parsed(urls: readonly string[]): string[] | undefined {
  try {
    return parseRpcUrls(urls);
  } catch {
    return undefined;
  }
}
