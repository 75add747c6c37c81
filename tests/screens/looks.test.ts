// Every story of the gallery, in both themes: it looks as its baseline, axe finds nothing in it, and nothing needs scrolling sideways: not in 320 pixels, and not
// with text twice as large. `npm run screens` shows what differs.

import { afterAll, expect, test } from 'vitest';
import { axeViolations, sidewaysOf } from '../../scripts/screens/audit.ts';
import { compareWithBaseline, strangers } from '../../scripts/screens/compare.ts';
import { openGallery, THEMES } from '../../scripts/screens/gallery.ts';
import {
  enlargeText,
  filesOf,
  takePicture,
  takeVariant,
  themedFile,
  variantsOf,
} from '../../scripts/screens/pictures.ts';

const gallery = await openGallery();
const { stories } = gallery;
afterAll(() => gallery.close());

// Each with its own `expect`: that of the file would lay what one finds at another's door.
test.concurrent.for(stories.map((story) => [story.name, story] as const))(
  '%s looks as it did, axe finds nothing, and it fits',
  async ([, story], { expect }) => {
    const page = await gallery.open(story);
    try {
      for (const theme of THEMES) {
        await page.emulateMedia({ colorScheme: theme });
        const picture = await takePicture(page);
        expect.soft(compareWithBaseline(themedFile(story, theme), picture)).toBeUndefined();
        expect.soft(await axeViolations(page, theme === 'light' ? 'all' : 'colours')).toEqual([]);
      }
      // A telephone, and a window of 1280 at four times its size (WCAG 2.2, 1.4.10).
      expect.soft(await sidewaysOf(page, 320)).toEqual([]);
      await enlargeText(page);
      expect.soft(await sidewaysOf(page, 800)).toEqual([]);
    } finally {
      await page.close();
    }
  },
);

test.concurrent.for(variantsOf(stories).map((picture) => [picture.file, picture] as const))(
  '%s looks as it did',
  async ([file, picture], { expect }) => {
    expect(compareWithBaseline(file, await takeVariant(gallery, picture))).toBeUndefined();
  },
);

test('there is no baseline of anything else', () => {
  expect(strangers(filesOf(stories))).toEqual([]);
});
