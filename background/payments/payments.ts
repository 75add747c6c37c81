// The payments of the worker, joined: sessions with entries, deposits, limits, taking money back, and what the popup is told. Built in background/app.ts.

import { newSession } from '../../src/core/payment/budget.ts';
import { isChainFailure } from '../../src/core/payment/chain-code.ts';
import { promisable } from '../../src/core/payment/funds.ts';
import { parsePaymentNetwork, type PaymentNetwork } from '../../src/core/payment/payment-network.ts';
import { AskingError, type PaymentProblem } from '../../src/core/payment/payment-problem.ts';
import type { BalanceView, NetworkName } from '../../src/core/payment/payment-status.ts';
import { quotePrice } from '../../src/core/payment/quote.ts';
import type { OwnTotal } from '../../src/core/session/payer-channel.ts';
import { channelFor, type PaymentBook } from '../../src/core/session/payment-book.ts';
import { circuitsInUse } from '../../src/core/circuit/circuit-state.ts';
import { circuitCell } from '../../src/core/state/cells.ts';
import type { Cells } from '../../src/ports/cells.ts';
import type { EntryClient, PeerKeys } from '../../src/ports/entry-client.ts';
import type { Chance, Clock, PackagedRelays } from '../../src/ports/host.ts';
import type { DeviceSeal } from '../../src/ports/keyring.ts';
import type { LoadRail, PaymentRail, Servers } from '../../src/ports/payment-rail.ts';
import type { Wallet } from '../wallet/wallet.ts';
import { withDepositNews } from './deposit-news.ts';
import { createDeposits } from './deposits.ts';
import { createFindChannels } from './find-channels.ts';
import { createMoneyBack } from './money-back.ts';
import type { PaymentActions } from './payment-messages.ts';
import { createPaymentStore } from './payment-store.ts';
import { toPaymentStatus } from './payment-view.ts';
import { createRenewals } from './renewals.ts';
import { createSessions, type Session, type Sessions } from './sessions.ts';
import { today } from '../today.ts';

export type PaymentsDeps = {
  cells: Cells;
  clock: Clock;
  chance: Chance;
  entries: Pick<EntryClient, 'session'>;
  keys: PeerKeys;
  wallet: Wallet;
  /** Under it lies what was signed ahead. */
  seal: DeviceSeal;
  packagedRelays: PackagedRelays;
  loadRail: LoadRail;
  traffic: {
    of: (peer: string) => OwnTotal | undefined;
    bytes: (tab: number) => { tab: bigint | undefined; today: bigint };
  };
  /** Whether what the worker asks goes through a circuit. */
  isCovered: () => boolean;
  /** The entry's tunnels come to another port. */
  leased: (peer: string, port: number) => Promise<void>;
  /** The entry must not be used any more. */
  abandon: (peer: string) => Promise<void>;
  /** A voucher is promised for so much more, base units. */
  spent?: (amount: bigint) => void;
  /** There may be a lease now where there was none. */
  tryAgain: () => Promise<void>;
  report: (error: unknown) => void;
};

export type Payments = PaymentActions & {
  lease: Sessions['lease'];
  /** The browser was started: the limit of a session begins anew, that of the day does not. */
  newSession: () => Promise<void>;
  /** Servers of the chain: the person's own, or those of the package. */
  servers: () => Promise<Servers>;
  rail: () => Promise<PaymentRail>;
  /** The session with an entry, while there is one. */
  session: Sessions['of'];
  /** The network that is paid on. */
  network: () => Promise<NetworkName>;
  /** Entries that have to be paid, so that a new worker takes their sessions up again. */
  owed: () => Promise<string[]>;
};

/** The popup asks every two seconds while it shows a balance, and blocks come as often: the chain's server is asked less. */
const BALANCE_FRESH_MS = 10_000;

