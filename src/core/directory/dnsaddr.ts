// A DNSADDR name as a place to begin (https://github.com/multiformats/multiaddr/blob/master/protocols/DNSADDR.md): the TXT records at `_dnsaddr.<name>` that say `dnsaddr=/...`. Records are claims of whoever
// has the name, or stands between: where to ask, and no more.

import { isZone } from '../tunnel/circuit-name.ts';
import { parseBeginAddress, type BeginAddress } from './begin-address.ts';
import { BeginError } from './begin-error.ts';

/** Of all names that are asked for one of the person's. Who has more of them than that has them for somebody else. */
export const MAX_RECORDS = 32;
/** Other names that the records of one name may lead to; theirs lead no further. */
export const MAX_FURTHER_NAMES = 4;
/** So that `_dnsaddr.` fits before it. */
const MAX_NAME_CHARACTERS = 253 - '_dnsaddr.'.length;

/** `example.org`, `dnsaddr:example.org` or `/dnsaddr/example.org`, with a peer id after it that is passed over. Throws `BeginError`. */
export function parseDnsaddrName(text: string): string {
  const spelt = text.trim().toLowerCase();
  if (spelt.length > 2 * MAX_NAME_CHARACTERS) throw new BeginError('begin-too-long');
  const [, name = ''] = /^(?:dnsaddr:|\/dnsaddr\/)?([^/]+?)\.?(?:\/p2p\/[0-9a-z]+)?$/.exec(spelt) ?? [];
  if (name.length > MAX_NAME_CHARACTERS) throw new BeginError('begin-too-long');
  if (!isZone(name) || !name.includes('.')) throw new BeginError('begin-not-a-name');
  return name;
}

export function recordsNameOf(name: string): string {
  return `_dnsaddr.${name}`;
}

/** What is of no use here is passed over: names are for programs of every kind. @param texts of TXT records; no more than `most` that are DNSADDR are read */
export function readRecords(texts: readonly string[], most: number): { addresses: BeginAddress[]; names: string[] } {
  const values = texts.filter((text) => text.startsWith('dnsaddr=')).map((text) => text.slice('dnsaddr='.length));
  const read = values.slice(0, most);
  return {
    addresses: read.flatMap((value) => unlessWrong(() => parseBeginAddress(value))),
    names: read
      .filter((value) => value.startsWith('/dnsaddr/'))
      .flatMap((value) => unlessWrong(() => parseDnsaddrName(value))),
  };
}

function unlessWrong<T>(work: () => T): T[] {
  try {
    return [work()];
  } catch (error) {
    if (error instanceof BeginError) return [];
    throw error;
  }
}
