// Chromium's own form of an installed extension: a signed package (CRX3), the update manifest that names it, and the managed policy that
// tells a browser to install it from there. What a person's browser does with an extension of a store, on a server of our own.

import { createHash, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { packXpi } from './extension-copy.ts';

const RSA_BITS = 2048;
/** An id is 16 bytes, written with the letters a to p for the digits of base 16. */
const ID_BYTES = 16;

export type CrxKey = { key: KeyObject; id: string };

export function createCrxKey(): CrxKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: RSA_BITS });
  const digits = idBytes(publicDer(privateKey)).toString('hex');
  const id = digits.replace(/./g, (digit) => String.fromCharCode('a'.charCodeAt(0) + Number.parseInt(digit, 16)));
  return { key: privateKey, id };
}

/** Packs an unpacked extension (components/crx_file/crx3.proto and crx_creator.cc of Chromium). */
export async function packCrx(folder: string, file: string, { key }: CrxKey): Promise<void> {
  await packXpi(folder, file);
  const archive = await readFile(file);
  const publicKey = publicDer(key);
  // SignedData { bytes crx_id = 1; }
  const signedData = field(1, idBytes(publicKey));
  const preamble = Buffer.concat([Buffer.from('CRX3 SignedData\0'), littleEndian(signedData.length), signedData]);
  const signature = sign('sha256', Buffer.concat([preamble, archive]), key);
  // CrxFileHeader { repeated AsymmetricKeyProof sha256_with_rsa = 2 { public_key = 1, signature = 2 }; signed_header_data = 10000 }
  const proof = Buffer.concat([field(1, publicKey), field(2, signature)]);
  const header = Buffer.concat([field(2, proof), field(10_000, signedData)]);
  const start = [Buffer.from('Cr24'), littleEndian(3), littleEndian(header.length), header];
  await writeFile(file, Buffer.concat([...start, archive]));
}

/** The update manifest (https://developer.chrome.com/docs/extensions/how-to/distribute/host-on-linux). */
export function updateManifest(id: string, version: string, crxUrl: string): string {
  return `<?xml version='1.0' encoding='UTF-8'?>
<gupdate xmlns='http://www.google.com/update2/response' protocol='2.0'>
  <app appid='${id}'><updatecheck codebase='${crxUrl}' version='${version}'/></app>
</gupdate>
`;
}

/** Managed policy that installs the extension, and keeps the browser from removing it. */
export function installPolicy(id: string, updateUrl: string): string {
  return JSON.stringify({
    ExtensionInstallForcelist: [`${id};${updateUrl}`],
    // Developer tools, by which the browser is driven, are closed to extensions of policies unless this opens them.
    DeveloperToolsAvailability: 1,
  });
}

function publicDer(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' });
}

function idBytes(publicKey: Buffer): Buffer {
  return createHash('sha256').update(publicKey).digest().subarray(0, ID_BYTES);
}

function littleEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** One field of bytes of a protobuf message. */
function field(number: number, value: Buffer): Buffer {
  const LENGTH_DELIMITED = 2;
  return Buffer.concat([varint(number * 8 + LENGTH_DELIMITED), varint(value.length), value]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}
