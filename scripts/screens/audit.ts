// What a page is asked beside its looks: axe's rules, whether anything needs scrolling sideways, and where the Tab key leads.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** All of axe's rules that are on by default, or those of them that another theme can break. One line for each thing that breaks one. */
export async function axeViolations(page: Page, rules: 'all' | 'colours'): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (values) =>
      (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
        resultTypes: ['violations'],
        ...(values && { runOnly: { type: 'rule', values } }),
      }),
    rules === 'all' ? undefined : ['color-contrast', 'link-in-text-block'],
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}

/** What is wider than a window of that width; empty where nothing is. Of the layout alone: the real window is that of other pages' pictures too. */
export async function sidewaysOf(page: Page, width: number): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setDeviceMetricsOverride', { width, height: 600, deviceScaleFactor: 1, mobile: false });
  const found = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter((each) => {
      const { left, right } = each.getBoundingClientRect();
      return left < -1 || right > clientWidth + 1;
    });
    return [`${scrollWidth} in ${clientWidth}`, ...wide.map(({ tagName, className }) => `${tagName}.${className}`)];
  });
  // Which gives the page its window back.
  await session.detach();
  return found;
}

/** Names of what has the focus at first and after each Tab, until it comes round or leaves the page. */
export async function tabOrder(page: Page): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const name = await page.evaluate(() => {
      const at = document.activeElement;
      if (!(at instanceof HTMLElement) || at === document.body) return undefined;
      const labels = 'labels' in at ? (at as HTMLInputElement).labels : null;
      return (at.ariaLabel ?? labels?.[0]?.textContent ?? at.textContent).trim();
    });
    if (name === undefined || names.includes(name)) return names;
    names.push(name);
    await page.keyboard.press('Tab');
  }
}
