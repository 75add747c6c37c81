// Which pictures there are, and how one is taken: each story in both themes, and the first view in the ways that people change how pages look.

import type { Page } from 'playwright-core';
import { THEMES, type Gallery, type OpenInit, type StoryName, type Theme } from './gallery.ts';

/** `file` without its ending. */
export type Picture = { file: string; story: StoryName; init: OpenInit };

/** A text twice as large, as a person's own setting makes it: sizes are in rem. */
export const LARGE_TEXT = 'large';

/** Beside the two themes: which stories are seen in which way. */
const VARIANTS: Record<string, { of: readonly string[]; init: OpenInit }> = {
  narrow: { of: ['home-private', 'wallet-open', 'wallet-import', 'check-good'], init: { width: 320 } },
  rtl: {
    of: ['home-private', 'wallet-open', 'wallet-deposit', 'relays', 'check-good'],
    init: { search: { dir: 'rtl' } },
  },
  [LARGE_TEXT]: { of: ['home-private', 'wallet-limits'], init: { width: 800 } },
  forced: {
    // A person's own colours.
    of: ['home-off', 'home-connecting', 'home-private', 'home-blocked', 'relays', 'check-problem', 'components'],
    init: { media: { forcedColors: 'active' } },
  },
};

export function variantsOf(stories: readonly StoryName[]): Picture[] {
  return Object.entries(VARIANTS).flatMap(([variant, { of, init }]) =>
    of.flatMap((name) => {
      const story = stories.find((each) => each.name === name);
      return story === undefined ? [] : [{ file: `${name}-${variant}`, story, init }];
    }),
  );
}

export function themedFile(story: StoryName, theme: Theme): string {
  return `${story.name}-${theme}`;
}

/** Every file that there should be. */
export function filesOf(stories: readonly StoryName[]): string[] {
  const themed = stories.flatMap((story) => THEMES.map((theme) => themedFile(story, theme)));
  return [...themed, ...variantsOf(stories).map(({ file }) => file)];
}

/** The whole document and no more, as a popup is as high as what is in it. */
export async function takePicture(page: Page): Promise<Buffer> {
  // Whatever was changed a moment ago is painted.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const width = page.viewportSize()?.width ?? 0;
  const height = await page.evaluate(() => {
    const below = document.querySelector('main')?.getBoundingClientRect().bottom ?? 0;
    return Math.ceil(below + parseFloat(getComputedStyle(document.body).marginBlockEnd));
  });
  return page.screenshot({ animations: 'disabled', caret: 'hide', clip: { x: 0, y: 0, width, height } });
}

export async function takeVariant(gallery: Gallery, { file, story, init }: Picture): Promise<Buffer> {
  const page = await gallery.open(story, init);
  try {
    if (file.endsWith(`-${LARGE_TEXT}`)) await enlargeText(page);
    return await takePicture(page);
  } finally {
    await page.close();
  }
}

export async function enlargeText(page: Page): Promise<void> {
  await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
}
