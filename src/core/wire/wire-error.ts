// What is wrong with bytes that should be a message. One closed set for frames, protobuf and the values in it; the text names the field
// and never its value.

export type WireErrorCode =
  /** A frame is longer than `MAX_FRAME_BYTES`. */
  | 'too-large'
  /** The bytes end inside of a frame or a field. */
  | 'truncated'
  /** Not protobuf, or a known field with another wire type. */
  | 'malformed'
  | 'missing-field'
  /** A field that stands once stands twice: two readers could take different ones. */
  | 'duplicate-field'
  /** A field whose value is outside of what docs/protocol says. */
  | 'bad-value'
  /** A message of a later version, or of none. */
  | 'unknown-message'
  /** A message that only the other side may send. */
  | 'wrong-side';

export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: WireErrorCode;

  constructor(code: WireErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
