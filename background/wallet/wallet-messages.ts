// What the worker answers to the popup's messages about the wallet: one line each. Keys are in none of the answers.

import type { MessageData, MessageReply, MessageType } from '../../src/messages/protocol.ts';
import type { Wallet } from './wallet.ts';

type WalletMessage = Extract<MessageType, `wallet/${string}`>;

export type WalletHandlers = { [T in WalletMessage]: (data: MessageData<T>) => Promise<MessageReply<T>> };

export function createWalletHandlers(wallet: Wallet): WalletHandlers {
  const { status } = wallet;
  return {
    'wallet/status': status,
    'wallet/create': async ({ password }) => ({ words: await wallet.create(password), status: await status() }),
    'wallet/confirm': async ({ words }) => wallet.confirm(words).then(status),
    'wallet/import': ({ source, password, replace }) => wallet.bringIn(source, password, replace).then(status),
    'wallet/unlock': ({ password }) => wallet.unlock(password).then(status),
    'wallet/lock': () => wallet.lock().then(status),
    'wallet/export': ({ password, account }) => wallet.export(password, account),
    'wallet/change-password': ({ from, to }) => wallet.changePassword(from, to).then(status),
    'wallet/set-paying': ({ account }) => wallet.setPaying(account).then(status),
    'wallet/add-account': () => wallet.addAccount().then(status),
  };
}
