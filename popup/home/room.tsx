// Words that have their room before they are there: as much as the longest of what usually stands in their place, in the person's language, size of text and width of window. So nothing
// below moves when they change. The usual words take up room without being seen, read out or found.

import type { JSX } from 'preact';

export type RoomProps = {
  class: string;
  words: string;
  /** What else may stand there. */
  usual: readonly string[];
};

export function longest(texts: readonly string[]): string | undefined {
  return texts.toSorted((one, other) => other.length - one.length)[0];
}

export function Room({ class: name, words, usual }: RoomProps): JSX.Element {
  // A document can be given two without elements of their own: which of them has more lines is not known before they are laid out.
  const first = longest(usual);
  const second = longest(usual.filter((each) => each !== first));
  return (
    <p class={`room ${name}`} data-room={first} data-room-beside={second}>
      <span>{words}</span>
    </p>
  );
}
