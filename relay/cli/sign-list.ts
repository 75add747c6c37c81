// `conet-relay sign-list`: an operator's word under a list of destinations that exits do not serve. The list is read first: what no exit would take is not signed.

import { readFile, writeFile } from 'node:fs/promises';
import { blockListMessage, parseBlockList } from '../exit/block-list.ts';
import type { Identity } from '../identity.ts';

/** Writes `<file>.sig`. Throws `BlockListError`. */
export async function signList(file: string, { privateKey, label }: Identity): Promise<string[]> {
  const text = await readFile(file);
  const { names, networks } = parseBlockList(text.toString('utf8'), file);
  const signature = await privateKey.sign(blockListMessage(text));
  await writeFile(`${file}.sig`, `${Buffer.from(signature).toString('base64')}\n`);
  return [
    `signed ${names.size} names and ${networks.length} networks: ${file}.sig`,
    `in relay.yaml of an exit: blockLists: [{ file: ${file}, signer: ${label} }]`,
  ];
}
