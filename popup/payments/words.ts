// What the views of payments say. Errors have their words in ../words.ts.

import type { ChannelState, ChannelView, HistoryKind } from '../../src/core/payment/payment-status.ts';

export const WORDS = {
  overview: {
    title: 'Wallet',
    balance: 'Balance',
    on: (network: string) => `on ${network}`,
    unknown: {
      'no-wallet': 'There is no wallet yet.',
      locked: 'Unlock the wallet to see it.',
      'no-circuit':
        'Not asked: without a private tab, the chain’s server would see your network address beside your account.',
    },
    askAnyway: 'Ask it all the same',
    asking: 'One moment',
    deposit: 'Deposit',
    receive: 'Receive',
    history: 'History',
    limits: 'Limits',
    servers: 'Servers of the chain',
    accounts: 'Accounts and backup',
    costs: 'What it costs',
    price: 'Price',
    perGb: (money: string) => `${money} per GB`,
    free: 'Free today',
    left: (bytes: string) => `${bytes} left`,
    noRelay: 'No relay is connected',
    noPrice: 'This relay takes no money',
    tab: 'This tab',
    today: 'Today',
    use: (money: string, bytes: string) => `${money} for ${bytes}`,
    notCounted: 'Not counted',
    ofLimit: (used: string, limit: string) => `${used} of at most ${limit}`,
    session: 'This session',
  },

  channels: {
    title: 'Deposits with relays',
    none: 'There is no deposit with a relay.',
    left: (left: string, deposited: string) => `${left} left of ${deposited}`,
    close: (left: string) => `Close and get ${left} back`,
    withdraw: 'Take it back without the relay',
    withdrawNote: 'Without the relay’s help it takes a day or more, and a little of the chain’s own coin.',
    fetch: (left: string) => `Fetch ${left}`,
    clock: (time: string) => `The money can be fetched in ${time}.`,
    ready: 'The money can be fetched now.',
    renewal: (money: string, until: string) =>
      `Renews once by itself: ${money} from your account when a fifth is left, until ${until}.`,
    endRenewal: 'Do not renew it',
    use: 'Use it here',
    found: {
      ready:
        'Use or close it only if none of your other devices pays with it. What is left may be less: its relay knows.',
      relay:
        'Its relay has not been met here yet: make tabs private until one leads by it, or take it back without the relay.',
      key: 'The key that pays from it is not of this wallet: it can only be taken back without the relay.',
    } satisfies Record<NonNullable<ChannelView['found']>, string>,
    state: {
      opening: 'on its way to the chain',
      open: 'open',
      closing: 'closing; the relay gives the rest back',
      withdrawing: 'being taken back',
      closed: 'closed',
      found: 'found again; not in use here',
    } satisfies Record<ChannelState, string>,
  },

  deposit: {
    title: 'Deposit with a relay',
    amount: 'Amount',
    note: (symbol: string) => `In ${symbol}. It stays yours until it is used, and the rest comes back.`,
    nonsense: 'Write an amount like 5 or 2.50, with a point.',
    atLeast: (money: string) => `This relay takes deposits of ${money} or more.`,
    look: 'Show what will be signed',
    question: 'What will be signed',
    sentence: (money: string, operator: string, network: string) =>
      `You deposit ${money} with the relay of ${operator} on ${network}.`,
    topUp: 'It is added to the deposit that you have there.',
    confirm: 'Sign and deposit',
    refuse: 'Refuse',
    differs: 'What would be signed is not what was asked for. Do not sign it, and please report it.',
    none: 'Nothing waits for your word.',
    waits: 'A deposit waits for your word',
    renew: 'Renew it once by itself when a fifth is left',
    renewNote: (money: string, until: string) =>
      `Signs ${money} more now, for this deposit alone and within your limits. It leaves your account when a fifth is left, also while the wallet is locked, until ${until}. You can end it before in the wallet. Without it you are asked.`,
    renewSentence: (money: string, operator: string, until: string) =>
      `And ${money} more to the same deposit with the relay of ${operator}, once, when a fifth is left, until ${until}.`,
    renewWhole: 'All that is signed for that',
    confirmBoth: 'Sign both and deposit',
    low: (left: string, operator: string) => `${left} is left with the relay of ${operator}.`,
    lowWay: { true: 'Top it up', false: 'Make another deposit' },
    needed: 'Your private tabs need a deposit to go on.',
    row: {
      value: 'Amount',
      relay: 'Relay',
      network: 'Network',
      from: 'From your account',
      to: 'To the contract',
      validAfter: 'Valid from',
      validBefore: 'Valid until',
      nonce: 'Number',
      token: 'Token',
      channel: 'Channel',
      receiver: 'Key of the relay',
      payerAuthorizer: 'Key that pays from it',
      salt: 'Salt of the channel',
      withdrawDelay: 'The rest is yours',
    },
    whole: 'All that is signed',
    atOnce: 'at once',
    chain: (network: string, chainId: number) => `${network} (chain ${chainId})`,
    atTheLatest: (delay: string) => `when you close it, and without the relay ${delay} after you ask`,
  },

  price: {
    title: 'A dearer relay',
    sentence: (operator: string, price: string, limit: string) =>
      `The relay of ${operator} takes ${price} per GB. You wanted to be asked above ${limit} per GB.`,
    agree: 'Pay this price',
    refuse: 'Use another relay',
  },

  receive: {
    title: 'Receive',
    only: (symbol: string, network: string) => `Send only ${symbol} on ${network} to this address.`,
    qr: (address: string) => `The address ${address} as a picture for a camera`,
    copy: 'Copy the address',
    unlock: 'Unlock the wallet to see its address.',
  },

  find: {
    title: 'Look for money',
    about:
      'Deposits that were made with your words on another device, or before this browser lost what it had stored, stand on the chain. They are found by your accounts, a month of the chain at a time.',
    seen: 'The servers of the chain are asked about all your accounts together, and about the next three of your words.',
    look: 'Look for money',
    further: 'Look a month further back',
    direct: 'Ask all the same',
    looking: 'Looking; this can take a minute',
    none: 'No deposit with money in it was found.',
    found: (count: number) => (count === 1 ? 'One deposit was found.' : `${count} deposits were found.`),
    known: (count: number) => `${count} more are known here, or have no money left.`,
    since: (time: string) => `The chain was looked through back to ${time}.`,
    all: 'The chain was looked through from its beginning.',
    silent: (answered: number, asked: number) => `Only ${answered} of ${asked} servers of the chain could be asked.`,
    one: 'One server of the chain was asked, and is believed. Name another one to compare.',
    there: 'Look at them in the wallet',
  },

  history: {
    title: 'History',
    none: 'Nothing was deposited yet.',
    explorer: 'Look it up',
    explorerNote: 'Looking a payment up tells the explorer’s site which one you look at.',
    kind: {
      deposit: 'Deposit',
      'top-up': 'Top-up',
      renewal: 'Renewed by itself',
      refund: 'Given back',
      'withdrawal-begun': 'Taking back begun',
      withdrawn: 'Taken back',
      failed: 'Failed',
    } satisfies Record<HistoryKind, string>,
  },

  limits: {
    title: 'Limits',
    about: 'Nothing is signed beyond them, whatever a relay asks for.',
    perDay: 'At most in a day',
    perSession: 'At most in a session',
    askAbovePerGb: 'Ask me above, per GB',
    save: 'Save the limits',
    saved: 'The limits are saved.',
  },

  servers: {
    title: 'Servers of the chain',
    about:
      'They are asked for balances and for what became of a deposit. Two are compared where money moves. Leave both empty for those that come with the extension.',
    first: 'Address',
    second: 'Another one, to compare',
    wrong: 'Give one or two different addresses that begin with https://',
    save: 'Save the servers',
    saved: 'The servers are saved.',
  },
} as const;

/** `90061` seconds -> `1 d 1 h`, in the two largest units. */
export function showDuration(seconds: number): string {
  const units = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds) % 60, 's'],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  if (first === -1) return '0 s';
  return units
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${count} ${name}`)
    .join(' ');
}

/** In the browser's own language and time zone. @param ms since the epoch */
export function showTime(ms: number): string {
  return new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
