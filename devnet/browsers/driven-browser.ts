// A real browser as the walk and the tests drive it: the same few verbs on Chromium (Playwright) and Firefox (Puppeteer over BiDi).
// Expressions are JavaScript text, evaluated in the page; their promises are awaited.

export type BrowserName = 'chromium' | 'firefox';

export type LaunchInit = {
  /** Throw-away folder for home, profile and the extension's copy. */
  folder: string;
  /** Unpacked extension, devnet copy (extension-copy.ts). */
  extension: string;
  caFile: string;
  /** DNS over HTTPS, the browser's only resolver. Left out: the system's resolver. */
  dohUrl?: string;
  headless: boolean;
  /**
   * As a person has it: no flag and no setting that quietens the browser, session restore as after a crash, and in Chromium the
   * extension comes by managed policy (crx.ts) instead of the command line. `folder` may be that of a browser that ran before.
   */
  asInstalled?: { extensionId: string };
  /** Let the extension into private windows, as a person does in the browser's settings. In Firefox it always is: it could set no proxy. */
  allowIncognito?: boolean;
  /** Leave the page open that the extension shows first in a fresh profile. */
  firstRun?: boolean;
  /** Further unpacked extensions, installed after ours. */
  neighbours?: readonly string[];
  /** Further arguments of the browser's command line. */
  args?: readonly string[];
  /** Firefox: further preferences. */
  prefs?: Readonly<Record<string, unknown>>;
  /** A program to start in the browser's place, which starts the browser with the arguments it is given. */
  executable?: string;
  /** Told the browser's pid as soon as it is known, so that it ends with the devnet. */
  onPid: (pid: number) => void;
};

/** What the extension shows on its button for one tab. */
export type Badge = {
  /** `ON` stands for the country's code that a private tab has there. */
  text: string;
  /** That code. */
  region: string | undefined;
  title: string;
};

export function readBadge(text: string, title: string): Badge {
  const region = /^[A-Z]{2}$/.test(text) ? text : undefined;
  return { text: region === undefined ? text : 'ON', region, title };
}

export interface DrivenPage {
  evaluate(expression: string): Promise<unknown>;
  /** Until the expression is truthy; rejects after `timeoutMs`, saying what it was last. Errors of a page in between are waited out. */
  waitFor(expression: string, timeoutMs?: number): Promise<unknown>;
  /** The visible text. */
  text(): Promise<string>;
  /** PNG of the visible part. */
  screenshot(path: string): Promise<void>;
  close(): Promise<void>;
}

export interface DrivenTab extends DrivenPage {
  /** The tab id as extensions know it. */
  readonly id: number;
  /** Loads `url`; the error's text where the browser showed none of it. */
  open(url: string): Promise<string | undefined>;
  /** Makes it the tab that the person looks at. */
  activate(): Promise<void>;
}

export interface DrivenPopup extends DrivenPage {
  /** True for the popup of the button; false for its page opened in a tab. */
  readonly real: boolean;
  /** A click with the mouse in the middle of the element. */
  click(selector: string): Promise<void>;
}

export interface DrivenBrowser {
  readonly name: BrowserName;
  readonly version: string;
  openTab(url: string): Promise<DrivenTab>;
  /** In a private window of its own. */
  openPrivateWindow(url: string): Promise<DrivenTab>;
  /** The tab that opens because of `act`. */
  tabOpenedBy(act: () => Promise<unknown>): Promise<DrivenTab>;
  /** Opens a page of the extension in a tab of its own, as a link of the popup does. */
  openPage(path: string): Promise<DrivenPage>;
  openPopup(tab: DrivenTab): Promise<DrivenPopup>;
  badge(tab: DrivenTab): Promise<Badge>;
  /** Ends the extension's worker or event page as the browser does when it is idle. */
  killWorker(): Promise<void>;
  /** The tabs that are open now, those of a restored session among them; pages of extensions and of the driver left out. */
  tabs(): Promise<DrivenTab[]>;
  /** SIGKILL: nothing is saved, nothing is told to anyone. */
  kill(): Promise<void>;
  /** Evaluates in a page of the extension that runs none of its code. */
  asExtension(expression: string): Promise<unknown>;
  /** Evaluates with the browser's own rights: in Chromium on chrome://extensions, in Firefox on a page of the browser itself. */
  asBrowser(expression: string): Promise<unknown>;
  /** Resolves when the browser is gone, whoever closed it. */
  readonly closed: Promise<void>;
  readonly close: () => Promise<void>;
}

export const WAIT_MS = 20_000;
/** For what a loaded machine may take long over, and a hung browser for good: below every test's own limit, so that the step has a name. */
export const HANG_MS = 60_000;
const POLL_MS = 100;

/** `waitFor` over any way to evaluate. Pages reload under it, so that an error is an answer like "not yet". */
export async function waitForTruthy(
  evaluate: (expression: string) => Promise<unknown>,
  expression: string,
  timeoutMs = WAIT_MS,
): Promise<unknown> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      last = await within(evaluate(expression), Math.max(POLL_MS, deadline - Date.now()));
      if (Boolean(last)) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      throw new Error(
        `not within ${timeoutMs} ms: ${expression} (last: ${last instanceof Error ? last.message : JSON.stringify(last)})`,
      );
    }
    await delay(POLL_MS);
  }
}

/** Rejects when `promise` takes longer: a page that is being replaced may never answer. */
export async function within<T>(promise: Promise<T>, timeoutMs: number, what = ''): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const text = `no answer within ${timeoutMs} ms${what && `: ${what}`}`;
    timer = setTimeout(() => reject(new Error(text)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
