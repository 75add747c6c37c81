// The words of a wallet, numbered, in their order.

import type { JSX } from 'preact';
import { WORDS } from './words.ts';

export function WordList({ words }: { words: readonly string[] }): JSX.Element {
  return (
    <ol class="words" aria-label={WORDS.fresh.list} translate={false}>
      {words.map((word, place) => (
        <li key={place}>{word}</li>
      ))}
    </ol>
  );
}
