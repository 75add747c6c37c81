// What a vector is: one way in which a page, or a person on it, makes a browser send something. Data; run.ts acts on it.

import type { BrowserName, DrivenBrowser, DrivenTab } from '../../../devnet/browsers/driven-browser.ts';
import type { Packet } from '../harness/packets.ts';

/** Where a vector is pointed. Each run of each vector has one of its own, so that a packet tells which it was. */
export type Aim = {
  host: string;
  /** `https://host/path` */
  url(path?: string): string;
  /** Different for each aim, 0 to a few hundred: for ports and addresses that are not looked up by a name. */
  number: number;
};

/** A tab of its own for a vector that cannot share its page with others. */
export type Stage = {
  browser: DrivenBrowser;
  /** On `home`. */
  tab: DrivenTab;
  /** `https://host` of the page that the tab is on. */
  home: string;
  aim: Aim;
};

export type Vector = {
  name: string;
  /**
   * Statements that a page runs: `aim` there is the aim's host, `url(path)` its address, `add(tag, properties)` puts an element into
   * the body, `head(tag, properties)` into the head. All of these run in one page.
   */
  page?: string;
  /** Done to a tab of its own. What it starts need not have ended when it returns. */
  act?: (stage: Stage) => Promise<unknown>;
  /** First label of the host, where the name itself is what is tried. */
  label?: string;
  /** Whether a packet is of the vector; left out: by the aim's host. */
  matches?: (packet: Packet, aim: Aim) => boolean;
  /** Where it shows: on the cable unless said. */
  on?: 'lo';
  /** Only towards hosts that nothing else has open. */
  newHostsOnly?: boolean;
  /** Browsers where the product has a hole here that is not closed yet, and what is known of it. The test fails when it is closed: then this goes. */
  stillLeaks?: Partial<Record<BrowserName, string>>;
  /** Browsers that have no such thing, and why. */
  notApplicable?: Partial<Record<BrowserName, string>>;
};

/** Runs statements in a tab without waiting for what they start: a page that goes away would never answer. */
export function fire(tab: DrivenTab, statements: string): Promise<unknown> {
  return tab.evaluate(`void setTimeout(() => { ${statements} }, 0)`);
}

/** Asks the browser, as an extension may, without waiting for a load. */
export function asExtension(browser: DrivenBrowser, expression: string): Promise<unknown> {
  return browser.asExtension(`((api) => ${expression})(globalThis.browser ?? chrome).then(() => true, () => false)`);
}
