// The bytes of a fatal TLS alert, which an entry sends to a browser whose connection it cannot carry (RFC 8446 §6, §5.1).
// An alert before the ServerHello is plaintext in every version of TLS, so no handshake is needed to be understood.

/** Alert descriptions in use here (RFC 8446 §6.2). */
export const TLS_ALERT = {
  unexpectedMessage: 10,
  accessDenied: 49,
  decodeError: 50,
  internalError: 80,
  missingExtension: 109,
  unrecognizedName: 112,
} as const;

export type TlsAlert = (typeof TLS_ALERT)[keyof typeof TLS_ALERT];

const CONTENT_TYPE_ALERT = 21;
const LEVEL_FATAL = 2;

/** One record of content type alert, legacy version TLS 1.2: level fatal, then the description. 7 bytes. */
export function encodeFatalAlert(alert: TlsAlert): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(CONTENT_TYPE_ALERT, 3, 3, 0, 2, LEVEL_FATAL, alert);
}
