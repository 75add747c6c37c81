// Whether a chain is the one that the table says, asked once at start and before anything is signed for it: id, code, EIP-712 domains,
// struct types, decimals. Pure but for `reader`; extension and relay each bring their own. Any doubt stops with a named error.

import type { Hex } from '../../core/payment/hex.ts';
import { CHANNEL_CONFIG_TYPEHASH } from './channel-id.ts';
import { ChainError, isChainError } from './chain-error.ts';
import type { Network } from './networks.ts';
import {
  readChannelConfigTypehash,
  readDecimals,
  readDomain,
  readTokenSeparator,
  readVoucherTypehash,
  type DomainAnswer,
  type Read,
} from './reads.ts';
import { domainSeparator, escrowDomain, tokenDomain, type Domain } from './typed-data.ts';
import { VOUCHER_TYPEHASH } from './voucher.ts';

/** The little that is needed of a chain. Each throws `ChainError`. */
export type ChainReader = {
  chainId: () => Promise<number>;
  /** `0x` where there is none. */
  code: (address: Hex) => Promise<string>;
  read: <T>(read: Read<T>) => Promise<T>;
};

/** Throws `ChainError` that says in words what differs: wrong_chain, wrong_contract, wrong_token, or what the reader throws. */
export async function checkNetwork(network: Network, reader: ChainReader): Promise<void> {
  await checkChain(network, reader);
  await checkCode(network, reader);
  await checkEscrow(network, reader);
  await checkToken(network, reader);
}

async function checkChain({ title, chainId }: Network, reader: ChainReader): Promise<void> {
  const actual = await reader.chainId();
  if (actual !== chainId) {
    throw new ChainError('wrong_chain', `${title} has the chain id ${chainId}, and this server says ${actual}`);
  }
}

async function checkCode({ title, escrow, collector, token }: Network, reader: ChainReader): Promise<void> {
  const contracts = [
    ['escrow', escrow, 'wrong_contract'],
    ['deposit collector', collector, 'wrong_contract'],
    ['token', token.address, 'wrong_token'],
  ] as const;
  for (const [name, address, code] of contracts) {
    if ((await reader.code(address)) === '0x') {
      throw new ChainError(code, `there is no contract at ${address} on ${title}, where the ${name} should be`);
    }
  }
}

async function checkEscrow(network: Network, reader: ChainReader): Promise<void> {
  const found = await reader.read(readDomain(network.escrow));
  const difference = domainDifference(escrowDomain(network), found);
  if (difference !== undefined) throw new ChainError('wrong_contract', `of the escrow, ${difference}`);
  const types = [
    ['Voucher', VOUCHER_TYPEHASH, await reader.read(readVoucherTypehash(network))],
    ['ChannelConfig', CHANNEL_CONFIG_TYPEHASH, await reader.read(readChannelConfigTypehash(network))],
  ] as const;
  for (const [name, expected, actual] of types) {
    if (actual !== expected) throw new ChainError('wrong_contract', `the escrow has another struct ${name}`);
  }
}

async function checkToken(network: Network, reader: ChainReader): Promise<void> {
  const { symbol, decimals } = network.token;
  const actual = await reader.read(readDecimals(network));
  if (actual !== decimals) {
    throw new ChainError('wrong_token', `${symbol} has ${decimals} decimals, and this token has ${actual}`);
  }
  const expected = domainSeparator(tokenDomain(network));
  const separator = await reader.read(readTokenSeparator(network)).catch((error: unknown) => {
    if (isChainError(error, 'call_failed') || isChainError(error, 'bad_answer')) return undefined;
    throw error;
  });
  if (separator === expected) return;
  // Not every token shows the hash; a newer one shows what it is made of, which says better what differs.
  const difference = await reader
    .read(readDomain(network.token.address))
    .then((found) => domainDifference(tokenDomain(network), found))
    .catch((error: unknown) => {
      if (isChainError(error, 'call_failed') || isChainError(error, 'bad_answer')) return 'it shows no such domain';
      throw error;
    });
  if (difference === undefined && separator === undefined) return;
  throw new ChainError('wrong_token', `of the token, ${difference ?? 'the hash of its domain differs'}`);
}

/** In words, undefined where there is none. */
function domainDifference(expected: Domain, found: DomainAnswer): string | undefined {
  const show = ({ name, version, chainId, verifyingContract }: Domain | DomainAnswer): string[] => [
    ...[`name is "${name.slice(0, 64)}"`, `version is "${version.slice(0, 64)}"`],
    ...[`chain id is ${chainId.toString()}`, `contract is ${verifyingContract}`],
  ];
  const actual = show(found);
  const differing = show(expected).flatMap((line, index) =>
    line === actual[index] ? [] : [`the domain’s ${actual[index] ?? ''} where its ${line} here`],
  );
  return differing.length === 0 ? undefined : differing.join(', ');
}
