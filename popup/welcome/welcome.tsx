// The first run: what a private tab does and does not do, the wallet (later), and a first private tab. One page: whoever wants to try it at once needs one click.

import type { JSX } from 'preact';
import { t } from '../../src/text/translate.ts';
import { View, Way } from '../parts.tsx';
import { useShell } from '../shell.ts';
import { TryIt } from './try-it.tsx';

export function Welcome(): JSX.Element {
  const { host } = useShell();
  return (
    <View route="welcome" title={t('first_title')}>
      <p>{t('first_lead')}</p>
      <ol class="steps">
        <li>
          <h2>{t('first_what')}</h2>
          <h3>{t('first_does')}</h3>
          <ul>
            <li>{t('first_does_way')}</li>
            <li>{t('first_does_site')}</li>
            <li>{t('first_does_block')}</li>
          </ul>
          <h3>{t('first_not')}</h3>
          <ul>
            <li>{t('first_not_cookies')}</li>
            <li>{t('first_not_fingerprint')}</li>
            <li>{t('first_not_http')}</li>
            <li>{t('first_not_timing')}</li>
            <li>{t('first_not_calls')}</li>
            {host.isFirefox ? null : <li>{t('first_not_chrome')}</li>}
          </ul>
        </li>
        <li>
          <h2>{t('first_wallet')}</h2>
          <p>{t('first_wallet_later')}</p>
          <p>{t('first_wallet_now')}</p>
          <p>
            <Way to="wallet">{t('first_wallet_make')}</Way>
          </p>
        </li>
        <li>
          <h2>{t('first_try')}</h2>
          <TryIt />
        </li>
      </ol>
      <p>
        <Way to="settings">{t('first_done')}</Way>
      </p>
    </View>
  );
}
