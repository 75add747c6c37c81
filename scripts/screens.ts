// `npm run screens`: a picture of every view, theme and state into artifacts/screens, held against those of tests/screens/baseline.
//
//   npm run screens                          all; ends with what differs
//   npm run screens -- home wallet-open      those whose names begin so
//   npm run screens -- --update [names]      what is there now becomes the baseline

import { parseArgs } from 'node:util';
import { compareWithBaseline, removeBaseline, strangers, writeBaseline } from './screens/compare.ts';
import { openGallery, THEMES, type Gallery, type StoryName } from './screens/gallery.ts';
import { filesOf, takePicture, takeVariant, themedFile, variantsOf } from './screens/pictures.ts';

/** Pages at once: as many as two cores draw. */
const AT_ONCE = 2;

const { values, positionals } = parseArgs({
  options: { update: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const isWanted = (file: string): boolean =>
  positionals.length === 0 || positionals.some((name) => file.startsWith(name));

const wrong: string[] = [];
let count = 0;

function keep(file: string, picture: Buffer): void {
  count += 1;
  const difference = compareWithBaseline(file, picture);
  if (difference === undefined) return;
  if (values.update) writeBaseline(file, picture);
  else wrong.push(difference);
}

async function takeThemes(gallery: Gallery, story: StoryName): Promise<void> {
  const page = await gallery.open(story);
  try {
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      keep(themedFile(story, theme), await takePicture(page));
    }
  } finally {
    await page.close();
  }
}

const gallery = await openGallery();
try {
  const tasks = [
    ...gallery.stories.filter(({ name }) => isWanted(name)).map((story) => () => takeThemes(gallery, story)),
    ...variantsOf(gallery.stories)
      .filter(({ file }) => isWanted(file))
      .map((picture) => async () => keep(picture.file, await takeVariant(gallery, picture))),
  ];
  const work = async (): Promise<void> => {
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) await task();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
} finally {
  await gallery.close();
}
for (const file of strangers(filesOf(gallery.stories))) {
  if (values.update) removeBaseline(file);
  else wrong.push(`${file}: a baseline that nothing has any more`);
}
for (const line of wrong) console.error(line);
console.log(`${count} pictures in artifacts/screens, ${wrong.length} differ`);
process.exit(wrong.length === 0 ? 0 : 1);
