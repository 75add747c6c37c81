// Bytes as lower-case hexadecimal text, which has one spelling only: a changed character is another value or none.

import { asText, ParseError } from '../state/parse.ts';

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Throws `ParseError`. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) throw new ParseError('not hexadecimal');
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => parseInt(text.slice(at * 2, at * 2 + 2), 16));
}

/** Hexadecimal text of so many bytes. Throws `ParseError`. */
export function asHex(value: unknown, least: number, most = least): string {
  const text = asText(value);
  const bytes = text.length / 2;
  if (bytes < least || bytes > most) throw new ParseError('of another length');
  fromHex(text);
  return text;
}
