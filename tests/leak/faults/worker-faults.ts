// Faults of the extension's own worker and of what it keeps: killed, its cells damaged or full, its clock wrong.

import { CELLS } from '../../../src/core/state/cells.ts';
import { BADGE } from '../../../devnet/private-tab.ts';
import type { Draw } from './draw.ts';
import { happened, type Inflict } from './inflict.ts';
import type { Session } from './session.ts';

const RUBBISH: readonly unknown[] = [
  null,
  7,
  'rubbish',
  [],
  {},
  { version: 1 },
  { version: 1, value: null },
  { version: 1, value: { tabs: { 1: { mode: 'nonsense' } } } },
  { version: 1, value: { at: 'verified' } },
  { version: 99, value: {} },
];

/** A year: further than any deadline of the product. */
const JUMP_MS = 365 * 24 * 60 * 60 * 1000;
const FILLER = 'leak-filler';
/** Both browsers allow 10 MB in each area that has a quota. */
const QUOTA_BYTES = 12 * 2 ** 20;
const FIRST_BYTES = 2 ** 22;
const LAST_BYTES = 2 ** 8;

export const workerKilled: Inflict = async (session) => {
  const alive = await timeRequest(session, 'alive');
  const began = Date.now();
  await session.browser.killWorker();
  const dead = await timeRequest(session, 'dead');
  await session.until(
    'the state after the worker was killed',
    async () => (await session.status())?.status.is === 'private',
  );
  await session.waitForBadge(BADGE.private);
  const workerBack = Date.now() - began - (dead ?? 0);
  const deadDelay = alive === undefined || dead === undefined ? undefined : dead - alive;
  return { ...happened(), measured: { workerBack, ...(deadDelay === undefined ? {} : { deadDelay }) } };
};

/** How long the private page waits for an answer of a host that it never asked, ms; undefined where its page was just being replaced. */
async function timeRequest(session: Session, what: string): Promise<number | undefined> {
  const url = `https://p-${what}-${session.round}-${Date.now().toString(36)}.test/a.js`;
  const fetchTimed = `(async () => {
    const began = performance.now();
    await fetch('${url}', { mode: 'no-cors', cache: 'no-store' });
    return performance.now() - began;
  })()`;
  return session.privateTab.evaluate(fetchTimed).then(Number, () => undefined);
}

/** Rubbish in the place of a stored cell, or nothing; the worker finds it in the middle of its work, or when it starts. */
export const cellDamaged: Inflict = async (session, draw) => {
  const { key, area } = draw.from(CELLS);
  const storage = `(globalThis.browser ?? chrome).storage.${area}`;
  const rubbish = draw.from([...RUBBISH, undefined]);
  const text =
    rubbish === undefined
      ? `${storage}.remove(${JSON.stringify(key)})`
      : `${storage}.set({ [${JSON.stringify(key)}]: ${JSON.stringify(rubbish)} })`;
  await session.browser.asExtension(`${text}.then(() => true)`);
  await maybeKill(session, draw);
  return happened(async () => {
    // A list of relays that cannot be read is not replaced by the packaged one, on purpose (cells.ts): whoever mends it empties it.
    if (key !== 'relays') return;
    await session.browser.asExtension(`${storage}.remove('relays').then(() => true)`);
    await session.browser.killWorker();
  });
};

/** What the clock leaves behind that jumped while cells were written: every time in them is a year off, ahead or behind. */
export const clockJumped: Inflict = async (session, draw) => {
  const jump = draw.from([JUMP_MS, -JUMP_MS]);
  await session.browser.asExtension(`(async () => {
    const { session } = (globalThis.browser ?? chrome).storage;
    const { circuit } = await session.get('circuit');
    if (circuit?.value?.verifiedAt === undefined) return false;
    circuit.value.verifiedAt += ${jump};
    await session.set({ circuit });
    return true;
  })()`);
  await maybeKill(session, draw);
  return happened();
};

/**
 * Both areas, until the browser refuses another kilobyte. One that never refuses (Firefox has no quota on disk for extensions) is left with
 * as much in it as the others hold.
 */
export const storageFull: Inflict = async (session, draw) => {
  await session.browser.asExtension(`(async () => {
    const { local, session } = (globalThis.browser ?? chrome).storage;
    for (const area of [local, session]) {
      let left = ${QUOTA_BYTES};
      for (let size = ${FIRST_BYTES}, part = 0; size >= ${LAST_BYTES} && left > 0; ) {
        try {
          await area.set({ ['${FILLER}-' + part]: 'x'.repeat(size) });
          part += 1;
          left -= size;
        } catch {
          size /= 4;
        }
      }
    }
    return true;
  })()`);
  await maybeKill(session, draw);
  return happened(async () => {
    await session.browser.asExtension(`(async () => {
      const { local, session } = (globalThis.browser ?? chrome).storage;
      for (const area of [local, session]) {
        const keys = Object.keys(await area.get(null)).filter((key) => key.startsWith('${FILLER}'));
        await area.remove(keys);
      }
      return true;
    })()`);
  });
};

async function maybeKill(session: Session, draw: Draw): Promise<void> {
  if (draw.number() < 0.5) await session.browser.killWorker();
}
