// Faults of relays and of what lies between: killed, frozen, talking nonsense, not to be found, with a certificate that ran out, cut off.

import { delay } from '../../../devnet/browsers/driven-browser.ts';
import { ZONE_NAMES } from '../../../devnet/laboratory/plan.ts';
import { happened, type Inflict } from './inflict.ts';
import type { Session } from './session.ts';

/** Long enough for the relay to take it up (it waits for 300 ms of quiet), short enough to wait until it has run out. */
const LAST_VALID_MS = 1500;
const VALID_MS = 7 * 24 * 60 * 60 * 1000;

type Role = 'entry' | 'exit';

/** Kills some relays; they start again while the run goes on. */
async function kill(session: Session, names: readonly string[]): ReturnType<Inflict> {
  const { server } = session.harness;
  await Promise.all(names.map((name) => server.kill(name)));
  return happened(async () => startAgain(session, names));
}

function startAgain(session: Session, names: readonly string[]): void {
  const { server } = session.harness;
  session.mending = session.mending.then(async () => {
    for (const name of names) await server.restart(name);
  });
}

async function freeze(session: Session, names: readonly string[]): ReturnType<Inflict> {
  const { server } = session.harness;
  await Promise.all(names.map((name) => server.signal(name, 'SIGSTOP')));
  return happened(async () => {
    await Promise.all(names.map((name) => server.signal(name, 'SIGCONT')));
  });
}

async function garble(session: Session, name: string): ReturnType<Inflict> {
  await session.harness.server.garble(name);
  return happened(async () => startAgain(session, [name]));
}

const used = async (session: Session, role: Role): Promise<string> => (await session.circuit())[role].name;
const all = (session: Session, role: Role): string[] => session.relays(role).map(({ name }) => name);

export const killed =
  (role: Role): Inflict =>
  async (session) =>
    kill(session, [await used(session, role)]);

export const everyExitKilled: Inflict = (session) => kill(session, all(session, 'exit'));

export const frozen =
  (role: Role): Inflict =>
  async (session) =>
    freeze(session, [await used(session, role)]);

export const everyEntryFrozen: Inflict = (session) => freeze(session, all(session, 'entry'));

export const garbled =
  (role: Role): Inflict =>
  async (session) =>
    garble(session, await used(session, role));

/** Connections that stand need no name and ask for no certificate: they are ended. */
async function endConnections(session: Session): Promise<void> {
  const { server } = session.harness;
  await Promise.all(all(session, 'entry').map((name) => server.restart(name)));
}

export const namesGone: Inflict = async (session) => {
  const { server } = session.harness;
  await server.setGone(ZONE_NAMES);
  await endConnections(session);
  return happened(() => server.setGone([]));
};

/** A relay refuses a certificate that has run out; so each gets one that does so a moment later. */
export const certificatesExpired: Inflict = async (session) => {
  const { server } = session.harness;
  const exits = all(session, 'exit');
  await Promise.all(exits.map((name) => server.setCertificate(name, LAST_VALID_MS)));
  await delay(LAST_VALID_MS);
  await endConnections(session);
  return happened(async () => {
    await Promise.all(exits.map((name) => server.setCertificate(name, VALID_MS)));
  });
};

export const networkCut: Inflict = async (session) => {
  await session.harness.cut(true);
  return happened(() => session.harness.cut(false));
};
