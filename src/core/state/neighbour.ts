// Another extension of this browser, as the popup names it and the person decides about it.

import { asTexts, ParseError } from './parse.ts';

/** `id` is the browser's. */
export type Neighbour = { id: string; name: string };

/** Far more than anybody has that may set a proxy. */
export const MAX_NEIGHBOURS = 32;
/** Chrome's ids are 32 letters from a to p. */
const ID = /^[a-p]{32}$/;

export function parseNeighbourIds(value: unknown): string[] {
  const ids = asTexts(value);
  if (ids.length > MAX_NEIGHBOURS || !ids.every((id) => ID.test(id))) throw new ParseError('not ids of extensions');
  return ids;
}
