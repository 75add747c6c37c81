// Runs the checks, from a private tab opened for them, and gathers what decide-lines.ts judges. Never claims anything itself. Called by main.tsx.

import { CIRCUIT_CHECK_ADDRESS } from '../../src/core/circuit/circuit-check.ts';
import {
  BLANK_PATH,
  checkOrigin,
  parseSignedStatement,
  type SignedStatement,
} from '../../src/core/circuit/circuit-statement.ts';
import {
  REPORT_FORMAT,
  REPORT_VERSION,
  sealNonce,
  type CheckReport,
  type ReportBody,
} from '../../src/core/report/check-report.ts';
import { decideLines, type Evidence, type Purpose } from '../../src/core/report/decide-lines.ts';
import { text, type Text } from '../../src/core/text/text.ts';
import type { CircuitParties, Protocol } from '../../src/messages/protocol.ts';
import type { ProbeTab } from '../../src/platform/probe-tab.ts';

/** Building a circuit may take a round of attempts (src/core/circuit/durations.ts). */
const PRIVATE_MS = 45_000;
const LOAD_MS = 15_000;
const POLL_MS = 100;

/** A label that no resolver has ever been asked for. */
const LABEL_BYTES = 10;
const NONCE_BYTES = 32;

export type CheckDeps = {
  send: <T extends keyof Protocol>(type: T, data: Parameters<Protocol[T]>[0]) => Promise<ReturnType<Protocol[T]>>;
  openProbeTab: () => Promise<ProbeTab>;
  extension: string;
};

export type Outcome =
  /** `report` is missing where the exit gave no seal. */
  | { is: 'done'; evidence: Evidence; report: CheckReport | undefined }
  /** The tab never became private: why, in the words of the popup. */
  | { is: 'not-private'; sentence: Text };

/** @param step told what is being done */
export async function runCheck(
  { send, openProbeTab, extension }: CheckDeps,
  step: (said: Text) => void,
): Promise<Outcome> {
  step(text('check_step_tab'));
  const tab = await openProbeTab();
  try {
    const refusal = await becomePrivate(tab.id, send);
    if (refusal !== undefined) return { is: 'not-private', sentence: refusal };
    const before = await send('check/circuits', {});

    step(text('check_step_name'));
    const dnsHost = new URL(checkOrigin(hex(LABEL_BYTES), 'dns')).hostname;
    const statements = new Map<Purpose, SignedStatement>();
    const take = async (purpose: Purpose, nonce: string, answer: string | null): Promise<void> => {
      const signed = parse(answer);
      if (signed?.statement.nonce !== nonce || answer === null) return;
      if (await send('check/verify', { answer })) statements.set(purpose, signed);
    };
    let property: boolean | null = null;
    let candidates: string[] | null = null;
    if (await loads(tab, `http://${dnsHost}${BLANK_PATH}`)) {
      const nonce = hex(NONCE_BYTES);
      await take('name', nonce, (await tab.ask({ page: nonce })).page);
      property = await tab.isAskingForPrivacy();
      step(text('check_step_webrtc'));
      candidates = (await tab.gather(`stun.${new URL(checkOrigin()).hostname}`).catch(() => undefined))?.types ?? null;
    }

    step(text('check_step_address'));
    if (await loads(tab, `http://[${CIRCUIT_CHECK_ADDRESS}]${BLANK_PATH}`)) {
      const nonces = { page: hex(NONCE_BYTES), worker: hex(NONCE_BYTES), sharedWorker: hex(NONCE_BYTES) };
      const answers = await tab.ask(nonces);
      await take('address', nonces.page, answers.page);
      await take('worker', nonces.worker, answers.worker);
      await take('shared-worker', nonces.sharedWorker, answers.sharedWorker);
    }
    const own = hex(NONCE_BYTES);
    await take('extension', own, await send('check/ask', { nonce: own }));

    // Others may have come meanwhile: in Firefox sites are spread over several.
    const circuits = unionOf(before, await send('check/circuits', {}));
    const found = [...statements].map(([purpose, signed]) => ({ purpose, signed }));
    const byPurpose = Object.fromEntries(found.map(({ purpose, signed }) => [purpose, signed.statement]));
    const evidence: Evidence = { circuits, dnsHost, candidates, property, statements: byPurpose };
    step(text('check_step_sign'));
    const body: ReportBody = {
      ...{ format: REPORT_FORMAT, version: REPORT_VERSION, extension, made: Date.now() },
      ...{ circuits, dnsHost, candidates, property },
      statements: found,
      lines: decideLines(evidence),
    };
    const seal = await sealOf(body, send);
    return { is: 'done', evidence, report: seal === undefined ? undefined : { ...body, seal } };
  } finally {
    await tab.close();
  }
}

function unionOf(before: readonly CircuitParties[], after: readonly CircuitParties[]): CircuitParties[] {
  const isKnown = ({ exit, entry }: CircuitParties): boolean =>
    before.some((each) => each.exit === exit && each.entry === entry);
  return [...before, ...after.filter((each) => !isKnown(each))];
}

/** Resolves with why not. */
async function becomePrivate(tab: number, send: CheckDeps['send']): Promise<Text | undefined> {
  const deadline = Date.now() + PRIVATE_MS;
  let { status } = await send('tab/set-private', { tab, wanted: true });
  while (status.is !== 'private') {
    if (status.is === 'blocked' || Date.now() > deadline) return statusSentence(status.is);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    ({ status } = await send('tab/read', { tab }));
  }
  return undefined;
}

function statusSentence(is: 'off' | 'connecting' | 'blocked'): Text {
  return text(is === 'blocked' ? 'check_blocked' : 'check_slow');
}

async function loads(tab: ProbeTab, url: string): Promise<boolean> {
  try {
    await tab.load(url, { signal: AbortSignal.timeout(LOAD_MS) });
    return true;
  } catch {
    return false;
  }
}

async function sealOf(body: ReportBody, send: CheckDeps['send']): Promise<SignedStatement | undefined> {
  const nonce = await sealNonce(body, { sha256 });
  const answer = await send('check/ask', { nonce });
  const seal = parse(answer);
  const holds = answer !== null && seal?.statement.nonce === nonce && (await send('check/verify', { answer }));
  return holds ? seal : undefined;
}

function parse(answer: string | null): SignedStatement | undefined {
  try {
    return answer === null ? undefined : parseSignedStatement(JSON.parse(answer));
  } catch {
    return undefined;
  }
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

function hex(length: number): string {
  return toHex(crypto.getRandomValues(new Uint8Array(length)));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
