// The lists of destinations that an exit does not serve, each a file that somebody signed (docs/protocol/block-list.md). They may change while the relay runs. Part of schema.ts.

import * as v from 'valibot';
import { isPeerLabel } from '../../src/core/tunnel/circuit-name.ts';
import { PathSchema } from './parts.ts';

/** Each is read at start and at each reload; more is a mistake in the file. */
const MAX_LISTS = 16;

export const BlockListsSchema = v.pipe(
  v.array(
    v.strictObject({
      /** The signature stands beside it, in a file with `.sig` behind its name. */
      file: PathSchema,
      /** Whose word this is: the name of a relay's key. */
      signer: v.pipe(v.string(), v.check(isPeerLabel, 'must be a peer id as it stands in names, k51…')),
    }),
  ),
  v.maxLength(MAX_LISTS),
  v.check((lists) => new Set(lists.map(({ file }) => file)).size === lists.length, 'names a file twice'),
);

export type BlockListConfig = v.InferOutput<typeof BlockListsSchema>[number];
