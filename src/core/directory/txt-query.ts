// One DNS question for TXT records, and its answer, as bytes (RFC 1035 §4; over HTTPS as in RFC 8484). The least of it that a client needs: what else an answer holds is skipped.

import { concatBytes } from '../wire/concat.ts';
import { BeginError } from './begin-error.ts';

const HEADER_BYTES = 12;
const TXT = 16;
const IN = 1;
/** Type, class, TTL, length. */
const RECORD_TAIL_BYTES = 10;
const QUESTION_TAIL_BYTES = 4;
const MAX_LABEL_BYTES = 63;
const POINTER = 0xc0;
const RESPONSE = 0x8000;
const TRUNCATED = 0x0200;
const RECURSION_DESIRED = 0x0100;
const NO_SUCH_NAME = 3;
/** An answer holds the chain of aliases and the records; more is made to cost time. */
const MAX_ANSWERS = 256;

/** The id is 0, so that what asks the same looks the same (RFC 8484 §4.1). @param name of DNS labels, without a final dot */
export function encodeTxtQuery(name: string): Uint8Array<ArrayBuffer> {
  const header = Uint8Array.of(0, 0, RECURSION_DESIRED >> 8, 0, 0, 1, 0, 0, 0, 0, 0, 0);
  const labels = name.split('.').map((label) => {
    const bytes = Uint8Array.from(label, (character) => character.charCodeAt(0));
    return concatBytes([Uint8Array.of(bytes.length), bytes]);
  });
  return concatBytes([header, ...labels, Uint8Array.of(0, 0, TXT, 0, IN)]);
}

/** The texts of the TXT records of the answer, whoever's they are: they are claims in any case. Throws `BeginError` begin-bad-answer, and begin-no-records where there is no such name. */
export function decodeTxtAnswer(bytes: Uint8Array): string[] {
  if (bytes.length < HEADER_BYTES) throw bad();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint16(2);
  const [questions, answers] = [view.getUint16(4), view.getUint16(6)];
  if ((flags & RESPONSE) === 0 || (flags & TRUNCATED) !== 0 || questions > 1 || answers > MAX_ANSWERS) throw bad();
  if ((flags & 0xf) === NO_SUCH_NAME) throw new BeginError('begin-no-records', 'a name');
  if ((flags & 0xf) !== 0) throw bad();
  let at = HEADER_BYTES;
  if (questions === 1) at = nameEnd(bytes, at) + QUESTION_TAIL_BYTES;
  const texts: string[] = [];
  for (let record = 0; record < answers; record += 1) {
    at = nameEnd(bytes, at);
    if (at + RECORD_TAIL_BYTES > bytes.length) throw bad();
    const [type, kind, length] = [view.getUint16(at), view.getUint16(at + 2), view.getUint16(at + 8)];
    const from = at + RECORD_TAIL_BYTES;
    at = from + length;
    if (at > bytes.length) throw bad();
    if (type === TXT && kind === IN) texts.push(readStrings(bytes.subarray(from, at)));
  }
  return texts;
}

/** Where a name ends in the message. Pointers are not followed: whose record it is does not matter. */
function nameEnd(bytes: Uint8Array, start: number): number {
  for (let at = start; ;) {
    const length = bytes[at];
    if (length === undefined) throw bad();
    if (length >= POINTER) return at + 2;
    if (length > MAX_LABEL_BYTES) throw bad();
    at += 1 + length;
    if (length === 0) return at;
  }
}

/** Strings of up to 255 bytes one after another are one text. */
function readStrings(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + (bytes[at] ?? 0);
    if (end > bytes.length) throw bad();
    for (const byte of bytes.subarray(at + 1, end)) text += String.fromCharCode(byte);
    at = end;
  }
  return text;
}

function bad(): BeginError {
  return new BeginError('begin-bad-answer', 'a name');
}
