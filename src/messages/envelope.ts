// The sender's end of what validate.ts reads: pages and content scripts load this and none of the worker's reading.

import type { Envelope, Message } from './protocol.ts';

export function toEnvelope(message: Message, build: string): Envelope {
  return { build, ...message };
}
