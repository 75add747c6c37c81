// What each line of the check page says: pure.

import type { Evidence, LineId, Verdict } from '../../src/core/report/decide-lines.ts';
import type { MessageKey } from '../../src/core/text/text.ts';
import { listOf } from '../../src/text/formats.ts';
import { t } from '../../src/text/translate.ts';

export type LineWords = { title: MessageKey; meaning: Record<Verdict, MessageKey> };

export const LINES: Record<LineId, LineWords> = {
  exit: {
    title: 'check_exit',
    meaning: { good: 'check_exit_good', bad: 'check_exit_bad', unchecked: 'check_exit_unchecked' },
  },
  dns: {
    title: 'check_dns',
    meaning: { good: 'check_dns_good', bad: 'check_dns_bad', unchecked: 'check_dns_unchecked' },
  },
  ipv6: {
    title: 'check_ipv6',
    meaning: { good: 'check_ipv6_good', bad: 'check_ipv6_bad', unchecked: 'check_ipv6_unchecked' },
  },
  workers: {
    title: 'check_workers',
    meaning: { good: 'check_workers_good', bad: 'check_workers_bad', unchecked: 'check_workers_unchecked' },
  },
  webrtc: {
    title: 'check_webrtc',
    meaning: { good: 'check_webrtc_good', bad: 'check_webrtc_bad', unchecked: 'check_webrtc_unchecked' },
  },
  gpc: {
    title: 'check_gpc',
    meaning: { good: 'check_gpc_good', bad: 'check_gpc_bad', unchecked: 'check_gpc_unchecked' },
  },
};

export const VERDICTS: Record<Verdict, MessageKey> = {
  good: 'check_verdict_good',
  bad: 'check_verdict_bad',
  unchecked: 'check_verdict_unchecked',
};

/** What was found for a line, beside its meaning. */
export function detailOf(id: LineId, { statements, candidates, circuits }: Evidence): string | undefined {
  const { name } = statements;
  switch (id) {
    case 'exit': {
      if (name === undefined) return undefined;
      const seen = [name.source4, name.source6].filter((address) => address !== undefined);
      const entry = name.entry !== undefined && circuits.some((circuit) => circuit.entry === name.entry);
      if (seen.length === 0) return t(entry ? 'check_exit_unseen_entry' : 'check_exit_unseen');
      return t(entry ? 'check_exit_seen_entry' : 'check_exit_seen', { addresses: listOf(seen) });
    }
    case 'dns':
      return name === undefined ? undefined : t('check_dns_asked', { host: name.host });
    case 'webrtc':
      if (candidates === null) return undefined;
      if (candidates.length === 0) return t('check_webrtc_none');
      return t('check_webrtc_gathered', { candidates: listOf(candidates) });
    case 'ipv6':
    case 'workers':
    case 'gpc':
      return undefined;
  }
}
