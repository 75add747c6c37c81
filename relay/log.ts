// The daemon's log: one JSON object for each line on stdout, with a stable `event` for programs that wait for something.
// An entry never logs a destination (it knows none) and no client's address; an exit never logs a client's address (it knows none).

import { pino, type Logger } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What happened, as the field `event`. Others wait for these: add, never rename. */
export type RelayEvent =
  | 'relay-ready'
  | 'relay-draining'
  | 'relay-stopped'
  | 'entry-exit-connected'
  | 'entry-exit-lost'
  | 'exit-entry-connected'
  | 'exit-entry-lost'
  | 'exit-entry-unreachable'
  | 'tunnel-refused'
  | 'chain-ready'
  | 'chain-wrong'
  | 'deposit'
  | 'withdrawal-seen'
  | 'transaction'
  | 'settlement-trouble'
  | 'settlement-goes-on'
  | 'transit-open'
  | 'transit-trouble'
  | 'transit-deposit'
  | 'transit-no-money'
  | 'transit-leaving'
  | 'transit-withdrawal'
  | 'transit-left'
  | 'transit-leave-trouble'
  | 'exit-too-dear'
  | 'directory-said'
  | 'directory-knows'
  | 'status-unavailable'
  | 'waits-for-another'
  | 'operations-ready'
  | 'contact-ready'
  | 'config-reloaded'
  | 'config-waits'
  | 'config-refused'
  | 'zone-registration'
  | 'certificate-issued'
  | 'certificate-trouble'
  | 'certificate-unknown'
  | 'relay-fault'
  | 'relay-crashed';

export function createLog(level: LogLevel): Logger {
  // Lines are written at once: a program that waits for `relay-ready`, or reads the last words of a crash, must see them.
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd: 1, sync: true }),
  );
}

/** Logs an event at info, with its facts. */
export function logEvent(log: Logger, event: RelayEvent, facts: Record<string, unknown> = {}): void {
  log.info({ event, ...facts });
}
