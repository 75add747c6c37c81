// The gallery in the installed Chromium: the extension's own documents and styles, with the script of each in the place of its own one
// (tests/screens/gallery/main.tsx). Used by scripts/screens.ts and tests/screens.

import { join } from 'node:path';
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { findBrowser } from '../../devnet/browsers/home.ts';
import { buildGallery } from './bundle.ts';
import { serveGallery } from './serve.ts';

const FONTS = join(import.meta.dirname, '../../tests/screens/gallery/fonts.conf');
/** More than any view has: a window that is made higher for its picture comes out in pieces now and then. */
const HEIGHT = 2400;
const FLAGS = ['--font-render-hinting=none', '--disable-lcd-text', '--force-color-profile=srgb', '--hide-scrollbars'];
/** 2026-11-23 10:00 UTC, as tests/screens/gallery/values.ts has it. */
const NOW_MS = 1_795_428_000_000;

export type StoryName = { name: string; page: string };
export type Theme = 'light' | 'dark';
export const THEMES: readonly Theme[] = ['light', 'dark'];

export type OpenInit = {
  /** CSS pixels; a popup is 400 wide, and a tab has room beside its column. */
  width?: number;
  height?: number;
  /** What the address says beside the story: `lang`, `dir`. */
  search?: Record<string, string>;
  /** What the browser is told of the person: colours, motion. */
  media?: Pick<BrowserContextOptions, 'colorScheme' | 'reducedMotion' | 'forcedColors'>;
  /** Device pixels for one of CSS. */
  scale?: number;
};

export type Gallery = {
  stories: readonly StoryName[];
  /** A page in which all of the story is drawn. Close it. */
  open: (story: StoryName, init?: OpenInit) => Promise<Page>;
  /** An empty page, for what is put together of pictures (scripts/store-pictures.ts). Close it. */
  blank: (viewport: { width: number; height: number }) => Promise<Page>;
  close: () => Promise<void>;
};

export async function openGallery(): Promise<Gallery> {
  const server = await serveGallery(await buildGallery());
  const isRoot = process.getuid?.() === 0;
  const browser = await chromium.launch({
    executablePath: findBrowser('chromium'),
    chromiumSandbox: !isRoot,
    args: FLAGS,
    env: { ...process.env, FONTCONFIG_FILE: FONTS },
  });
  /** By what the browser is told: a new one each time would take longer than the page. */
  const contexts = new Map<string, Promise<BrowserContext>>();
  const contextFor = (init: OpenInit, page: string): Promise<BrowserContext> => {
    const isPopup = page.startsWith('/popup/');
    // It stands in the middle of its window.
    const high = page.startsWith('/pages/held/') ? 500 : HEIGHT;
    const options: BrowserContextOptions = {
      viewport: { width: init.width ?? (isPopup ? 400 : 800), height: init.height ?? high },
      deviceScaleFactor: init.scale ?? 1,
      // Nothing is on its way from one colour to another while it is looked at.
      ...{ locale: 'en-US', timezoneId: 'UTC', reducedMotion: 'reduce', ...init.media },
    };
    const key = JSON.stringify(options);
    const create = async (): Promise<BrowserContext> => {
      const context = await browser.newContext(options);
      await context.clock.setFixedTime(NOW_MS);
      return context;
    };
    const context = contexts.get(key) ?? create();
    contexts.set(key, context);
    return context;
  };
  const open = async (story: StoryName, init: OpenInit = {}): Promise<Page> => {
    const page = await (await contextFor(init, story.page)).newPage();
    const broken: string[] = [];
    page.on('pageerror', ({ message }) => broken.push(message));
    page.on('console', (line) => line.type() === 'error' && broken.push(line.text()));
    const search = new URLSearchParams({ story: story.name, ...init.search });
    await page.goto(`${server.origin}${story.page}?${search.toString()}`);
    await page.evaluate(() => globalThis.gallery?.ready).catch((error: unknown) => broken.push(String(error)));
    if (broken.length > 0) throw new Error(`${story.name}: ${broken.join('; ')}`);
    return page;
  };
  const close = async (): Promise<void> => {
    await browser.close();
    server.close();
  };
  try {
    const blank: Gallery['blank'] = (viewport) => browser.newPage({ viewport });
    return { stories: await listStories(open), open, blank, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function listStories(open: Gallery['open']): Promise<StoryName[]> {
  const page = await open({ name: '', page: '/popup/index.html' });
  const stories = await page.evaluate(() => globalThis.gallery?.stories ?? []);
  await page.close();
  return stories;
}
