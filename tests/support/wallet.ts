// The wallet of a worker on a fake browser, with the real vault, keys and encryption. `says` holds every answer that left it, as a message would.

import { scrypt as nativeScrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { scrypt } from 'ethers/crypto';
import { answerMessage } from '../../src/messages/answer.ts';
import type { MessageData, MessageReply, MessageType, Reply } from '../../src/messages/protocol.ts';
import { toEnvelope } from '../../src/messages/envelope.ts';
import type { Message } from '../../src/messages/protocol.ts';
import { createKeyring } from '../../src/chain/wallet/keyring.ts';
import { createDeviceSeal, makeDeviceKey } from '../../src/platform/device-seal.ts';
import { createCells } from '../../src/platform/storage.ts';
import type { Keyring } from '../../src/ports/keyring.ts';
import { createWalletHandlers } from '../../background/wallet/wallet-messages.ts';
import { createWallet, type Wallet } from '../../background/wallet/wallet.ts';
import { FakeBrowser } from './fakes/browser.ts';
import { mortal, type Life } from './fakes/life.ts';

export const PASSWORD = 'gT7!qLx2#vR9m';
const BUILD = '1';

// The same function (RFC 7914) in a tenth of the time. The one in JavaScript, which browsers run, has tests/unit/chain/wallet.
const derive = promisify<Uint8Array, Uint8Array, number, object, Buffer>(nativeScrypt);
scrypt.register(async (password, salt, N, r, p, length) => {
  const maxmem = 2 * 128 * N * r;
  return `0x${(await derive(password, salt, length, { N, r, p, maxmem })).toString('hex')}`;
});

export class WalletWorld {
  readonly browser = new FakeBrowser();
  readonly says: string[] = [];
  readonly reports: unknown[] = [];
  keyring: Keyring = rememberingKeys(createKeyring());
  private readonly deviceKey = makeDeviceKey();
  private life: Life = { alive: true };
  private current: Wallet | undefined;

  get wallet(): Wallet {
    return (this.current ??= this.start());
  }

  /** Sends as the popup does. Rejects with the code of a refusal. */
  async ask<T extends MessageType & `wallet/${string}`>(type: T, data: MessageData<T>): Promise<MessageReply<T>> {
    const handlers = createWalletHandlers(this.wallet);
    const handler = handlers[type] as (data: MessageData<T>) => Promise<unknown>;
    const envelope = toEnvelope({ type, data } as Message, BUILD);
    const reply = (await answerMessage(
      envelope,
      { kind: 'popup', tab: undefined },
      {
        build: BUILD,
        handle: (message) => handler(message.data as MessageData<T>),
        report: (error) => this.reports.push(error),
      },
    )) as Reply<T>;
    this.says.push(JSON.stringify(reply));
    if (!reply.ok) throw new Error(reply.error);
    return reply.value;
  }

  /** The browser ends the worker, in the middle of whatever it does; the next use starts another one. */
  kill(): void {
    this.life.alive = false;
    this.life = { alive: true };
    this.current = undefined;
  }

  restartBrowser(): void {
    this.kill();
    this.browser.restart([]);
  }

  /** The text in a cell of the vault. */
  stored(key: 'vault' | 'vault-backup'): string {
    return (this.browser.stored.local.get(key) as { value: string }).value;
  }

  store(key: 'vault' | 'vault-backup', value: unknown): void {
    this.browser.stored.local.set(key, { version: 1, value });
  }

  private start(): Wallet {
    const { browser, life } = this;
    const cells = createCells({
      local: mortal(browser.areas.local, life),
      session: mortal(browser.areas.session, life),
    });
    cells.onDamaged((error) => this.reports.push(error));
    const wallet = createWallet({
      ...{ cells, clock: browser.clock, nudges: browser.nudges },
      chance: { draw: () => 0.5, bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
      keyring: async () => mortal(this.keyring, life),
      seal: createDeviceSeal({ read: () => this.deviceKey }),
    });
    browser.nudges.onNudge(() => void wallet.lockIfIdle());
    return wallet;
  }
}

/** The real derivation, which is meant to take half a second, once for each password and salt. */
function rememberingKeys(keyring: Keyring): Keyring {
  const derived = new Map<string, Promise<string>>();
  const deriveKey: Keyring['deriveKey'] = (password, kdf) => {
    const which = JSON.stringify([password, kdf]);
    const key = derived.get(which) ?? keyring.deriveKey(password, kdf);
    derived.set(which, key);
    return key;
  };
  return { ...keyring, deriveKey };
}
