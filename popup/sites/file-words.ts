// What is wrong with a file of rules, in words.

import { siteErrorWords } from '../../src/core/state/site-error.ts';
import { MAX_SITE_RULES } from '../../src/core/state/site-rules.ts';
import type { SitesFileError } from '../../src/core/state/sites-file.ts';
import { say, t } from '../../src/text/translate.ts';

export function fileErrorWords({ code, at, why }: SitesFileError): { words: string; more: string | undefined } {
  return { words: wordsOf(code, at ?? 0), more: why === undefined ? undefined : say(siteErrorWords(why)) };
}

function wordsOf(code: SitesFileError['code'], number: number): string {
  switch (code) {
    case 'empty':
      return t('sites_file_error_empty');
    case 'large':
      return t('sites_file_error_large');
    case 'json':
      return t('sites_file_error_json');
    case 'other':
      return t('sites_file_error_other');
    case 'newer':
      return t('sites_file_error_newer');
    case 'many':
      return t('sites_file_error_many', { most: MAX_SITE_RULES });
    case 'exits':
      return say(siteErrorWords('sites-exits-full'));
    case 'rule':
      return t('sites_file_error_rule', { number });
    case 'twice':
      return t('sites_file_error_twice', { number });
  }
}
