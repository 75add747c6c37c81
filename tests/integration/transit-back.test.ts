// An entry takes its money back from exits: with one that is there, after a kill in the middle, and without one that is gone. Relays as processes, the devnet's
// chain behind them.

import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readChannel, readPendingWithdrawal, readTokenBalance } from '../../src/chain/rail/reads.ts';
import { createRpc } from '../../src/chain/rpc.ts';
import type { Hex } from '../../src/core/payment/hex.ts';
import { eventually } from '../support/eventually.ts';
import { libp2pAddress, type LogLine, type RelayProcess } from '../support/relay-process.ts';
import { MIB, network } from '../support/session-payee.ts';
import { createTransitBench, type TransitBench } from '../support/transit-bench.ts';
import { isLong } from '../support/length.ts';

const ONE = 1_000_000n;
const MAIN = resolve(import.meta.dirname, '../../relay/main.ts');
/** 3.6 s, in place of a week. */
const IDLE_HOURS = 0.001;

let bench: TransitBench;
beforeAll(async () => {
  bench = await createTransitBench();
}, 60_000);
afterAll(() => bench.close());

type Pair = { entry: RelayProcess; exit: RelayProcess; account: Hex; config: object; name: string };

async function startPair(name: string, more: object = {}): Promise<Pair> {
  const account = await bench.makeKey(name, 3n * ONE);
  await bench.makeKey(`${name}-exit`);
  const config = bench.payments(name, { transitIdleHours: 0, ...more });
  const entry = await bench.startEntry(config);
  const exit = await bench.startRawExit([libp2pAddress(entry)], bench.payments(`${name}-exit`));
  return { entry, exit, account, config, name };
}

async function killAndRestart(pair: Pair): Promise<void> {
  pair.entry.signal('SIGKILL');
  await pair.entry.ended;
  pair.entry = await bench.restartEntry(pair.entry, pair.config);
}

const latest = () => createRpc({ url: bench.chain.url, fetch }).at('latest');
const inPurse = (account: Hex): Promise<bigint> => latest().read(readTokenBalance(network, account));
const claimedOf = async (id: Hex): Promise<bigint> => (await latest().read(readChannel(network, id))).totalClaimed;
const outgoing = (name: string) => bench.ledgerOf(name).outgoing;
const relay = (pair: Pair, ...words: string[]) =>
  promisify(execFile)(process.execPath, [MAIN, ...words, '--config', join(bench.folder, `${pair.entry.name}.yaml`)]);
/** The next one after what is there already. */
const next = (relay: RelayProcess, event: string): Promise<LogLine> => relay.event(event, relay.lines.length);

// The third moves the chain's clock: nobody deposits after it.
test
  .runIf(isLong)
  .concurrent(
    'a channel that nobody uses is closed with the exit, at no gas of the entry; the next tunnel opens another',
    async () => {
      const pair = await startPair('idle', { transitIdleHours: IDLE_HOURS });
      const { exit, account } = pair;
      // Nothing went through it.
      await pair.entry.event('transit-left');
      await eventually(async () => expect(await inPurse(account)).toBe(3n * ONE));
      expect(outgoing('idle')).toMatchObject([{ state: 'closed' }]);
      // It stays so, also when the two come together anew.
      const lines = exit.lines.length;
      await killAndRestart(pair);
      await exit.event('exit-entry-connected', lines);
      const { entry } = pair;
      await entry.event('entry-exit-connected');
      // What an operator looks at takes longer than a deposit would.
      expect((await relay(pair, 'ledger')).stdout).toContain(' closed ');
      expect(outgoing('idle')).toHaveLength(1);
      const left = next(entry, 'transit-left');
      expect(await bench.download(entry, exit, 100 * MIB)).toBe(100 * MIB);
      expect(entry.lines.filter(({ event }) => event === 'transit-deposit')).toHaveLength(1);
      const second = outgoing('idle')[1]!;
      expect(second.voucher!.max).toBeGreaterThan(0n);
      expect(await left).toMatchObject({ exit: exit.identity.label, channel: second.id });
      const served = bench.ledgerOf('idle-exit').channels.find(({ id }) => id === second.id)!;
      expect(served).toMatchObject({ state: 'closed', claimed: served.owed });
      await eventually(async () => expect(await inPurse(account)).toBe(3n * ONE - served.owed));
      expect(entry.lines.filter(({ event, kind }) => event === 'transaction' && kind !== 'claim')).toEqual([]);
      expect(entry.lines.filter(({ event }) => event === 'transit-leave-trouble')).toEqual([]);
    },
  );

test
  .runIf(isLong)
  .concurrent(
    'what the operator asks for is done over a kill, and no tunnel is paid until it is taken back',
    async () => {
      const pair = await startPair('asked');
      const { exit, account } = pair;
      await pair.entry.event('transit-open');
      expect(await bench.download(pair.entry, exit, 70 * MIB)).toBe(70 * MIB);
      const leaving = next(pair.entry, 'transit-leaving');
      const asked = relay(pair, 'leave');
      await leaving;
      await killAndRestart(pair);
      expect((await asked).stdout).toContain(exit.identity.label);
      // Which of the two was quicker to see the end of it does not matter.
      await eventually(() => expect(outgoing('asked')).toMatchObject([{ state: 'closed' }]));
      const [channel] = outgoing('asked');
      const claimed = await claimedOf(channel!.id);
      expect(claimed).toBeGreaterThan(0n);
      expect(claimed).toBeLessThanOrEqual(channel!.voucher!.max);
      await eventually(async () => expect(await inPurse(account)).toBe(3n * ONE - claimed));

      expect(await bench.download(pair.entry, exit, MIB)).toBeLessThan(100);
      expect(outgoing('asked')).toHaveLength(1);
      await relay(pair, 'leave', '--stay');
      expect(await bench.download(pair.entry, exit, MIB)).toBe(MIB);
      expect(outgoing('asked')).toHaveLength(2);
    },
  );

test.runIf(isLong)(
  'without an exit that is gone for good the money comes back after the delay, over kills at each step',
  async () => {
    const pair = await startPair('gone');
    const { exit, account } = pair;
    await pair.entry.event('transit-open');
    expect(await bench.download(pair.entry, exit, 70 * MIB)).toBe(70 * MIB);
    exit.signal('SIGKILL');
    await exit.ended;
    const begun = next(pair.entry, 'transit-withdrawal');
    await relay(pair, 'leave', '--exit', exit.identity.label);
    const { id } = outgoing('gone')[0]!;
    expect(await begun).toMatchObject({ exit: exit.identity.label, channel: id, amount: String(ONE) });
    // Sent or not, what is on the chain is what counts.
    await killAndRestart(pair);
    await eventually(async () => expect(await pendingOf(id)).toBe(ONE));
    expect(outgoing('gone')).toMatchObject([{ state: 'closing' }]);
    await bench.chain.pass(86_401);
    await pair.entry.event('transit-left');
    expect(await inPurse(account)).toBe(3n * ONE);
    expect(outgoing('gone')).toMatchObject([{ state: 'closed' }]);
    const began = pair.entry.lines.filter(({ event, kind }) => event === 'transaction' && kind === 'withdraw');
    expect(began.length).toBeLessThanOrEqual(2);
  },
);

async function pendingOf(id: Hex): Promise<bigint> {
  return (await latest().read(readPendingWithdrawal(network, id))).amount;
}
