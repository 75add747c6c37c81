// Messages of the relays' protocols with their length before them, right and wrong, and what is read of answers.

import { FrameReader } from '../../src/core/wire/frames.ts';
import { encodeVarint } from '../../src/core/wire/protobuf.ts';
import { decodeSessionMessage, type SessionSide } from '../../src/core/wire/session-messages.ts';
import { WireError } from '../../src/core/wire/wire-error.ts';
import { BOUNDARIES } from './mutate.ts';
import type { Round } from './surface.ts';

/** A length that lies ends the stream: few do. */
const LIES = 0.03;

/** Unlike the project's own it takes messages that are too long, or empty. */
export function framed({ random, isValid }: Pick<Round, 'random' | 'isValid'>, message: Uint8Array): Buffer {
  const length = !isValid && random.draw() < LIES ? random.pick(BOUNDARIES) : BigInt(message.length);
  return Buffer.concat([Buffer.from(encodeVarint(length)), message]);
}

/** The bodies in `bytes`, errors by their codes. @param from who has sent it */
export function wordsOf(bytes: Buffer, from: SessionSide): { word: string; request: number }[] {
  try {
    return new FrameReader().push(bytes).map((frame) => {
      const { body, request } = decodeSessionMessage(frame, from);
      return { request, word: body.type === 'error' ? body.code : body.type };
    });
  } catch (error) {
    // What a relay sends can be read, or the fuzzer has cut it: both are told.
    if (error instanceof WireError) return [{ word: `cannot be read: ${error.code}`, request: 0 }];
    throw error;
  }
}
