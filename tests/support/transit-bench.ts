// Entries that pay exits for tests: relays as processes, each with a payment key and a ledger in one folder, the devnet's chain behind them, and a client whose
// bytes go through both.

import { join } from 'node:path';
import { connect, type Socket } from 'node:net';
import { startChain } from '../../devnet/chain/chain.ts';
import { createLifeline } from '../../devnet/lifeline.ts';
import { openForReading } from '../../relay/ledger/ledger-file.ts';
import { readSummary, type LedgerSummary } from '../../relay/ledger/summary.ts';
import { createPaymentKey } from '../../relay/payment-key.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { circuitName, receive } from './relay-client.ts';
import { makeHello } from './relay-hello.ts';
import { createRelayBench, libp2pAddress, tunnelsPort, type RelayProcess } from './relay-process.ts';
import { startPayerNode, WireStream } from './session-wire.ts';

export async function createTransitBench() {
  const relays = await createRelayBench();
  const lifeline = createLifeline();
  const chain = await startChain({ lifeline, folder: relays.folder, blockTimeS: 1 });
  const node = await startPayerNode();
  const { folder } = relays;
  return {
    ...relays,
    chain,
    /** The part of a configuration. */
    payments: (name: string, more: object = {}) => ({
      payments: {
        ...{ network: 'devnet', rpc: [chain.url], key: `${name}.pay`, ledger: `${name}.db`, freeMiBPerDay: 4096 },
        ...more,
      },
    }),
    /** A payment key in the folder, with gas, and so much money. */
    makeKey: async (name: string, money = 0n): Promise<Hex> => {
      const { address } = await createPaymentKey(join(folder, `${name}.pay`));
      await chain.addGas(address, 10n ** 18n);
      if (money > 0n) await chain.mint(address, money);
      return address;
    },
    ledgerOf: (name: string): LedgerSummary => {
      const db = openForReading(join(folder, `${name}.db`));
      try {
        return readSummary(db);
      } finally {
        db.close();
      }
    },
    /** A client with a lease on the free quota, and a download of so many bytes by it. How many came. */
    download: async (from: RelayProcess, to: RelayProcess, bytes: number): Promise<number> => {
      const stream = await WireStream.open(node, libp2pAddress(from));
      const ack = await stream.ask({ type: 'open' });
      if (ack.type !== 'openAck') throw new Error('no lease');
      const socket: Socket = connect({ host: tunnelsPort(from).host, port: ack.lease!.port, allowHalfOpen: true });
      socket.on('error', () => undefined);
      socket.write(Buffer.concat([makeHello({ serverName: circuitName(to) }), Buffer.from(`send ${bytes}\n`)]));
      const { length } = await receive(socket);
      socket.destroy();
      await stream.close();
      return length;
    },
    close: async (): Promise<void> => {
      await node.stop();
      await relays.clean();
      await chain.close();
      await lifeline.close();
    },
  };
}

export type TransitBench = Awaited<ReturnType<typeof createTransitBench>>;
