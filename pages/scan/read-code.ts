// What a code says: the address of a relay by the rules of a typed one, or something else, of which no more is ever shown than a line of plain letters. Pure.

import { formatBeginAddress, parseBeginAddress } from '../../src/core/directory/begin-address.ts';
import { BeginError, type BeginErrorCode } from '../../src/core/directory/begin-error.ts';

export type CodeReading =
  /** `text` is the spelling that is stored, whatever the code's own was. `address` is where the relay is, without its port. */
  | { is: 'address'; text: string; address: string; port: number }
  /** `shown` is safe to show, and no more than that. */
  | { is: 'other'; why: BeginErrorCode; shown: string };

/** One line on a telephone: enough to see what was read. */
export const MAX_SHOWN_CHARACTERS = 80;

/** @param code whatever stood in it: up to 2953 bytes (ISO/IEC 18004, version 40-L) of anything */
export function readCode(code: string): CodeReading {
  try {
    const begin = parseBeginAddress(code);
    return { is: 'address', text: formatBeginAddress(begin), address: begin.address, port: begin.port };
  } catch (error) {
    if (!(error instanceof BeginError)) throw error;
    return { is: 'other', why: error.code, shown: plain(code) };
  }
}

/** ASCII that is seen as it is. All else is a mark: characters that are not seen, turn the direction of writing or pile up would make a line read as what it is not. */
function plain(text: string): string {
  const cut = text.slice(0, MAX_SHOWN_CHARACTERS).replaceAll(/[^\u0020-\u007e]/g, '\ufffd');
  return text.length > MAX_SHOWN_CHARACTERS ? `${cut}…` : cut;
}
