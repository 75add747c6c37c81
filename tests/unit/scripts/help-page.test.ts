// The pages that people read, made from docs/user: whole, linked among themselves, and without a script.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { helpPage } from '../../../scripts/build/help-page.ts';

const FOLDER = join(import.meta.dirname, '../../../docs/user');
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.md'));
const pages = new Map(
  names.map((name) => [name.replace('.md', '.html'), helpPage(readFileSync(join(FOLDER, name), 'utf8'))]),
);

test('the first page leads to all others, and no link leads nowhere', () => {
  expect(pages.size).toBeGreaterThanOrEqual(4);
  const links = (page: string): string[] => [...page.matchAll(/href="([^"]+)"/g)].map(([, to = '']) => to);
  const own = (page: string): string[] => links(page).filter((to) => !to.endsWith('.css'));
  for (const [name, page] of pages)
    expect(
      own(page).filter((to) => !pages.has(to)),
      name,
    ).toEqual([]);
  expect(new Set(own(pages.get('index.html') ?? ''))).toEqual(new Set(pages.keys()));
});

test('each has a title, and none has a script or a style of its own, which the pages of an extension may not have', () => {
  for (const [name, page] of pages) {
    expect(page, name).toMatch(/<title>[^<]+<\/title>/);
    expect(page, name).not.toMatch(/<script|<style|style=|onclick/);
  }
  expect(() => helpPage('no title')).toThrow('no title');
});
