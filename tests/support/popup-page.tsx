// The popup's wallet in a document (happy-dom), against the worker's real wallet, clicked through by the words that a person reads.
// Payments are answered by what a test says: their worker is tried where it stands.

import { createHash } from 'node:crypto';
import { options, render } from 'preact';
import { act } from 'preact/test-utils';
import { vi } from 'vitest';
import { parseRoute, type Route } from '../../popup/route.ts';
import { Screens } from '../../popup/screens.tsx';
import type { Shell } from '../../popup/shell.ts';
import type { PopupSnapshot } from '../../src/core/state/snapshot.ts';
import type { PageHost, Shortcut } from '../../src/platform/page-host.ts';
import { createKeyring } from '../../src/chain/wallet/keyring.ts';
import type { PaymentStatus } from '../../src/core/payment/payment-status.ts';
import { MessageError } from '../../src/messages/message-error.ts';
import type { Message, MessageErrorCode, MessageType } from '../../src/messages/protocol.ts';
import type { Keyring } from '../../src/ports/keyring.ts';
import { NO_PAYMENTS } from './payment-values.ts';
import { WalletWorld } from './wallet.ts';

// Effects in the microtask after the drawing, not with the next frame: what they ask is asked before an answer counts as drawn.
options.requestAnimationFrame = (callback) => queueMicrotask(callback);

/** A keystore file's scrypt is of seconds, and the other tests run beside it. */
const ANSWER_MS = 30_000;

type Answer = (data: never) => unknown;
type WalletMessage = Extract<MessageType, `wallet/${string}`>;

function hostOf(browser: PopupPage['browser']): PageHost {
  return {
    version: '1.2.3',
    get isFirefox() {
      return browser.isFirefox;
    },
    shortcuts: async () => browser.shortcuts,
    openShortcuts: async () => void browser.did.push('open shortcuts'),
    copy: async (text) => void browser.did.push(`copy ${text}`),
    hasSites: async () => browser.seesSites,
    askForSites: async () => (browser.seesSites = true),
    mayNotify: async () => browser.notifies,
    askToNotify: async () => {
      browser.did.push('ask to notify');
      return (browser.notifies = true);
    },
    openBlank: async () => {
      browser.did.push('open blank');
      return 8;
    },
    show: async (tab) => void browser.did.push(`show ${tab}`),
    watch: (tab, push) => {
      browser.did.push(`watch ${tab}`);
      browser.push = push;
      return () => undefined;
    },
  };
}

export class PopupPage {
  readonly world = new WalletWorld();
  payments: PaymentStatus = NO_PAYMENTS;
  /** What the views sent about payments, but for the question how things are. */
  readonly sent: { type: MessageType; data: unknown }[] = [];
  /** The questions how things are. */
  readonly asked: { tab: number; direct: boolean }[] = [];
  /** Answers to what was sent, by type, or what makes them; an error is thrown as its code. Without one: true. */
  readonly answers: Partial<Record<MessageType, unknown>> = {};
  /** What the browser calls tabs. */
  readonly titles = new Map<number, string>();
  route: Route = 'wallet';
  private readonly root = document.createElement('main');
  /** What the browser does for the views in a tab, and what they had it do. */
  readonly browser = {
    isFirefox: false,
    shortcuts: [] as Shortcut[],
    seesSites: true,
    notifies: true,
    did: [] as string[],
    /** Pushes the state of the tab that was opened. */
    push: undefined as ((snapshot: PopupSnapshot) => void) | undefined,
  };
  private readonly host: PageHost = hostOf(this.browser);
  private readonly shell: Shell = {
    ask: async (type, data) => (await this.answer({ type, data } as Message)) as never,
    go: (route) => void this.open(route),
    tab: 1,
    titlesOf: (tabs) => Promise.resolve(new Map([...this.titles].filter(([tab]) => tabs.includes(tab)))),
    now: () => this.world.browser.clock.now(),
    host: this.host,
  };

  constructor() {
    // These tests are about what is shown, and open the vault at each step: its key is a hash here. All else of the wallet is the real one.
    const deriveKey: Keyring['deriveKey'] = async (password) => createHash('sha256').update(password).digest('hex');
    this.world.keyring = { ...createKeyring(), deriveKey };
    document.body.replaceChildren(this.root);
  }

  async open(route: Route): Promise<void> {
    this.route = route;
    await act(() => {
      if (route === 'home') render(null, this.root);
      else render(<Screens route={route} shell={this.shell} />, this.root);
    });
    await this.settled();
  }

  /** Until nothing that was sent is without its answer, nor is anything sent when that is drawn. */
  async settled(): Promise<void> {
    do {
      await vi.waitFor(() => {
        if (this.pending > 0) throw new Error('the worker has not answered');
      }, ANSWER_MS);
      await act(() => undefined);
    } while (this.pending > 0);
  }

  get text(): string {
    return this.root.textContent;
  }

  /** Everything that the document holds: its text, its attributes and what stands in its fields. */
  get everything(): string {
    const fields = [...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('input, textarea')];
    return [document.documentElement.outerHTML, ...fields.map(({ value }) => value)].join('\n');
  }

  get view(): string | null | undefined {
    return document.querySelector('article')?.getAttribute('data-view');
  }

  get trouble(): string {
    return document.querySelector('[role=alert]')?.textContent ?? '';
  }

  /** The text of what is at a selector of the view. */
  all(selector: string): string[] {
    return [...this.root.querySelectorAll(selector)].map(({ textContent }) => textContent);
  }

  button(words: string): HTMLButtonElement {
    return this.find('button', words) as HTMLButtonElement;
  }

  /** A button, a choice, or a link of the popup's own. */
  async click(words: string): Promise<void> {
    const element = this.find('button, a, label', words);
    const href = element.getAttribute('href');
    if (href?.startsWith('#') === true) return this.open(parseRoute(href));
    await act(() => element.click());
    await this.settled();
  }

  async type(label: string, value: string): Promise<void> {
    const name = (this.find('label', label) as HTMLLabelElement).htmlFor;
    const field = document.getElementById(name) as HTMLInputElement | HTMLTextAreaElement;
    await act(() => {
      field.value = value;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
  }

  private pending = 0;

  private async answer(message: Message): Promise<unknown> {
    this.pending++;
    try {
      if (message.type.startsWith('wallet/')) {
        return await this.world.ask(message.type as WalletMessage, message.data as never);
      }
      if (message.type === 'payments/status') {
        this.asked.push(message.data);
        return this.payments;
      }
      this.sent.push(message);
      const given = this.answers[message.type] ?? true;
      const answer: unknown = typeof given === 'function' ? await (given as Answer)(message.data as never) : given;
      if (answer instanceof Error) throw answer;
      return answer;
    } catch (error) {
      throw new MessageError((error as Error).message as MessageErrorCode);
    } finally {
      // The view draws it first.
      setTimeout(() => this.pending--, 0);
    }
  }

  private find(selector: string, words: string): HTMLElement {
    const found = [...this.root.querySelectorAll<HTMLElement>(selector)].find(
      ({ textContent }) => textContent.trim() === words,
    );
    if (found === undefined) throw new Error(`there is no “${words}” in: ${this.text}`);
    return found;
  }
}
