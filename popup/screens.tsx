// Every view but the first one: which is drawn, by where the person is and what the wallet is. Loaded when it is opened (load-screens.ts).

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PaymentStatus } from '../src/core/payment/payment-status.ts';
import type { WalletStatus } from '../src/core/wallet/wallet-status.ts';
import type { MessageErrorCode } from '../src/messages/protocol.ts';
import { t } from '../src/text/translate.ts';
import { codeOf } from './code-of.ts';
import { Exits } from './exits/exits.tsx';
import { Trouble, View, Way, wordsFor } from './parts.tsx';
import { Deposit } from './payments/deposit.tsx';
import { Find } from './payments/find.tsx';
import { History } from './payments/history.tsx';
import { Limits } from './payments/limits.tsx';
import { Overview } from './payments/overview.tsx';
import { Question } from './payments/question.tsx';
import { Receive } from './payments/receive.tsx';
import { Servers } from './payments/servers.tsx';
import { usePayments, type Payments } from './payments/use-payments.ts';
import { ActivityScreen } from './activity/activity.tsx';
import { Begin } from './relays/begin.tsx';
import { Relays } from './relays/relays.tsx';
import type { ScreenRoute } from './route.ts';
import { SitesFile } from './sites/file-view.tsx';
import { Sites } from './sites/sites.tsx';
import { SETTINGS_VIEWS } from './settings/views.ts';
import { ShellContext, useIsThere, useShell, type Shell } from './shell.ts';
import { Accounts, type OpenStatus } from './wallet/accounts.tsx';
import { BringIn } from './wallet/bring-in.tsx';
import { ChangePassword } from './wallet/change-password.tsx';
import { Confirm } from './wallet/confirm.tsx';
import { Create, FreshWords } from './wallet/create.tsx';
import { Export } from './wallet/export.tsx';
import { Damaged, Locked } from './wallet/locked.tsx';

export function Screens({ route, shell }: { route: ScreenRoute; shell: Shell }): JSX.Element {
  const PlainView = PLAIN_VIEWS[route] ?? SETTINGS_VIEWS[route];
  return (
    <ShellContext.Provider value={shell}>
      {PlainView === undefined ? <Screen route={route} /> : <PlainView />}
    </ShellContext.Provider>
  );
}

/** They need no wallet. */
const PLAIN_VIEWS: Partial<Record<ScreenRoute, () => JSX.Element>> = {
  relays: Relays,
  'relays/begin': Begin,
  exits: Exits,
  activity: ActivityScreen,
  sites: Sites,
  'sites/file': SitesFile,
};

function Screen({ route }: { route: ScreenRoute }): JSX.Element {
  const { ask, go } = useShell();
  const isThere = useIsThere();
  const [status, setStatus] = useState<WalletStatus>();
  const [error, setError] = useState<MessageErrorCode>();
  /** The words of a wallet that was just made, and the view that made it. */
  const [fresh, setFresh] = useState<{ words: readonly string[]; at: ScreenRoute }>();
  const here = useRef(route);
  here.current = route;
  const payments = usePayments(status !== undefined && status.is !== 'none');
  useEffect(() => {
    ask('wallet/status', {}).then(
      (answer) => isThere() && setStatus(answer),
      (refused: unknown) => isThere() && setError(codeOf(refused)),
    );
    // The lock falls by itself.
  }, [route]);
  useEffect(() => {
    // Whoever leaves the words has seen them: they are not kept for a return.
    setFresh(undefined);
  }, [route]);

  const take = (answer: WalletStatus): void => {
    if (!isThere()) return;
    setStatus(answer);
    void payments.refresh();
  };
  if (status === undefined) return <Waiting {...{ route, error }} />;
  if (fresh?.at === route) return <FreshWords words={fresh.words} onWritten={() => go('wallet/confirm')} />;
  if (route === 'wallet/import') return <BringIn into={status.is} onStatus={take} />;
  switch (status.is) {
    case 'none': {
      const created = (made: { words: string[]; status: WalletStatus }): void => {
        // Whoever has gone elsewhere meanwhile finds them behind the password.
        if (here.current === route) setFresh({ words: made.words, at: route });
        take(made.status);
      };
      return <Create onCreated={created} />;
    }
    case 'damaged':
      return <Damaged why={status.why} />;
    case 'locked':
      return <WhileLocked {...{ route, status, payments, onStatus: take }} />;
    case 'open':
      return <WhileOpen {...{ route, status, payments, onStatus: take }} />;
  }
}

function Waiting({ route, error }: { route: ScreenRoute; error: MessageErrorCode | undefined }): JSX.Element {
  return (
    <View route={route} title={t('common_one_moment')}>
      <Trouble words={wordsFor(error)} />
    </View>
  );
}

type WithPayments = { route: ScreenRoute; payments: Payments; onStatus: (status: WalletStatus) => void };

/** What needs no account is there without the password. */
function WhileLocked(props: WithPayments & { status: Extract<WalletStatus, { is: 'locked' }> }): JSX.Element {
  const { route, status, payments, onStatus } = props;
  const view = paymentView(route, payments, false);
  if (view !== undefined) return view;
  return (
    <Locked tryAgainAt={status.tryAgainAt} onStatus={onStatus}>
      {route === 'wallet' ? <Overview payments={payments} /> : null}
    </Locked>
  );
}

function WhileOpen({ route, status, payments, onStatus }: WithPayments & { status: OpenStatus }): JSX.Element {
  const views: Partial<Record<ScreenRoute, () => JSX.Element>> = {
    'wallet/confirm': () => (status.isConfirmed ? <Known /> : <Confirm asked={status.asked} onStatus={onStatus} />),
    'wallet/accounts': () => <Accounts status={status} onStatus={onStatus} />,
    'wallet/export': () => <Export status={status} />,
    'wallet/password': () => <ChangePassword onStatus={onStatus} />,
  };
  return (
    views[route]?.() ??
    paymentView(route, payments, true) ?? (
      <View route="wallet" title={t('wallet_title')}>
        {status.isConfirmed ? null : (
          <p class="advice">
            {t('wallet_confirm_missing')} <Way to="wallet/confirm">{t('wallet_confirm_now')}</Way>
          </p>
        )}
        <Overview payments={payments} />
      </View>
    )
  );
}

function Known(): JSX.Element {
  return (
    <View route="wallet/confirm" title={t('wallet_confirm_title')}>
      <p>{t('wallet_confirm_known')}</p>
    </View>
  );
}

type PaymentViewProps = { status: PaymentStatus; refresh: () => Promise<void> };

const PAYMENT_VIEWS: Partial<Record<ScreenRoute, (props: PaymentViewProps) => JSX.Element>> = {
  'wallet/deposit': Deposit,
  'wallet/question': Question,
  'wallet/receive': Receive,
  'wallet/history': History,
  'wallet/limits': Limits,
  'wallet/servers': Servers,
  'wallet/find': Find,
};
/** What signs, or shows an account. */
const FOR_OPEN_WALLETS: readonly ScreenRoute[] = ['wallet/deposit', 'wallet/question', 'wallet/receive', 'wallet/find'];

/** A view of payments of its own; undefined where the route is none, or it needs the wallet open. */
function paymentView(route: ScreenRoute, payments: Payments, isOpen: boolean): JSX.Element | undefined {
  const PaymentView = PAYMENT_VIEWS[route];
  const { status, refresh, error } = payments;
  if (PaymentView === undefined || (FOR_OPEN_WALLETS.includes(route) && !isOpen)) return undefined;
  return status === undefined ? <Waiting {...{ route, error }} /> : <PaymentView status={status} refresh={refresh} />;
}
