// What each line of the check page says, in plain words: pure.

import type { Evidence, LineId, Verdict } from '../../src/core/report/decide-lines.ts';

export type LineWords = { title: string; meaning: Record<Verdict, string> };

export const LINES: Record<LineId, LineWords> = {
  exit: {
    title: 'Address',
    meaning: {
      good: 'Sites see the address of the exit, not yours. The exit signed this.',
      bad: 'No answer came from the exit that was chosen. Do not take private tabs for private until this is green.',
      unchecked: 'Which address sites see was not checked.',
    },
  },
  dns: {
    title: 'Names',
    meaning: {
      good: 'Names are looked up by the exit: a name that exists nowhere else reached it as a name.',
      bad: 'A name did not arrive at the exit as a name. Your own network may see which sites you look up.',
      unchecked: 'Who looks up names was not checked.',
    },
  },
  ipv6: {
    title: 'IPv6',
    meaning: {
      good: 'An IPv6 address was reached through the circuit, not past it.',
      bad: 'A request to an IPv6 address did not come out of the exit. It may go past the circuit.',
      unchecked: 'IPv6 was not checked.',
    },
  },
  workers: {
    title: 'Background requests',
    meaning: {
      good: 'Requests of a page’s workers, and those of this extension, come out of the exit too.',
      bad: 'At least one kind of background request did not come out of the exit.',
      unchecked: 'Background requests were not checked.',
    },
  },
  webrtc: {
    title: 'WebRTC',
    meaning: {
      good: 'A page that opens a call learns no address of this computer or its network.',
      bad: 'A page that opens a call could learn an address of this computer or its network.',
      unchecked: 'WebRTC was not checked.',
    },
  },
  gpc: {
    title: 'Do not sell or share',
    meaning: {
      good: 'Private tabs ask each site not to sell or share what it learns (Global Privacy Control).',
      bad: 'Private tabs do not ask sites to keep what they learn to themselves. This shows nobody where you go.',
      unchecked: 'Global Privacy Control was not checked.',
    },
  },
};

export const VERDICT_WORDS: Record<Verdict, string> = { good: 'Good', bad: 'Problem', unchecked: 'Not checked' };

/** What was found for a line, beside its meaning. */
export function detailOf(id: LineId, { statements, candidates, circuits }: Evidence): string | undefined {
  const { name } = statements;
  switch (id) {
    case 'exit': {
      if (name === undefined) return undefined;
      const seen = [name.source4, name.source6].filter((address) => address !== undefined);
      const sites =
        seen.length > 0 ? `Sites see ${seen.join(' and ')}.` : 'The exit cannot say which address sites see.';
      const entry = name.entry !== undefined && circuits.some((circuit) => circuit.entry === name.entry);
      return entry ? `${sites} It came in by the entry that was chosen.` : sites;
    }
    case 'dns':
      return name === undefined ? undefined : `The exit was asked for ${name.host}.`;
    case 'webrtc':
      if (candidates === null) return undefined;
      return candidates.length === 0 ? 'No candidate was gathered.' : `Gathered: ${candidates.join(', ')}.`;
    case 'ipv6':
    case 'workers':
    case 'gpc':
      return undefined;
  }
}
