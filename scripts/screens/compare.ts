// Two pictures: how many of their points differ for an eye. And where pictures are kept: baselines in the repository, those of a run in artifacts.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { encodeIndexed } from './indexed-png.ts';

const ROOT = join(import.meta.dirname, '..', '..');
export const BASELINE = join(ROOT, 'tests/screens/baseline');
export const TAKEN = join(ROOT, 'artifacts/screens');

/** Of a colour, 0 to 1 (YIQ): what another build of the browser smooths otherwise is below. */
const THRESHOLD = 0.15;
/** Points: the line below a link, which now and then is drawn a point higher, and fewer than a word. */
const TOLERATED = 80;

/** Keeps the picture in artifacts, and beside it what differs. Returns what is wrong in words; undefined: it looks as its baseline. */
export function compareWithBaseline(file: string, picture: Buffer): string | undefined {
  mkdirSync(TAKEN, { recursive: true });
  writeFileSync(join(TAKEN, `${file}.png`), picture);
  const path = join(BASELINE, `${file}.png`);
  if (!existsSync(path)) return `${file}: there is no baseline (npm run screens -- --update ${file})`;
  const [before, taken] = [PNG.sync.read(readFileSync(path)), PNG.sync.read(picture)];
  const { width, height } = before;
  if (width !== taken.width || height !== taken.height)
    return `${file}: ${taken.width} x ${taken.height} points, was ${width} x ${height}`;
  const difference = new PNG({ width, height });
  const differing = pixelmatch(before.data, taken.data, difference.data, width, height, { threshold: THRESHOLD });
  if (differing <= TOLERATED) return undefined;
  writeFileSync(join(TAKEN, `${file}.diff.png`), PNG.sync.write(difference));
  return `${file}: ${differing} points differ (artifacts/screens/${file}.diff.png)`;
}

export function writeBaseline(file: string, picture: Buffer): void {
  mkdirSync(BASELINE, { recursive: true });
  writeFileSync(join(BASELINE, `${file}.png`), encodeIndexed(PNG.sync.read(picture)));
}

/** Baselines of what is not there any more. */
export function strangers(files: readonly string[]): string[] {
  if (!existsSync(BASELINE)) return [];
  return readdirSync(BASELINE)
    .map((name) => name.replace(/\.png$/, ''))
    .filter((file) => !files.includes(file));
}

export function removeBaseline(file: string): void {
  rmSync(join(BASELINE, `${file}.png`));
}
