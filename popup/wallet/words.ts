// What the views of the wallet say. Errors have their words in ../words.ts.

import { PASSWORD_CHARACTERS } from '../../src/core/wallet/password.ts';

/** Of the parts that all views share. */
export const PARTS = {
  back: 'Back',
  moment: 'One moment',
  copied: 'Copied',
} as const;

export const WORDS = {
  title: 'Wallet',
  password: 'Password of the wallet',
  newPassword: 'New password',
  again: 'The same again',
  differs: 'The two are not the same.',
  passwordRule: `At least ${PASSWORD_CHARACTERS} characters. It protects the wallet on this device, and nobody can restore it.`,

  none: {
    title: 'A wallet for relays',
    about:
      'Relays are paid a little for what goes through them, out of a wallet that only you hold. You need none for the free data of each day.',
    create: 'Create a wallet',
    bringIn: 'I have words, a key or a keystore file',
  },

  fresh: {
    title: 'Write these words down',
    about:
      'On paper, in this order. Whoever has them has the money; without them it is lost with this device. They are not shown again without your password.',
    list: 'The words of your wallet',
    done: 'I have written them down',
  },

  confirm: {
    title: 'Three of your words',
    about: 'So that a slip of the pen shows now, and not when you need them.',
    word: (place: number) => `Word ${place + 1}`,
    done: 'Confirm',
    showAgain: 'Show the words again',
    later: 'Later',
    missing: 'Your words are not confirmed yet.',
    now: 'Confirm them',
    known: 'Your words are written down and confirmed.',
  },

  bringIn: {
    title: 'Bring a wallet in',
    kind: 'What do you have?',
    kinds: { words: '12 or 24 words', key: 'A private key', keystore: 'A keystore file' },
    words: 'The words, in their order',
    key: 'The private key',
    keystore: 'The text of the file',
    choose: 'Or choose the file',
    inTab: 'Choosing a file can close this window. Open it in a tab',
    keystorePassword: 'Password of the file',
    intoWallet: 'It becomes another account of the wallet that you have.',
    replaces: 'It takes the place of the wallet on this device, which is gone then.',
    agree: 'I have the words of the old wallet, or do not need it any more',
    done: 'Bring it in',
    unreadable: 'This file cannot be read.',
  },

  locked: {
    title: 'The wallet is locked',
    about:
      'Relays that have a deposit go on being paid. You need the password to make a deposit or to see your account.',
    unlock: 'Unlock',
    wait: (seconds: number) => `Try again in ${seconds} s`,
    forgotten: 'Password forgotten? Bring the wallet in again with its words',
  },

  damaged: {
    title: 'The wallet cannot be read',
    about:
      'What this device has stored of the wallet is damaged. Your money is not: it belongs to your words, wherever they are brought in. Deposits with relays stay where they are, too.',
    bringIn: 'Bring it in with its words',
  },

  accounts: {
    title: 'Accounts and backup',
    list: 'Accounts',
    pays: 'pays deposits',
    choose: 'Pay from this account',
    about:
      'New deposits are paid from the one that pays, and its balance is shown. Deposits that are with a relay keep their account: what is left of them comes back to it.',
    kind: { derived: 'from your words', key: 'brought in by its key' },
    copy: 'Copy',
    add: 'Add an account',
    bringIn: 'Bring an account in',
    backup: 'Save words or a keystore file',
    find: 'Look for money in deposits of this wallet',
    password: 'Change the password',
    lock: 'Lock now',
    restored: 'The stored wallet was damaged and has been restored from its copy.',
  },

  export: {
    title: 'Save your wallet',
    what: 'What do you want to save?',
    words: 'The words',
    keystore: (address: string) => `Keystore file of ${address}`,
    warning: 'Whoever sees the words has the money. Nobody who helps you will ever ask for them.',
    show: 'Show the words',
    save: 'Save the file',
    hide: 'Hide them',
    saved: 'The file is saved. The password of the wallet opens it.',
  },

  change: {
    title: 'Change the password',
    old: 'Password of now',
    done: 'Change it',
    changed: 'The password is changed.',
  },
} as const;
