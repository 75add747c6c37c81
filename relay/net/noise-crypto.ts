// The cipher of Noise between relays, on Node's OpenSSL. Same algorithm and bytes as the library's own (ChaCha20-Poly1305, RFC 8439), but the
// key is handed to OpenSSL as a KeyObject made once: looking up a raw key costs 30 µs, a third of the time of a 64 kB message (Node 24).
// Handshakes stay with the library.

import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { pureJsCrypto, type ICryptoInterface } from '@chainsafe/libp2p-noise';
import { Uint8ArrayList } from 'uint8arraylist';

const CIPHER = 'chacha20-poly1305';
const TAG_LENGTH = 16;

/** Keys live as long as the connection that holds their bytes. */
const keyObjects = new WeakMap<Uint8Array, KeyObject>();

export const relayNoiseCrypto: ICryptoInterface = {
  ...pureJsCrypto,
  chaCha20Poly1305Encrypt: (plaintext, nonce, associated, key) => {
    const cipher = createCipheriv(CIPHER, keyObject(key), nonce, { authTagLength: TAG_LENGTH });
    cipher.setAAD(associated, { plaintextLength: plaintext.byteLength });
    const output = new Uint8ArrayList();
    for (const piece of piecesOf(plaintext)) output.append(cipher.update(piece));
    cipher.final(); // a stream cipher holds nothing back
    output.append(cipher.getAuthTag());
    return output;
  },
  /** Throws when the bytes were changed on the way; nothing of them is handed out then. */
  chaCha20Poly1305Decrypt: (ciphertext, nonce, associated, key) => {
    const length = ciphertext.byteLength - TAG_LENGTH;
    if (length < 0) throw new RangeError('the message is shorter than its tag');
    const decipher = createDecipheriv(CIPHER, keyObject(key), nonce, { authTagLength: TAG_LENGTH });
    decipher.setAAD(associated, { plaintextLength: length });
    decipher.setAuthTag(ciphertext.subarray(length));
    const output = new Uint8ArrayList();
    const text = ciphertext instanceof Uint8Array ? ciphertext.subarray(0, length) : ciphertext.sublist(0, length);
    for (const piece of piecesOf(text)) output.append(decipher.update(piece));
    decipher.final();
    return output;
  },
};

function piecesOf(bytes: Uint8Array | Uint8ArrayList): Iterable<Uint8Array> {
  return bytes instanceof Uint8Array ? [bytes] : bytes;
}

function keyObject(key: Uint8Array): KeyObject {
  let known = keyObjects.get(key);
  if (known === undefined) keyObjects.set(key, (known = createSecretKey(key)));
  return known;
}
