// `npm run store:pictures`: what the stores show of the extension, into docs/store/pictures. Real views of the gallery (scripts/screens) beside a line of
// what they are for; nothing is painted by hand. Five of 1280 x 800, which both stores take, and Chrome's small tile of 440 x 280.

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openGallery, type Gallery, type Theme } from './screens/gallery.ts';
import { takePicture } from './screens/pictures.ts';

const ROOT = join(import.meta.dirname, '..');
const OUT = join(ROOT, 'docs/store/pictures');
/** Both stores' largest. */
const SIZE = { width: 1280, height: 800 };
const TILE = { width: 440, height: 280 };
/** Of a view's own points: it stays sharp where it is drawn larger. */
const SCALE = 2;

type Scene = { file: string; story: string; theme: Theme; headline: string; sentence: string };

const SCENES: readonly Scene[] = [
  {
    ...{ file: '1-private', story: 'home-private', theme: 'light' },
    headline: 'One click makes a tab private',
    sentence:
      'It goes through two relays of different operators. One knows you, the other the site, none of them both.',
  },
  {
    ...{ file: '2-blocked', story: 'home-blocked', theme: 'dark' },
    headline: 'No circuit, no request',
    sentence: 'Where there is no way through two relays, the page waits and says why. Nothing leaves any other way.',
  },
  {
    ...{ file: '3-relays', story: 'relays', theme: 'light' },
    headline: 'You say which relays',
    sentence: 'Countries, a price, operators to avoid. No account, and no server of ours in between.',
  },
  {
    ...{ file: '4-wallet', story: 'wallet-open', theme: 'dark' },
    headline: 'Free first, then by the byte',
    sentence: 'From a wallet of your own, within limits that you set. What is left comes back.',
  },
  {
    ...{ file: '5-check', story: 'check-good', theme: 'light' },
    headline: 'See for yourself that it works',
    sentence: 'A check of your own exit, without any other server, and signed by the exit.',
  },
];

const STYLE = `
  * { box-sizing: border-box; margin: 0; }
  body { width: 100vw; height: 100vh; overflow: hidden; font-family: sans-serif; }
  body.light { background: #e9ebf6; color: #191c24; }
  body.dark { background: #0f1117; color: #eceef4; }
  .scene { display: grid; grid-template-columns: 1fr auto; gap: 72px; align-items: center; height: 100%; padding: 0 88px; }
  h1 { font-size: 52px; line-height: 1.15; text-wrap: balance; }
  p { margin-top: 24px; font-size: 23px; line-height: 1.5; opacity: 0.85; }
  .name { margin: 0 0 40px; font-size: 19px; font-weight: bold; opacity: 1; display: flex; gap: 14px; align-items: center; }
  .view { height: 704px; max-width: 560px; border-radius: 18px; overflow: hidden; box-shadow: 0 20px 60px rgb(0 0 0 / 28%); }
  .view img { display: block; height: auto; }
  .tile { display: grid; place-content: center; justify-items: center; height: 100%; padding: 0 32px; text-align: center; }
  .tile h1 { font-size: 27px; margin-top: 18px; }
  .tile p { margin-top: 10px; font-size: 15px; }
`;

const icon = source(readFileSync(join(ROOT, 'popup/icons/private-128.png')));

mkdirSync(OUT, { recursive: true });
const gallery = await openGallery();
try {
  for (const scene of SCENES) await paint(scene.file, SIZE, scene.theme, await sceneOf(gallery, scene));
  const tile = `<div class="tile"><img src="${icon}" width="96" alt=""><h1>CONET private browsing</h1><p>One tab, two relays, nobody who knows both ends.</p></div>`;
  await paint('tile', TILE, 'light', tile);
} finally {
  await gallery.close();
}

async function sceneOf({ stories, open }: Gallery, { story, theme, headline, sentence }: Scene): Promise<string> {
  const named = stories.find(({ name }) => name === story);
  if (named === undefined) throw new Error(`there is no story ${story}`);
  const width = named.page.startsWith('/popup/') ? 400 : 560;
  const page = await open(named, { width, scale: SCALE, media: { colorScheme: theme } });
  // The ring of the focus says nothing in a picture.
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const picture = await takePicture(page);
  await page.close();
  const shown = named.page.startsWith('/popup/') ? 430 : 540;
  return `<div class="scene"><div><p class="name"><img src="${icon}" width="40" alt="">CONET private browsing</p><h1>${headline}</h1><p>${sentence}</p></div>
    <div class="view"><img src="${source(picture)}" width="${shown}" alt=""></div></div>`;
}

async function paint(file: string, size: typeof SIZE, theme: Theme, body: string): Promise<void> {
  const page = await gallery.blank(size);
  await page.setContent(`<!doctype html><style>${STYLE}</style><body class="${theme}">${body}</body>`);
  await page.screenshot({ path: join(OUT, `${file}.png`) });
  await page.close();
  console.log(`docs/store/pictures/${file}.png`);
}

function source(png: Buffer): string {
  return `data:image/png;base64,${png.toString('base64')}`;
}
