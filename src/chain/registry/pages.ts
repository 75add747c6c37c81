// The pages of the registry at one block of one server. The contract's list cannot change within a block: a server whose pages do not fit together lies, or is broken.
// Used by read-registry.ts.

import { idOf, type RegisteredRelay } from '../../core/directory/registered-relay.ts';
import type { Hex } from '../../core/payment/hex.ts';
import { ChainError } from '../rail/chain-error.ts';
import type { ChainReader } from '../rail/network-check.ts';
import { readRegistryPage, REGISTRY_PAGE, type RegistryPage } from '../rail/registry.ts';
import { asQuantity, type Rpc } from '../rpc.ts';

/** A server takes so many questions of one client at once without complaint, and a page is on its way while another is computed. */
const AT_ONCE = 4;

/** Where a server stands. `timestamp` in seconds. */
export type RegistryHead = { number: bigint; timestamp: number };

export async function readHead(rpc: Rpc, options: { signal: AbortSignal }): Promise<RegistryHead> {
  const block = await rpc.request('eth_getBlockByNumber', ['latest', false], options);
  if (typeof block !== 'object' || block === null || !('number' in block) || !('timestamp' in block))
    throw new ChainError('bad_answer', 'eth_getBlockByNumber was answered with no block');
  return {
    number: asQuantity(block.number, 'the number of the latest block'),
    timestamp: Number(asQuantity(block.timestamp, 'the time of the latest block')),
  };
}

/** @param most how many are read, from the front. Throws `ChainError`. */
export async function readPages(
  reader: ChainReader,
  registry: Hex,
  most: number,
): Promise<{ relays: RegisteredRelay[]; isWhole: boolean }> {
  const [code, page] = await Promise.allSettled([reader.code(registry), reader.read(readRegistryPage(registry, 0))]);
  if (code.status === 'rejected') throw code.reason;
  // A contract that is none answers with nothing, which would be read as an answer of another form.
  if (code.value === '0x') throw new ChainError('wrong_contract', `there is no registry at ${registry}`);
  if (page.status === 'rejected') throw page.reason;
  const first = page.value;
  const wanted = first.total < BigInt(most) ? Number(first.total) : most;
  const relays = partOf(first, { from: 0, wanted, total: first.total });
  for (let from = REGISTRY_PAGE; from < wanted; from += AT_ONCE * REGISTRY_PAGE) {
    const starts = Array.from({ length: AT_ONCE }, (_, index) => from + index * REGISTRY_PAGE);
    const parts = starts
      .filter((start) => start < wanted)
      .map(async (start) =>
        partOf(await reader.read(readRegistryPage(registry, start)), { from: start, wanted, total: first.total }),
      );
    relays.push(...(await Promise.all(parts)).flat());
  }
  if (new Set(relays.map(idOf)).size !== relays.length)
    throw new ChainError('bad_answer', 'the registry was told with a relay twice');
  return { relays, isWhole: BigInt(wanted) === first.total };
}

/** What of a page is wanted. A page is as long as the list has it. */
function partOf(
  { relays, total }: RegistryPage,
  of: { from: number; wanted: number; total: bigint },
): RegisteredRelay[] {
  if (total !== of.total) throw new ChainError('bad_answer', 'the registry changed its length within one block');
  const left = of.total - BigInt(of.from);
  const due = left < BigInt(REGISTRY_PAGE) ? Number(left) : REGISTRY_PAGE;
  if (relays.length !== due)
    throw new ChainError('bad_answer', `a page of the registry has ${relays.length} relays of ${due}`);
  return relays.slice(0, of.wanted - of.from);
}
