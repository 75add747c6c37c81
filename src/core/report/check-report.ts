// The report that the check page saves: what was found, the exit's signed statements, and over all of it a seal, which is one more statement of the
// exit with the report's own hash as its nonce. Shared by page and verifier (docs/protocol/check-report.md): both read and judge with this file.

import { parseSignedStatement, statementMessage, type SignedStatement } from '../circuit/circuit-statement.ts';
import { asBoolean, asNumber, asObject, asOneOf, asText, ParseError } from '../state/parse.ts';
import { isPeerLabel, type PeerLabel } from '../tunnel/circuit-name.ts';
import { decideLines, PURPOSES, type CheckLine, type Evidence, type Purpose } from './decide-lines.ts';

export const REPORT_FORMAT = 'conet check report';
export const REPORT_VERSION = 1;

/** Five statements and a seal, some lines and names; what is larger is none. */
export const MAX_REPORT_CHARACTERS = 64 * 1024;
const MAX_CIRCUITS = 16;
const MAX_CANDIDATES = 100;
/** The exit's clock moves on while the checks run; a statement from another day is from another run. */
const MAX_SPREAD_MS = 10 * 60_000;

export type ReportBody = Omit<Evidence, 'statements'> & {
  format: typeof REPORT_FORMAT;
  version: typeof REPORT_VERSION;
  /** Version of the extension. */
  extension: string;
  /** The browser's clock, ms since the epoch. */
  made: number;
  statements: readonly { purpose: Purpose; signed: SignedStatement }[];
  lines: readonly CheckLine[];
};

export type CheckReport = ReportBody & { seal: SignedStatement };

export const REPORT_FAULTS = [
  /** Not a report of this form and version. */
  'malformed',
  /** A statement, or the seal, is not signed by the peer that it names. */
  'signature',
  /** The seal is not over this report. */
  'seal',
  /** A statement comes from an exit that the report does not name, twice, or from another time. */
  'stranger',
  /** The lines do not follow from the statements. */
  'verdict',
] as const;
export type ReportFault = (typeof REPORT_FAULTS)[number];

export type Tools = {
  /** Whether the key of the peer made the signature (hexadecimal). */
  verify: (peer: PeerLabel, message: Uint8Array<ArrayBuffer>, signature: string) => Promise<boolean>;
  /** SHA-256 in lower-case hexadecimal. */
  sha256: (bytes: Uint8Array<ArrayBuffer>) => Promise<string>;
};

/** The nonce that the seal must have. */
export function sealNonce(body: ReportBody, { sha256 }: Pick<Tools, 'sha256'>): Promise<string> {
  return sha256(new TextEncoder().encode(`${REPORT_FORMAT} ${REPORT_VERSION}\n${canonical(body)}\n`));
}

/** The faults of a report; none when everything in it holds. Never rejects for what the report is. */
export async function faultsOf(value: unknown, tools: Tools): Promise<ReportFault[]> {
  let report: CheckReport;
  try {
    report = parseReport(value);
  } catch (error) {
    if (error instanceof ParseError) return ['malformed'];
    throw error;
  }
  const { seal, ...body } = report;
  const all = [seal, ...body.statements.map(({ signed }) => signed)];
  const signed = await Promise.all(all.map((each) => isSigned(each, tools)));
  const faults = new Set<ReportFault>();
  if (signed.includes(false)) faults.add('signature');
  if ((await sealNonce(body, tools)) !== seal.statement.nonce) faults.add('seal');
  if (!areOfOneRun(body, seal)) faults.add('stranger');
  if (canonical(decideLines(toEvidence(body))) !== canonical(body.lines)) faults.add('verdict');
  return REPORT_FAULTS.filter((fault) => faults.has(fault));
}

export function isSigned(
  { statement, signature }: SignedStatement,
  { verify }: Pick<Tools, 'verify'>,
): Promise<boolean> {
  return verify(statement.peer, statementMessage(statement), signature);
}

function areOfOneRun({ statements, circuits }: ReportBody, seal: SignedStatement): boolean {
  const all = [...statements.map(({ signed }) => signed), seal].map(({ statement }) => statement);
  const times = all.map(({ time }) => time);
  return (
    new Set(all.map(({ nonce }) => nonce)).size === all.length &&
    new Set(statements.map(({ purpose }) => purpose)).size === statements.length &&
    all.every(({ peer }) => circuits.some(({ exit }) => exit === peer)) &&
    Math.max(...times) - Math.min(...times) <= MAX_SPREAD_MS
  );
}

function toEvidence({ circuits, dnsHost, candidates, property, statements }: ReportBody): Evidence {
  const byPurpose = Object.fromEntries(statements.map(({ purpose, signed }) => [purpose, signed.statement]));
  return { circuits, dnsHost, candidates, property, statements: byPurpose };
}

/** Throws `ParseError`. */
export function parseReport(value: unknown): CheckReport {
  const fields = only(value, [
    ...['format', 'version', 'extension', 'made', 'circuits', 'dnsHost', 'candidates', 'property'],
    ...['statements', 'lines', 'seal'],
  ]);
  asOneOf(fields['format'], [REPORT_FORMAT]);
  if (fields['version'] !== REPORT_VERSION) throw new ParseError('another version');
  return {
    format: REPORT_FORMAT,
    version: REPORT_VERSION,
    extension: matching(fields['extension'], /^[0-9.]{1,40}$/),
    made: asNumber(fields['made']),
    circuits: list(fields['circuits'], MAX_CIRCUITS, (each) => {
      const circuit = only(each, ['exit', 'entry']);
      return { exit: asPeer(circuit['exit']), entry: asPeer(circuit['entry']) };
    }),
    dnsHost: matching(fields['dnsHost'], /^[0-9a-z.-]{1,253}$/),
    candidates:
      fields['candidates'] === null
        ? null
        : list(fields['candidates'], MAX_CANDIDATES, (type) => matching(type, /^[a-z]{1,10}$/)),
    property: fields['property'] === null ? null : asBoolean(fields['property']),
    statements: list(fields['statements'], PURPOSES.length, (each) => {
      const entry = only(each, ['purpose', 'signed']);
      return { purpose: asOneOf(entry['purpose'], PURPOSES), signed: asSigned(entry['signed']) };
    }),
    lines: list(fields['lines'], 20, (each) => {
      const line = only(each, ['id', 'verdict']);
      return { id: asText(line['id']), verdict: asText(line['verdict']) } as CheckLine;
    }),
    seal: asSigned(fields['seal']),
  };
}

function asSigned(value: unknown): SignedStatement {
  const signed = parseSignedStatement(value);
  if (signed === undefined) throw new ParseError('not a signed statement');
  return signed;
}

function asPeer(value: unknown): PeerLabel {
  const text = asText(value);
  if (!isPeerLabel(text)) throw new ParseError('not a peer');
  return text;
}

function matching(value: unknown, pattern: RegExp): string {
  const text = asText(value);
  if (!pattern.test(text)) throw new ParseError('not of its form');
  return text;
}

function list<T>(value: unknown, most: number, read: (each: unknown) => T): T[] {
  if (!Array.isArray(value) || value.length > most) throw new ParseError('not a list of that size');
  return value.map(read);
}

/** What is not part of the format may not travel along: nobody would have sealed it. */
function only(value: unknown, names: readonly string[]): Record<string, unknown> {
  const fields = asObject(value);
  if (!Object.keys(fields).every((name) => names.includes(name))) throw new ParseError('a field too many');
  return fields;
}

/** JSON with the fields of every object in the order of their names and without spaces; fields that are undefined are left out. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  const sorted = fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join()}}`;
}
