// The `contact` section: whom to write to about what comes from this relay. Part of schema.ts.

import * as v from 'valibot';
import { HostPortSchema } from './parts.ts';

/** Printable, in any script; it stands on a page, and never in a header. */
const LINE = /^[^\p{Cc}\p{Cs}]{1,500}$/u;
const MAIL = /^[^\s@<>"]{1,64}@[^\s@<>"]{1,189}$/;

export const ContactSchema = v.strictObject({
  /** Mail address, or URL of a form. */
  abuse: v.pipe(v.string(), v.check(isReachable, 'must be a mail address or an https URL')),
  /** What the operator wants to say beside it, in one line. */
  note: v.optional(v.pipe(v.string(), v.regex(LINE, 'must be one line of at most 500 characters'))),
  /** Plain HTTP: somebody who sees this relay's address in a log opens it in a browser. Port 80 is where they look. */
  listen: v.optional(HostPortSchema),
});

export type ContactConfig = v.InferOutput<typeof ContactSchema>;

function isReachable(text: string): boolean {
  return text.length <= 500 && (MAIL.test(text) || URL.parse(text)?.protocol === 'https:');
}
