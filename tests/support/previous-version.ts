// The version of the extension before this one, unpacked for a browser (tests/previous).

import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { openPromise } from 'yauzl';
import type { BrowserName } from '../../devnet/browsers/driven-browser.ts';

const FOLDER = join(import.meta.dirname, '../previous');
const ARCHIVE = join(FOLDER, 'conet-private-browsing-0.1.0-chrome.zip');

export async function unpackPrevious(browser: BrowserName, to: string): Promise<string> {
  const zip = await openPromise(ARCHIVE);
  for await (const entry of zip.eachEntry()) {
    const file = join(to, entry.fileName);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, await buffer(await zip.openReadStreamPromise(entry)));
  }
  if (browser === 'firefox') await cp(join(FOLDER, 'firefox-manifest.json'), join(to, 'manifest.json'));
  return to;
}
