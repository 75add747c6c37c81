// Runs in the gallery's documents, in the place of the script that the document has in the extension: draws the story that the address names,
// in the language that it names, and says when all is drawn. Driven by scripts/screens/gallery.ts.

import { options } from 'preact';
import { LANGUAGES } from '../../../src/core/text/languages.ts';
import type { MessageKey } from '../../../src/core/text/text.ts';
import { useCatalog } from '../../../src/text/translate.ts';
import { STORIES } from './stories.tsx';
import { asking } from './story.tsx';

type MessageFile = Partial<Record<MessageKey, { message: string }>>;

/** Read by scripts/screens/gallery.ts. */
declare global {
  var gallery: { stories: { name: string; page: string }[]; ready: Promise<void> } | undefined;
}

const asked = new URLSearchParams(location.search);

async function openLanguage(tag: string): Promise<void> {
  const language = LANGUAGES.find((each) => each.tag === tag);
  if (language === undefined) throw new Error(`no such language: ${tag}`);
  const read = async (folder: string): Promise<MessageFile> =>
    (await (await fetch(`/_locales/${folder}/messages.json`)).json()) as MessageFile;
  const [english, own] = await Promise.all([read('en'), read(language.folder)]);
  useCatalog({ language, message: (key) => (own[key] ?? english[key])?.message ?? '' });
  document.documentElement.lang = language.tag;
  document.documentElement.dir = asked.get('dir') ?? language.dir;
}

// Effects at once instead of some frame later: what they ask is counted before one looks.
options.requestAnimationFrame = (callback) => queueMicrotask(callback);

/** Drawn, with nothing asked that has no answer yet, for some frames in a row. */
async function settled(): Promise<void> {
  for (let calm = 0; calm < 3; calm = asking.count === 0 ? calm + 1 : 0) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  await document.fonts.ready;
}

async function open(): Promise<void> {
  const name = asked.get('story');
  if (name === null || name === '') return;
  const story = STORIES[name];
  const root = document.querySelector('main');
  if (story === undefined || root === null) throw new Error(`no such story: ${name}`);
  await openLanguage(asked.get('lang') ?? 'en');
  await story.draw(root);
  await settled();
  if (story.act !== undefined) {
    story.act(root);
    await settled();
  }
}

globalThis.gallery = {
  stories: Object.entries(STORIES).map(([name, { page }]) => ({ name, page })),
  ready: open(),
};
