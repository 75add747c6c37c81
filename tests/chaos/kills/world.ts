// A payer with its browser, a paid entry, a paid exit and a chain, each in a process that can be killed and started again on what it left on the disk.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createLifeline, type Lifeline } from '../../../devnet/lifeline.ts';
import { openForReading } from '../../../relay/ledger/ledger-file.ts';
import { readSummary, type LedgerSummary } from '../../../relay/ledger/summary.ts';
import { createPaymentKey } from '../../../relay/payment-key.ts';
import { asAddress, type Hex } from '../../../src/core/payment/hex.ts';
import { incrementAmount } from '../../../src/core/payment/increment.ts';
import { BYTES_PER_MIB } from '../../../src/core/payment/price.ts';
import type { BookChannel, PaymentBook } from '../../../src/core/session/payment-book.ts';
import { circuitName } from '../../support/relay-client.ts';
import {
  createRelayBench,
  libp2pAddress,
  tunnelsPort,
  type RelayBench,
  type RelayProcess,
} from '../../support/relay-process.ts';
import { Browser } from './browser.ts';
import { startChainNode, type ChainNode } from './chain-node.ts';
import { readBook } from './disk.ts';
import type { FromPayer } from './payer-protocol.ts';
import { PayerProcess } from './payer.ts';

export const VICTIMS = ['entry', 'exit', 'payer', 'anvil'] as const;
export type Victim = (typeof VICTIMS)[number];

/**
 * 150 times what relays ask for: an increment is then above what a claim waits for (relay/settlement/batch.ts), so that claims and payouts go on all the time.
 */
const PRICES = { entryPerMiB: 6000, exitPerMiB: 10_000 };
const CLIENT_INCREMENT_MIB = 16;
export const CLIENT = {
  price: 16_000n,
  increment: incrementAmount(BigInt(CLIENT_INCREMENT_MIB) * BYTES_PER_MIB, 16_000n),
};
export const LINK = { price: 10_000n, increment: incrementAmount(64n * BYTES_PER_MIB, 10_000n) };

const MONEY = 10_000_000_000n;

type Parts = { lifeline: Lifeline; bench: RelayBench; node: ChainNode; entry: RelayProcess; exit: RelayProcess };

export class World {
  readonly browser = new Browser();
  /** The highest voucher of each channel that the entry ever said to have. */
  readonly shown = new Map<Hex, bigint>();
  readonly minted = 2n * MONEY;
  /** What was sent or counted before it was on the disk. */
  early: string | undefined;
  onPayer: ((message: FromPayer) => void) | undefined;
  /** Of the relays' payment keys and the payer. */
  readonly accounts: Hex[] = [];
  readonly #payerFolder: string;

  readonly bench: RelayBench;
  readonly node: ChainNode;
  entry: RelayProcess;
  exit: RelayProcess;
  payer: PayerProcess;
  readonly #lifeline: Lifeline;

  private constructor(init: Parts) {
    this.#lifeline = init.lifeline;
    this.bench = init.bench;
    this.node = init.node;
    this.entry = init.entry;
    this.exit = init.exit;
    this.#payerFolder = join(init.bench.folder, 'payer');
    mkdirSync(this.#payerFolder);
    this.payer = this.#startPayer();
    // However this process ends.
    for (const { pid } of [this.entry, this.exit]) init.lifeline.holdPid(pid);
  }

  static async start(): Promise<World> {
    const bench = await createRelayBench();
    const lifeline = createLifeline();
    const node = await startChainNode({ lifeline, folder: bench.folder });
    const chain = node.chain();
    const keys: Hex[] = [];
    for (const name of ['entry', 'exit']) {
      const { address } = await createPaymentKey(join(bench.folder, `${name}.pay`));
      const account = asAddress(address);
      await chain.addGas(account, 1000n * 10n ** 18n);
      keys.push(account);
    }
    await chain.mint(keys[0]!, MONEY);
    const entry = await bench.startEntry(roles(node, 'entry'));
    const exit = await bench.startRawExit([libp2pAddress(entry)], roles(node, 'exit'));
    const world = new World({ lifeline, bench, node, entry, exit });
    const account = await world.payer.ready;
    world.accounts.push(...keys, account);
    await chain.mint(account, MONEY);
    await node.keep();
    return world;
  }

  async kill(victim: Victim): Promise<void> {
    if (victim === 'payer') await this.payer.kill();
    else if (victim === 'anvil') await this.node.kill();
    else {
      this[victim].signal('SIGKILL');
      await this[victim].ended;
      this.#lifeline.dropPid(this[victim].pid);
    }
  }

  async restart(victim: Victim): Promise<void> {
    if (victim === 'anvil') await this.node.restart();
    else if (victim === 'payer') {
      this.payer = this.#startPayer();
      await this.payer.ready;
    } else {
      this[victim] = await this.#startRelay(victim);
      this.#lifeline.holdPid(this[victim].pid);
    }
  }

  #startRelay(name: 'entry' | 'exit'): Promise<RelayProcess> {
    const more = roles(this.node, name);
    if (name === 'entry') return this.bench.restartEntry(this.entry, more);
    return this.bench.restartRawExit(this.exit, [libp2pAddress(this.entry)], more);
  }

