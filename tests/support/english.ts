// What unit tests of popup and pages read: the English catalog itself. A setup file of vitest, for the project `unit`.

import { readFileSync } from 'node:fs';
import { ENGLISH } from '../../src/core/text/languages.ts';
import { useCatalog } from '../../src/text/translate.ts';

const file = new URL('../../_locales/en/messages.json', import.meta.url);
const english = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { message: string } | undefined>;

useCatalog({ language: ENGLISH, message: (key) => english[key]?.message ?? '' });
