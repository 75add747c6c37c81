// The rail of src/ports/payment-rail.ts: structs and signatures of src/chain/rail, the chain by src/chain/rpc.ts. Keeps nothing but addresses of servers that were checked.
// Loaded when the first payment is made: ethers is behind it (background/main.ts).

import { SigningKey } from 'ethers/crypto';
import { computeAddress } from 'ethers/transaction';
import { asAddress } from '../core/payment/hex.ts';
import type { NetworkName } from '../core/payment/payment-status.ts';
import type { PaymentRail, Servers } from '../ports/payment-rail.ts';
import { readBalance, readChannelState } from './channel-state.ts';
import { checkRpcs } from './check-network.ts';
import { findChannels } from './found-channels.ts';
import { finalizeWithdrawCall, initiateWithdrawCall } from './rail/calldata.ts';
import { channelId } from './rail/channel-id.ts';
import { ChainError } from './rail/chain-error.ts';
import { depositMessage, signDeposit } from './rail/deposit.ts';
import type { ChainReader } from './rail/network-check.ts';
import { NETWORKS } from './rail/networks.ts';
import { newChannelFor } from './rail/new-channel.ts';
import { readQuote } from './rail/read-quote.ts';
import { isOfPayee } from './rail/relay-descriptor.ts';
import { verifyRefund } from './rail/refund.ts';
import { signSessionProof } from './rail/session-proof.ts';
import { tokenDomain } from './rail/typed-data.ts';
import { isVoucherOf, signVoucher } from './rail/voucher.ts';
import { readRegistry } from './registry/read-registry.ts';
import { createRpc, type Rpc } from './rpc.ts';
import { sendTransaction } from './send-transaction.ts';
import { readByBoth } from './two-rpcs.ts';

export type PaymentRailInit = { network: NetworkName; fetch: (url: string, init: RequestInit) => Promise<Response> };

export function createPaymentRail({ network: name, fetch }: PaymentRailInit): PaymentRail {
  const network = NETWORKS[name];
  const rpcs = (servers: Servers): Rpc[] => servers.map((url) => createRpc({ url, fetch }));

  const ask = async <T>(servers: Servers, question: (reader: ChainReader) => Promise<T>): Promise<T> => {
    const [first, second] = rpcs(servers);
    if (first === undefined) throw new ChainError('unreachable', 'no server of the chain is known');
    return second === undefined ? question(first.at('latest')) : readByBoth([first, second], question);
  };

  return {
    chainId: network.chainId,
    isOfPayee: (descriptor, bytes, signature) => isOfPayee(network, descriptor, bytes, signature),
    readRegistry: async (servers, options) => {
      const { registry } = network;
      if (registry === undefined) return [];
      return (await readRegistry({ network, registry, rpcs: rpcs(servers), now: Date.now() }, options)).relays;
    },
    readQuote: (quote) => readQuote(network, quote),
    prove: (id, peers, key) => signSessionProof(network, { channelId: id, ...peers }, new SigningKey(key)),
    signVoucher: (id, sum, key) => signVoucher(network, { channelId: id, sum }, new SigningKey(key)),
    isOwn: (channel, voucher) => isVoucherOf(network, channel, voucher),
    checkRefund: ({ id, config }, { nonce, amount, signature }) => {
      verifyRefund(network, { channelId: id, nonce, amount }, signature, config.receiverAuthorizer);
    },

    signerOf: (key) => asAddress(computeAddress(new SigningKey(key).publicKey)),
    newChannel: ({ key, ...init }) => newChannelFor(network, { ...init, signer: new SigningKey(key) }),
    depositStruct: (config, deposit) => {
      const message = depositMessage(network, config, deposit);
      return {
        channel: channelId(network, config),
        message: { ...message, value: message.value.toString() },
        domain: tokenDomain(network),
      };
    },
    signDeposit: (config, deposit, key) => signDeposit(network, config, deposit, new SigningKey(key)),

    balance: (owner, servers) => ask(servers, (reader) => readBalance(network, asAddress(owner), reader)),
    channel: async (id, servers) => {
      const { balance, totalClaimed, withdrawal } = await ask(servers, (reader) =>
        readChannelState(network, id, reader),
      );
      return { balance, totalClaimed, pendingWithdrawal: withdrawal.amount, initiatedAt: withdrawal.initiatedAt };
    },
    findChannels: (look, servers) => findChannels(network, rpcs(servers), look),
    checkServers: (servers) => checkRpcs(network, rpcs(servers)),
    withdraw: async (step, { id, config }, key, servers) => {
      await checkRpcs(network, rpcs(servers));
      const { balance, totalClaimed } = await ask(servers, (reader) => readChannelState(network, id, reader));
      const call =
        step === 'begin'
          ? initiateWithdrawCall(network, config, balance - totalClaimed)
          : finalizeWithdrawCall(network, config);
      const [rpc] = rpcs(servers);
      if (rpc === undefined) throw new ChainError('unreachable', 'no server of the chain is known');
      return sendTransaction(rpc, { chainId: network.chainId, from: config.payer, call }, new SigningKey(key));
    },
  };
}