  book(): PaymentBook {
    return readBook(this.#payerFolder);
  }

  /** The channel that pays now, as it lies on the payer's disk. */
  open(): BookChannel | undefined {
    return this.book().channels.findLast(({ state }) => state === 'opening' || state === 'open');
  }

  ledger(of: 'entry' | 'exit'): LedgerSummary {
    const db = openForReading(join(this.bench.folder, `${of}.db`));
    try {
      return readSummary(db);
    } finally {
      db.close();
    }
  }

  /** What came of so many bytes over one tunnel. */
  download(port: number, channel: Hex, bytes: number): Promise<number> {
    const { host } = tunnelsPort(this.entry);
    return this.browser.download({ host, port, channel, bytes, serverName: circuitName(this.exit) });
  }

  /** Whether the entry that runs has given up paying its exit. */
  linkEnded(): boolean {
    return this.entry.lines.some(({ event, code }) => event === 'transit-trouble' && code === 'meter_apart');
  }

  /** The last words of everybody, for a failure. */
  words(): string {
    const tail = (relay: RelayProcess): string =>
      `--- ${relay.name}\n${relay.output().split('\n').slice(-15).join('\n')}`;
    return [this.entry, this.exit].map(tail).join('\n');
  }

  async close(): Promise<void> {
    this.browser.cutAll();
    await this.payer.kill();
    await this.bench.clean();
    await this.node.close();
    await this.#lifeline.close();
  }

  /** The entry says that it has this voucher: then it is on both disks already, and not only when something has died. */
  #look(channel: Hex, max: bigint): void {
    if (max <= (this.shown.get(channel) ?? 0n)) return;
    this.shown.set(channel, max);
    const signed = this.book().channels.find(({ id }) => id === channel)?.paid.signed ?? 0n;
    const kept = this.ledger('entry').channels.find(({ id }) => id === channel)?.voucher?.max ?? 0n;
    if (signed < max) this.early = `a voucher of ${max} was sent, and ${signed} is on the payer's disk`;
    if (kept < max) this.early = `a voucher of ${max} counts, and ${kept} is on the entry's disk`;
  }

  #startPayer(): PayerProcess {
    const place = {
      ...{ folder: this.#payerFolder, address: libp2pAddress(this.entry), peer: this.entry.identity.label },
      rpc: this.node.url,
    };
    return new PayerProcess(place, {
      message: (message) => {
        if (message.is === 'shown') this.#look(message.channel, BigInt(message.max));
        this.onPayer?.(message);
      },
    });
  }
}

function roles(node: ChainNode, name: 'entry' | 'exit'): object {
  return {
    payments: {
      ...{ network: 'devnet', rpc: [node.url], key: `${name}.pay`, ledger: `${name}.db`, prices: PRICES },
      // Nothing is free: all that is carried is owed.
      freeMiBPerDay: 0,
      incrementMiB: CLIENT_INCREMENT_MIB,
      ...{ transitDeposit: 5_000_000, transitMost: 5_000_000_000 },
    },
  };
}