export function createPayments(deps: PaymentsDeps): Payments {
  const { cells, clock, wallet, report } = deps;
  const store = createPaymentStore(deps);
  let read: { account: string; view: Extract<BalanceView, { is: 'known' }> } | undefined;
  let settings: Promise<PaymentNetwork> | undefined;
  let loaded: Promise<PaymentRail> | undefined;

  const packaged = (): Promise<PaymentNetwork> => (settings ??= deps.packagedRelays.read().then(parsePaymentNetwork));
  const network = async () => (await packaged()).network;
  const rail = (): Promise<PaymentRail> => (loaded ??= network().then(deps.loadRail));
  const rpcs = async (): Promise<Servers> => {
    const { rpcs: own } = await store.read();
    return own.length > 0 ? own : (await packaged()).rpcs;
  };
  const run = (work: Promise<unknown>): void => void work.catch(report);
  const note = (problem: PaymentProblem | undefined): Promise<PaymentBook> =>
    store.change((book) => ({ ...book, problem }));

  const sessions = createSessions({
    ...{ entries: deps.entries, keys: deps.keys, clock, wallet, store, network, rail },
    own: deps.traffic.of,
    leased: (peer, port) => run(deps.leased(peer, port)),
    stopped: ({ peer }, problem) => {
      sessions.end(peer);
      run(note(problem).then(() => deps.abandon(peer)));
    },
    low: (session, advice) => run(advice === 'top-up' ? low(session) : note('withdraw_pending')),
    usedUp: ({ peer }) => {
      // Money that is with another entry, or its free data, goes on; where there is none the person is asked for some (payment-view.ts).
      const serves = ({ peer: of, port, isPaid, freeBytes }: Session): boolean =>
        of !== peer && port !== undefined && (isPaid || freeBytes !== 0n);
      if (!sessions.all().some(serves)) return;
      sessions.end(peer);
      run(deps.abandon(peer));
    },
    deposit: (payee, news) => {
      if (news !== undefined) run(store.change((book) => withDepositNews(book, payee, news, clock.now())));
    },
    closed: async (session) => {
      const { channel } = session.payer;
      if (channel === undefined) return;
      await moneyBack.closeOn(session, channel).catch((error: unknown) => {
        // The person sees the deposit and what to do with it.
        if (!(error instanceof AskingError)) throw error;
        run(note(error.code));
      });
    },
    changed: () => undefined,
  });
  const renewals = createRenewals({ store, sessions, clock, seal: deps.seal });
  const deposits = createDeposits({
    ...{ seal: renewals.sealed, store, sessions, wallet, clock, chance: deps.chance, network, rail },
    servers: async () => (deps.isCovered() ? await rpcs() : []),
  });

  /** A fifth is left: what was signed ahead is used. Without it the person is asked (payment-view.ts), and told where nothing is left. */
  const low = async (session: Session): Promise<void> => {
    await renewals.low(session);
    const { peer, network: name, terms } = session;
    const channel = channelFor(await store.read(), { peer, network: name, receiver: terms.receiver });
    if (channel !== undefined && promisable(channel.funds) <= channel.paid.signed) await note('exceeds_balance');
  };

  /** The session with the entry in use; before there is a circuit, with one that would be. */
  const current = async (): Promise<Session | undefined> => {
    const [first] = circuitsInUse(await cells.read(circuitCell));
    return (first === undefined ? undefined : sessions.of(first.entry.peer)) ?? sessions.all()[0];
  };

  const balance = async (account: string | null, isLocked: boolean, direct: boolean): Promise<BalanceView> => {
    if (account === null) return { is: 'unknown', why: isLocked ? 'locked' : 'no-wallet' };
    if (!direct && !deps.isCovered()) return { is: 'unknown', why: 'no-circuit' };
    const isFresh = clock.now() - (read?.view.readAt ?? 0) < BALANCE_FRESH_MS;
    if (isFresh && read?.account === account) return read.view;
    try {
      const amount = await (await rail()).balance(account, (await rpcs()).slice(0, 1));
      read = { account, view: { is: 'known', amount: amount.toString(), readAt: clock.now() } };
      return read.view;
    } catch (error) {
      if (isChainFailure(error)) return { is: 'unknown', why: error.code };
      throw error;
    }
  };

  const finding = createFindChannels({
    ...{ store, wallet, sessions, network, rail, rpcs },
    isCovered: deps.isCovered,
  });
  const moneyBack = createMoneyBack({
    ...{ clock, wallet, store, sessions, rail, rpcs },
    endRenewal: renewals.end,
    isCovered: deps.isCovered,
    abandon: deps.abandon,
  });

  return {
    lease: sessions.lease,
    newSession: async () => {
      await store.change((book) =>
        book.spending.session === 0n && book.renewed.session === 0n
          ? book
          : { ...book, spending: newSession(book.spending), renewed: newSession(book.renewed) },
      );
    },
    servers: rpcs,
    rail,
    session: sessions.of,
    network,
    owed: async () => {
      const { channels } = await store.read();
      const paid = new Set(
        channels.filter(({ state }) => state === 'open' || state === 'opening').map(({ peer }) => peer),
      );
      const inUse = circuitsInUse(await cells.read(circuitCell)).map(({ entry }) => entry.peer);
      return [...new Set(inUse)].filter((peer) => paid.has(peer));
    },

    status: async ({ tab, direct }) => {
      const status = await wallet.status();
      const account = status.is === 'open' ? status.paying : null;
      const session = await current();
      return toPaymentStatus({
        book: await store.read(),
        network: await network(),
        rpcs: await rpcs(),
        account,
        balance: await balance(account, status.is === 'locked', direct),
        session,
        bytes: deps.traffic.bytes(tab),
        question: deposits.question(),
        needsDeposit:
          session !== undefined && !session.isPaid && (session.port === undefined || session.freeBytes === 0n),
        now: clock.now(),
        day: today(clock),
      });
    },

    askDeposit: async (amount) => {
      const session = await current();
      if (session === undefined) throw new AskingError('payment-no-relay');
      return deposits.ask(session, amount);
    },
    confirmDeposit: async (id, renew) => {
      await deposits.confirm(id, renew);
      run(deps.tryAgain());
    },
    refuseDeposit: async () => {
      deposits.refuse();
      await Promise.resolve();
    },

    endRenewal: renewals.end,

    answerPrice: async (agree) => {
      const session = await current();
      if (session === undefined) throw new AskingError('payment-no-relay');
      const { peer, terms, payer } = session;
      if (agree) {
        await store.change((book) => ({ ...book, agreed: { ...book.agreed, [peer]: quotePrice(terms) } }));
        await payer.again();
        return;
      }
      sessions.end(peer);
      await deps.abandon(peer);
    },

    setLimits: async ({ perDay, perSession, askAbovePerGb }) => {
      await store.change((book) => ({
        ...book,
        limits: { perDay: BigInt(perDay), perSession: BigInt(perSession), askAbovePerGb: BigInt(askAbovePerGb) },
      }));
      await Promise.all(sessions.all().map(({ payer }) => payer.again()));
    },

    ...moneyBack,
    findChannels: finding.findChannels,
    useChannel: async (id) => {
      await finding.useChannel(id);
      run(deps.tryAgain());
    },

    setRpcs: async (urls) => {
      if (urls.length > 0 && deps.isCovered()) await (await rail()).checkServers(urls);
      await store.change((book) => ({ ...book, rpcs: urls }));
    },
  };
}
