// Three words are asked back before a new wallet counts as written down.

import { WalletError } from './wallet-error.ts';

export const WORDS_ASKED = 3;

/** The words that are asked back, by place from 0, in order. @param draw 0 <= draw < 1, for each */
export function chooseWords(count: number, draw: () => number): number[] {
  const places = Array.from({ length: count }, (_, place) => place);
  const chosen = Array.from({ length: Math.min(WORDS_ASKED, count) }, () =>
    places.splice(Math.floor(draw() * places.length), 1),
  );
  return chosen.flat().sort((a, b) => a - b);
}

/** Throws `wallet-words-unconfirmed` unless the answers are the words at the places asked for. Case and blanks do not count. */
export function assertWords(words: readonly string[], asked: readonly number[], answers: readonly string[]): void {
  const right =
    asked.length > 0 &&
    asked.length === answers.length &&
    asked.every((place, at) => words[place] !== undefined && words[place] === answers[at]?.trim().toLowerCase());
  if (!right) throw new WalletError('wallet-words-unconfirmed');
}
