// Reads a certificate transparency log by RFC 6962 §4. It believes the log: no proof is checked, since what is looked for is certificates that are there, and a log that hides one is for browsers to
// find. Called by autotls-source.ts.

import * as v from 'valibot';
import type { CtLogReader } from './ct-watcher.ts';
import type { HttpsClient } from './https-request.ts';

const HeadSchema = v.object({ tree_size: v.pipe(v.number(), v.integer(), v.minValue(0)) });
const EntriesSchema = v.object({
  entries: v.pipe(v.array(v.object({ leaf_input: v.string(), extra_data: v.string() })), v.maxLength(1000)),
});

/** An entry with its chain has some 8 kB in base64: what logs give at once, and within the client's limit. */
const ENTRIES_AT_ONCE = 64;
/** Of a client for `createRfc6962Reader`. */
export const CT_BODY_BYTES = 4 * 1024 * 1024;

/** Version, leaf type, timestamp, entry type (§3.4). */
const ENTRY_TYPE_AT = 10;
const CERTIFICATE_AT = 12;
const PRECERTIFICATE = 1;

/** @param url of the log, with or without a slash at its end */
export function createRfc6962Reader(url: string, client: HttpsClient): CtLogReader {
  const base = url.replace(/\/$/, '');
  const get = async <T>(path: string, schema: v.GenericSchema<unknown, T>, signal: AbortSignal): Promise<T> => {
    const { status, body } = await client.request(new URL(`${base}/ct/v1/${path}`), { method: 'GET', signal });
    if (status !== 200) throw new RangeError(`the log answered ${status}`);
    return v.parse(schema, JSON.parse(body));
  };
  return {
    name: new URL(url).host,
    size: async (signal) => (await get('get-sth', HeadSchema, signal)).tree_size,
    entries: async (start, end, signal) => {
      // The log's `end` is in it.
      const last = Math.min(end, start + ENTRIES_AT_ONCE) - 1;
      const { entries } = await get(`get-entries?start=${start}&end=${last}`, EntriesSchema, signal);
      return entries.map(({ leaf_input, extra_data }) => certificateOf(leaf_input, extra_data));
    },
  };
}

/** A precertificate as a whole stands beside the leaf, which has only what will be signed (§4.6). Empty for what is neither. */
function certificateOf(leafInput: string, extraData: string): Uint8Array {
  const leaf = Buffer.from(leafInput, 'base64');
  if (leaf.length < CERTIFICATE_AT) return Buffer.alloc(0);
  const isPre = leaf.readUInt16BE(ENTRY_TYPE_AT) === PRECERTIFICATE;
  const from = isPre ? Buffer.from(extraData, 'base64') : leaf.subarray(CERTIFICATE_AT);
  return from.length < 3 ? Buffer.alloc(0) : from.subarray(3, 3 + from.readUIntBE(0, 3));
}
