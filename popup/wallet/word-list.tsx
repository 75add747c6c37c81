// The words of a wallet, numbered, in their order.

import type { JSX } from 'preact';
import { t } from '../../src/text/translate.ts';

export function WordList({ words }: { words: readonly string[] }): JSX.Element {
  return (
    <ol class="words" aria-label={t('wallet_fresh_list')} translate={false}>
      {words.map((word, place) => (
        <li key={place}>{word}</li>
      ))}
    </ol>
  );
}
