// Why an exit that was chosen is not taken. Then nothing has changed: the tab stays on the exit that it has.

export const EXIT_ERRORS = [
  /** No exit is known there. */
  'exit-none',
  /** There are some, and none that the person's wishes allow. */
  'exit-wishes',
  /** There are some that are wished, and none of the entries that this browser stays with leads there. */
  'exit-no-way',
  /** None of them answers now. */
  'exit-unreachable',
  /** The browser tells sites apart, and the tab shows none. */
  'exit-no-site',
  /** As many circuits as there can be are in use for other sites. */
  'exit-full',
] as const;
export type ExitErrorCode = (typeof EXIT_ERRORS)[number];
