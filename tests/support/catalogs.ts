// The files of `_locales`, and the parts of an ICU message. For tests/unit/text.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { ROOT } from './source-text.ts';

const LOCALES = join(ROOT, '_locales');

export type Messages = Readonly<Record<string, string>>;

export function localeFolders(): string[] {
  return readdirSync(LOCALES);
}

/** Throws where a message has anything but its text: no placeholders of the browser's, which ICU gaps stand for. */
export function readMessages(folder: string): Messages {
  const file = JSON.parse(readFileSync(join(LOCALES, folder, 'messages.json'), 'utf8')) as Record<string, object>;
  return Object.fromEntries(
    Object.entries(file).map(([key, entry]) => {
      const { message, description: _, ...rest } = entry as { message: unknown; description?: string };
      if (typeof message !== 'string' || Object.keys(rest).length > 0)
        throw new Error(`${folder}: ${key} is no message`);
      return [key, message];
    }),
  );
}

/** As they stand in the file: of a key that is there twice, parsers keep the last without a word. */
export function keysWritten(folder: string): string[] {
  const file = readFileSync(join(LOCALES, folder, 'messages.json'), 'utf8');
  return [...file.matchAll(/^ {2}"([^"]+)": \{/gm)].map(([, key = '']) => key);
}

type Element = ReturnType<IntlMessageFormat['getAst']>[number];
type Options = Record<string, { value: Element[] }>;

/** Each gap as `name:kind`, once and sorted, and the categories of each plural. Throws where it is no ICU message. */
export function partsOf(message: string, tag: string): { gaps: string[]; plurals: string[][] } {
  const gaps = new Set<string>();
  const plurals: string[][] = [];
  const visit = (elements: Element[]): void => {
    for (const element of elements) {
      const type: number = element.type;
      if (type === KIND.literal || type === KIND.pound) continue;
      gaps.add(`${'value' in element ? element.value : ''}:${NAMES[type] ?? type}`);
      if (!('options' in element)) continue;
      const options = element.options as Options;
      if (type === KIND.plural) plurals.push(Object.keys(options));
      for (const { value } of Object.values(options)) visit(value);
    }
  };
  visit(new IntlMessageFormat(message, tag, undefined, { ignoreTag: true }).getAst());
  return { gaps: [...gaps].sort(), plurals };
}

/** Of @formatjs/icu-messageformat-parser, `TYPE`. */
const KIND = { literal: 0, plural: 6, pound: 7 };
const NAMES: Readonly<Record<number, string>> = {
  1: 'text',
  2: 'number',
  3: 'date',
  4: 'time',
  5: 'select',
  6: 'plural',
};
