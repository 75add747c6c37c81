// A client's directory as it is stored: pages as relays send them, compressed, in base64, since storage carries text. What was stored was opened before.

import { asNumber, asObject, asText, ParseError } from '../state/parse.ts';
import { isPeerLabel, type PeerLabel } from '../tunnel/circuit-name.ts';
import { epoch, type ReadMark } from './directory.ts';
import { asHex } from '../wallet/hex.ts';

export type StoredPage = { descriptors: string; signatures: string };

export type StoredDirectory = {
  pages: readonly StoredPage[];
  /** Up to where each relay was asked. */
  marks: Readonly<Record<PeerLabel, ReadMark>>;
};

export const NO_STORED_DIRECTORY: StoredDirectory = { pages: [], marks: {} };

/** 30,000 relays of 190 a page. */
const MAX_PAGES = 200;
const MAX_PAGE_TEXT = 90_000;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** Those that were asked last. */
export const MAX_MARKS = 32;

/** Throws `ParseError`. */
export function parseStoredDirectory(value: unknown): StoredDirectory {
  const { pages, marks } = asObject(value);
  if (!Array.isArray(pages) || pages.length > MAX_PAGES) throw new ParseError('not a list of pages');
  return { pages: pages.map(parsePage), marks: parseByPeer(marks, MAX_MARKS, parseMark) };
}

function parsePage(value: unknown): StoredPage {
  const { descriptors, signatures } = asObject(value);
  return { descriptors: asBase64(descriptors), signatures: asBase64(signatures) };
}

function asBase64(value: unknown): string {
  const text = asText(value);
  if (text.length > MAX_PAGE_TEXT || !BASE64.test(text)) throw new ParseError('not a page in base64');
  return text;
}

function parseMark(value: unknown): ReadMark {
  const { epoch: of, version } = asObject(value);
  const number = asNumber(version);
  if (!Number.isSafeInteger(number) || number < 0) throw new ParseError('not a version');
  asHex(asText(of).slice(2), 16);
  return { epoch: epoch.decode(epoch.encode(asText(of) as ReadMark['epoch'])), version: number };
}

function parseByPeer<T>(value: unknown, most: number, parse: (value: unknown) => T): Record<PeerLabel, T> {
  const all = Object.entries(asObject(value));
  if (all.length > most || !all.every(([peer]) => isPeerLabel(peer))) throw new ParseError('not by relay');
  return Object.fromEntries(all.map(([peer, each]) => [peer, parse(each)]));
}
