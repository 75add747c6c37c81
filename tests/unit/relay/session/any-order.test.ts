// Whatever order messages, traffic, deposits and kills come in: no money is credited that was not signed, and nothing is served that is not covered.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SessionBody } from '../../../../src/core/wire/session-messages.ts';
import { createPayeeBench, MIB, network, settled, TestPayer, TestStream } from '../../../support/session-payee.ts';

const INCREMENT = 100n;
const GRACE = 75n;
const CHUNK = 65_536;

type Step =
  | { is: 'voucher'; max: bigint; forged: boolean; of: 'own' | 'other' }
  | { is: 'open'; deposit: string | undefined; stream: 'same' | 'new' }
  | { is: 'free' | 'resync' | 'mine' | 'safe' | 'kill' | 'quote' }
  | { is: 'close'; max: bigint; forged: boolean }
  | { is: 'withdraw'; amount: bigint }
  | { is: 'traffic'; chunks: number };

const max = fc.oneof(fc.bigInt(0n, 2000n), fc.constantFrom(0n, 999_999n, 2_000_000n, 2n ** 128n - 1n));
const rarely = fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, fc.constant(true));
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      is: fc.constant('voucher' as const),
      max,
      forged: rarely,
      of: fc.constantFrom('own' as const, 'own' as const, 'other' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant('open' as const),
      deposit: fc.constantFrom('one', 'two', undefined),
      stream: fc.constantFrom('same' as const, 'new' as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ is: fc.constantFrom('free', 'resync', 'mine', 'safe', 'kill', 'quote' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('close' as const), max, forged: rarely }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('withdraw' as const), amount: fc.bigInt(0n, 2_000_000n) }) },
  { weight: 8, arbitrary: fc.record({ is: fc.constant('traffic' as const), chunks: fc.integer({ min: 1, max: 40 }) }) },
);

test('only signed money is credited, and at most a grace and one chunk is served beyond it', async () => {
  let runs = 0;
  let servedInAll = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      runs += 1;
      const bench = createPayeeBench({ freeBytesPerDay: BigInt(MIB) });
      const alice = new TestPayer(`alice${runs}`, bench.chain.receiver);
      const mallory = new TestPayer(`mallory${runs}`, bench.chain.receiver);
      /** Sums that alice has signed. */
      const signed = new Set<bigint>([0n]);
      let stream = new TestStream(bench, alice.payer);
      const sign = (sum: bigint, forged: boolean) => {
        if (!forged) signed.add(sum);
        return alice.voucher(sum, forged ? mallory.session : alice.session);
      };
      /** Bytes of the channel, in all of its life. */
      let paidBytes = 0;
      const ask = async (body: SessionBody): Promise<void> => {
        // So that rates do not hide what the rules would say.
        bench.clock.pass(120_000);
        await stream.ask(body);
      };
      const traffic = async (chunks: number): Promise<void> => {
        const meter = bench.meters.get(alice.payer.peer);
        for (let at = 0; at < chunks && meter !== undefined; at += 1) {
          if (!meter.pass('up', 0)) {
            await settled();
            if (!meter.pass('up', 0)) return;
          }
          meter.pass('up', CHUNK);
          if (stream.state === 'paying') paidBytes += CHUNK;
        }
      };
      const act = async (one: Step): Promise<void> => {
        switch (one.is) {
          case 'voucher': {
            const channelId = one.of === 'own' ? alice.id : mallory.id;
            const voucher = one.of === 'own' ? sign(one.max, one.forged) : mallory.voucher(one.max);
            return ask({ type: 'voucher', channelId, voucher });
          }
          case 'open': {
            if (one.stream === 'new') stream = new TestStream(bench, alice.payer);
            await ask({ type: 'quoteRequest', chainId: network.chainId });
            const now = bench.clock.time + 120_000;
            const deposit = one.deposit && alice.deposit(2_000_000n, one.deposit, now);
            return ask({ type: 'open', channel: alice.channel, ...(deposit && { deposit }) });
          }
          case 'free':
            return ask({ type: 'open' });
          case 'quote':
            return ask({ type: 'quoteRequest', chainId: network.chainId });
          case 'resync':
            return ask({ type: 'resync', ...alice.channel });
          case 'mine':
          case 'safe':
            await bench.chain.mine(alice.id, one.is === 'mine' ? 'unsafe' : 'safe');
            return settled();
          case 'kill':
            bench.meters.clear();
            bench.restart();
            stream = new TestStream(bench, alice.payer);
            return undefined;
          case 'close':
            return ask({ type: 'close', channelId: alice.id, voucher: sign(one.max, one.forged), refund: true });
          case 'withdraw':
            if (bench.chain.channels.has(alice.id)) bench.chain.set(alice.id, { pendingWithdrawal: one.amount });
            return settled();
          case 'traffic':
            return traffic(one.chunks);
        }
      };
      try {
        for (const one of steps) {
          await act(one);
          await settled();
          const kept = bench.ledger.channels.get(alice.id);
          const best = kept?.voucher?.max ?? 0n;
          expect(signed.has(best)).toBe(true);
          // A withdrawal later on takes away what was covered, and neither the voucher nor what was served.
          expect(best).toBeLessThanOrEqual(4_000_000n);
          const cost = (BigInt(paidBytes) * INCREMENT) / BigInt(MIB);
          const chunk = (BigInt(CHUNK) * INCREMENT) / BigInt(MIB) + 1n;
          expect(cost).toBeLessThanOrEqual(best + GRACE + chunk);
          // What a kill would count as served is not less than what was: all but the chunk that was on its way.
          const marked = kept === undefined ? 0n : kept.reserved > kept.owed ? kept.reserved : kept.owed;
          expect(cost).toBeLessThanOrEqual(marked + chunk);
        }
        servedInAll += paidBytes;
      } finally {
        bench.close();
      }
    }),
    { numRuns: 20 },
  );
  // It was about something.
  expect(servedInAll).toBeGreaterThan(MIB);
});
