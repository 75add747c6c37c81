// A person and their money, driven through the real popup: a wallet made, funded by the devnet's faucet, lent to an entry, spent, and taken back. Used
// by the walk of `npm start` and by the end-to-end tests. It counts what a person clicks.

import type { DrivenPopup } from './browsers/driven-browser.ts';
import type { Chain } from './chain/chain.ts';
import type { Hex } from './chain/rpc.ts';

/** A deposit is safe after some blocks of a second, and the popup asks every two. */
const CHAIN_MS = 60_000;
const MAIN = 'form button.main:enabled';

export type Purse = {
  account: Hex;
  words: string[];
};

export class Payer {
  readonly #popup: DrivenPopup;
  /** Of a person; opening the popup is one. */
  clicks = 1;

  /** @param popup of a private tab, at its first view */
  constructor(popup: DrivenPopup) {
    this.#popup = popup;
  }

  /** From the first view to an open wallet, whose words are confirmed. */
  async createWallet(password: string): Promise<Purse> {
    await this.#click('[data-action="wallet"]');
    await this.#fill('new-password', password);
    await this.#fill('new-password-again', password);
    await this.#click(MAIN);
    await this.#see('ol.words li');
    const words = JSON.parse(
      String(
        await this.#popup.evaluate(
          `JSON.stringify([...document.querySelectorAll('ol.words li')].map(({ textContent }) => textContent))`,
        ),
      ),
    ) as string[];
    await this.#click(MAIN);
    await this.#see('[data-view="wallet/confirm"] input');
    const asked = JSON.parse(
      String(
        await this.#popup.evaluate(
          `JSON.stringify([...document.querySelectorAll('[data-view="wallet/confirm"] input')].map(({ name }) => name))`,
        ),
      ),
    ) as string[];
    for (const name of asked) await this.#fill(name, words[Number(name.replace('word-', ''))] ?? '');
    await this.#click(MAIN);
    await this.#see('.overview .balance');
    return { account: await this.#readAccount(), words };
  }

  /** Lends the entry in use what the view proposes, and waits until the chain calls it safe. @returns what was lent, as shown */
  async deposit(): Promise<string> {
    await this.#click('.overview a[href="#/wallet/deposit"]');
    await this.#see('.question [data-field="value"] dd');
    const amount = String(
      await this.#popup.evaluate(`document.querySelector('.question [data-field="value"] dd').textContent`),
    );
    await this.#click('.question form button.main:enabled');
    await this.#see('[data-channel][data-state="open"]', CHAIN_MS);
    return amount;
  }

  /** What the list of channels says. */
  async channels(): Promise<{ state: string; text: string }[]> {
    const rows = `[...document.querySelectorAll('[data-channel]')].map(({ dataset, textContent }) => ({ state: dataset.state, text: textContent }))`;
    return JSON.parse(String(await this.#popup.evaluate(`JSON.stringify(${rows})`))) as {
      state: string;
      text: string;
    }[];
  }

  /** What the overview says of this tab: its cost and bytes. */
  async ofThisTab(): Promise<string> {
    const rows = `[...document.querySelectorAll('.overview dl div')].map(({ textContent }) => textContent)`;
    return String(await this.#popup.evaluate(`${rows}.find((text) => text.startsWith('This tab')) ?? ''`));
  }

  /** Takes the rest back from the entry, with its agreement. */
  async close(): Promise<void> {
    await this.#click('[data-channel][data-state="open"] [data-action="close"]');
    await this.#popup.waitFor(`document.querySelector('[data-channel][data-state="open"]') === null`, CHAIN_MS);
  }

  async #readAccount(): Promise<Hex> {
    await this.#popup.evaluate(`void (location.hash = '#/wallet/receive')`);
    await this.#see('code.address');
    const account = String(await this.#popup.evaluate(`document.querySelector('code.address').textContent`));
    await this.#popup.evaluate(`void (location.hash = '#/wallet')`);
    await this.#see('.overview .balance');
    return account as Hex;
  }

  async #see(selector: string, timeoutMs?: number): Promise<void> {
    const seen = `document.querySelector(${JSON.stringify(selector)}) !== null`;
    try {
      await this.#popup.waitFor(seen, timeoutMs);
    } catch (error) {
      const text = (await this.#popup.text()).replace(/\s+/g, ' ');
      throw new Error(`the popup never showed ${selector}; it says: ${text}`, { cause: error });
    }
  }

  async #click(selector: string): Promise<void> {
    await this.#see(selector);
    await this.#popup.click(selector);
    this.clicks += 1;
  }

  async #fill(name: string, text: string): Promise<void> {
    const selector = `input[name="${name}"]`;
    await this.#see(selector);
    const field = `document.querySelector('${selector}')`;
    await this.#popup.evaluate(
      `{ const field = ${field}; field.value = ${JSON.stringify(text)}; field.dispatchEvent(new Event('input', { bubbles: true })); }`,
    );
  }
}

const WORD_BYTES = 32;

/** An account's test USDC, base units. */
export async function tokenBalance(chain: Chain, account: Hex): Promise<bigint> {
  // balanceOf(address)
  const data = `0x70a08231${account
    .slice(2)
    .toLowerCase()
    .padStart(2 * WORD_BYTES, '0')}`;
  const answer = await chain.rpc('eth_call', { to: chain.plan.token.address, data }, 'latest');
  return BigInt(String(answer));
}

/** Transactions that an account has sent, and its gas money: a payer needs none of either. */
export async function gasOf(chain: Chain, account: Hex): Promise<{ sent: number; wei: bigint }> {
  const sent = Number(await chain.rpc('eth_getTransactionCount', account, 'latest'));
  return { sent, wei: BigInt(String(await chain.rpc('eth_getBalance', account, 'latest'))) };
}
