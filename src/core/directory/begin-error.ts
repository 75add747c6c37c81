// What is wrong with a place to begin that the person named, or with what came of it. Said beside the field, and of each source after it was asked.

export const BEGIN_ERRORS = [
  /** More characters than any address or name has. */
  'begin-too-long',
  /** No multiaddr, or none of the forms by which a browser reaches a relay. */
  'begin-not-an-address',
  /** Not by WebSocket over TLS, and a browser has no other way. */
  'begin-no-wss',
  /** The name that TLS ends at is no relay's own. */
  'begin-not-own-name',
  /** The peer id, or the address, is another than that in the relay's name. */
  'begin-wrong-peer',
  /** An address of a private network, which only development chains have relays at. */
  'begin-private-network',
  /** No DNS name. */
  'begin-not-a-name',
  /** No https URL with a name in it. */
  'begin-not-a-resolver',
  /** Names, and nobody to ask about them. */
  'begin-no-resolver',
  'begin-too-many',
  /** Nobody answered. */
  'begin-unreachable',
  /** What came is no answer to what was asked, or too large. */
  'begin-bad-answer',
  /** There is no such name, or it has no such records. */
  'begin-no-records',
] as const;
export type BeginErrorCode = (typeof BEGIN_ERRORS)[number];

export class BeginError extends Error {
  override readonly name = 'BeginError';
  readonly code: BeginErrorCode;

  /** @param source what it is about, in words of ours */
  constructor(code: BeginErrorCode, source = 'a place to begin', options?: ErrorOptions) {
    super(`${source}: ${code}`, options);
    this.code = code;
  }
}
