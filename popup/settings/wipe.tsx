// Wipes everything. The wallet is kept unless the person says otherwise, and then only with a word that they know what it costs.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { WalletStatus } from '../../src/core/wallet/wallet-status.ts';
import { t } from '../../src/text/translate.ts';
import { Form, View, wordsFor } from '../parts.tsx';
import { useAction, useShell } from '../shell.ts';

/** What has to be known before anything may be asked. */
type Known = { wallet: WalletStatus; privateTabs: number };

export function Wipe(): JSX.Element {
  const { ask, tab } = useShell();
  const { busy, error, run } = useAction();
  const [known, setKnown] = useState<Known>();
  const [withWallet, setWithWallet] = useState(false);
  const [isSure, setSure] = useState(false);
  const [isDoing, setDoing] = useState(false);
  useEffect(
    () =>
      run(async () => {
        const wallet = await ask('wallet/status', {});
        const { privateTabs } = await ask('tab/read', { tab: tab ?? 0 });
        setKnown({ wallet, privateTabs });
      }),
    [],
  );
  const wipe = (): void =>
    run(async () => {
      await ask('settings/wipe', { wallet: withWallet });
      setDoing(true);
    });
  const label = withWallet ? t('settings_wipe_do_all') : t('settings_wipe_do');
  return (
    <View route="settings/wipe" title={t('settings_wipe_title')}>
      <p>{t('settings_wipe_about')}</p>
      {isDoing ? null : (
        <Form
          {...{ label, busy, error: wordsFor(error), onSubmit: wipe }}
          blocked={known === undefined || (withWallet && !isSure)}
        >
          {known === undefined ? null : (
            <>
              <p>{t('settings_wipe_tabs', { count: known.privateTabs })}</p>
              {known.wallet.is === 'none' ? null : (
                <WalletToo
                  {...{ wallet: known.wallet, withWallet, isSure, onSure: setSure }}
                  onWallet={(wanted) => {
                    setWithWallet(wanted);
                    setSure(false);
                  }}
                />
              )}
            </>
          )}
        </Form>
      )}
      <p role="status">{isDoing ? t('settings_wipe_doing') : ''}</p>
    </View>
  );
}

type WalletTooProps = {
  wallet: WalletStatus;
  withWallet: boolean;
  isSure: boolean;
  onWallet: (wanted: boolean) => void;
  onSure: (sure: boolean) => void;
};

function WalletToo({ wallet, withWallet, isSure, onWallet, onSure }: WalletTooProps): JSX.Element {
  const isConfirmed = wallet.is === 'open' && wallet.isConfirmed;
  const warning = wallet.is === 'open' ? t('settings_wipe_unconfirmed') : t('settings_wipe_maybe_unconfirmed');
  return (
    <fieldset>
      <label>
        <input type="radio" name="wallet" value="keep" checked={!withWallet} onChange={() => onWallet(false)} />
        {t('settings_wipe_keep')}
      </label>
      <label>
        <input type="radio" name="wallet" value="wipe" checked={withWallet} onChange={() => onWallet(true)} />
        {t('settings_wipe_wallet')}
      </label>
      {withWallet ? (
        <>
          <p>{t('settings_wipe_wallet_about')}</p>
          {isConfirmed ? null : <p class="advice">{warning}</p>}
          <label>
            <input
              type="checkbox"
              name="sure"
              checked={isSure}
              onChange={(event) => onSure(event.currentTarget.checked)}
            />
            {t('settings_wipe_sure')}
          </label>
        </>
      ) : null}
    </fieldset>
  );
}
