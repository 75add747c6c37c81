// The extension as the devnet's browsers get it: the built one, copied, told of the devnet's relays, nothing else changed.
// One page is added that runs no code, so that tests can ask the browser what an extension may ask without waking the worker.

import { createWriteStream } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { RelayRecord } from '../../src/core/directory/relay-record.ts';

export const CONTROL_PAGE = 'devnet-control.html';

/** On which network the extension pays, and whom it asks about it. */
export type ExtensionPayments = { network: string; rpcs: readonly string[] };

export async function copyExtension(
  from: string,
  to: string,
  relays: readonly RelayRecord[],
  payments?: ExtensionPayments,
): Promise<string> {
  await cp(from, to, { recursive: true });
  await writeFile(join(to, 'relays.json'), JSON.stringify({ relays, payments }, undefined, 2));
  await writeFile(join(to, CONTROL_PAGE), '<!doctype html><title>devnet control</title>\n');
  return to;
}

/** Packs an unpacked extension as an XPI: a zip with manifest.json at its root. */
export async function packXpi(folder: string, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const zip = new ZipFile();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    zip.addFile(path, relative(folder, path));
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
}

type Manifest = {
  name?: string;
  default_locale?: string;
  action?: { default_popup?: string };
  browser_specific_settings?: { gecko?: { id?: string } };
};

/** The add-on id of a Firefox build. */
export async function geckoId(folder: string): Promise<string> {
  const { browser_specific_settings: settings } = await readManifest(folder);
  return named(settings?.gecko?.id, folder, 'gecko id');
}

/** As an English browser shows it. */
export async function extensionName(folder: string): Promise<string> {
  const { name, default_locale: locale } = await readManifest(folder);
  const key = /^__MSG_(\w+)__$/.exec(named(name, folder, 'name'))?.[1];
  if (key === undefined) return named(name, folder, 'name');
  const file = join(folder, '_locales', named(locale, folder, 'default locale'), 'messages.json');
  const messages = JSON.parse(await readFile(file, 'utf8')) as Record<string, { message: string } | undefined>;
  return named(messages[key]?.message, folder, `message ${key}`);
}

/** The path of the button's popup inside the extension. */
export async function popupPath(folder: string): Promise<string> {
  const { action } = await readManifest(folder);
  return named(action?.default_popup, folder, 'popup');
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
}

function named(value: string | undefined, folder: string, what: string): string {
  if (value === undefined) throw new Error(`${folder}/manifest.json has no ${what}`);
  return value;
}
