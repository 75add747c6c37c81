// Whether the ledger can be written, and will be for some time: a relay that cannot write a voucher serves nobody. Used by relay/cli/check.ts.

import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { wrong, type Finding } from './finding.ts';

/** A ledger of 100,000 channels has some 100 MB, and as much again while it is tidied. */
const LEAST_FREE_BYTES = 500 * 2 ** 20;

/** @param ledger path of the file, which may not be there yet */
export async function checkDisk(ledger: string, leastFree = LEAST_FREE_BYTES): Promise<Finding[]> {
  const folder = await existing(dirname(ledger));
  if (!(await mayWriteAt(folder)))
    return [wrong(`${folder}: this user may not write there, and the ledger has to be: give it to the relay’s user`)];
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= leastFree) return [];
  return [
    wrong(`${folder}: ${Math.floor(free / 2 ** 20)} MiB are free; the ledger wants ${Math.ceil(leastFree / 2 ** 20)}`),
  ];
}

/** Whether this user may make and change files in this folder, which may not be there yet. */
export async function mayWriteAt(path: string): Promise<boolean> {
  return access(await existing(path), constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** A start makes the folders that are missing. */
async function existing(folder: string): Promise<string> {
  const isThere = await access(folder).then(
    () => true,
    () => false,
  );
  return isThere || dirname(folder) === folder ? folder : existing(dirname(folder));
}
