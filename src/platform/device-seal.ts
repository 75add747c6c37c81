// Encryption under the key of this device (src/ports/keyring.ts). The key cannot be taken out: not by the extension, and not by whoever reads
// its storage, but for the browser's own files on disk.

import { fromHex, toHex } from '../core/wallet/hex.ts';
import type { DeviceSeal } from '../ports/keyring.ts';

/** Where the key is kept; made at first use. */
export type DeviceKeys = { read: () => Promise<CryptoKey>; forget?: () => Promise<void> };

/** NIST SP 800-38D. */
const IV_BYTES = 12;

export function createDeviceSeal(keys: DeviceKeys): DeviceSeal {
  const params = (iv: Uint8Array<ArrayBuffer>, context: string): AesGcmParams => ({
    ...{ name: 'AES-GCM', iv },
    additionalData: new TextEncoder().encode(context),
  });
  return {
    seal: async (bytes, context) => {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const ct = await crypto.subtle.encrypt(params(iv, context), await keys.read(), bytes);
      return { iv: toHex(iv), ct: toHex(new Uint8Array(ct)) };
    },
    open: async ({ iv, ct }, context) => {
      const key = await keys.read();
      try {
        return new Uint8Array(await crypto.subtle.decrypt(params(fromHex(iv), context), key, fromHex(ct)));
      } catch {
        return undefined;
      }
    },
    forget: async () => keys.forget?.(),
  };
}

/** AES-256-GCM, not extractable. */
export function makeDeviceKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}
