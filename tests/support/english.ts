// What unit tests of popup and pages read: the English catalog itself. A setup file of vitest, for the project `unit`.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENGLISH } from '../../src/core/text/languages.ts';
import { useCatalog } from '../../src/text/translate.ts';

// Not by URL: in a document of a test that is the document's own.
const file = join(import.meta.dirname, '../../_locales/en/messages.json');
const english = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { message: string } | undefined>;

useCatalog({ language: ENGLISH, message: (key) => english[key]?.message ?? '' });
