// What the views of relays say. Errors of the worker have their words in ../words.ts.

import type { Hops } from '../../src/core/circuit/relays-view.ts';

export const WORDS = {
  title: 'Relays',
  about:
    'Which relays your private tabs may use. Where none fits, private tabs wait: nothing goes another way. The narrower your wishes, the fewer people use the same relays, and the easier you are to tell from them.',
  lost: 'What you wished cannot be read any more. No tab is private until you have saved it again.',
  exit: 'Country of the exit, which sites see',
  entry: 'More: country of the entry',
  entryLegend: 'Country of the entry, which sees your address',
  anywhere: 'Anywhere',
  counted: (name: string, relays: number) => `${name} (${relays})`,
  price: 'At most, in $ per GB for both relays together',
  priceNote: 'Empty for any price.',
  nonsense: 'Write an amount such as 0.10, or nothing for any price.',
  nothing: 'For relays that cost nothing, leave this empty and tick the box below.',
  tooMuch: 'No relay may ask for so much. Leave it empty for any price.',
  free: ({ entries, exits }: Hops) => `Only relays that cost nothing (${hops({ entries, exits })})`,
  avoid: (count: number) => (count === 0 ? 'Operators to avoid' : `Operators to avoid (${count})`),
  avoidLegend: 'Never use relays of',
  more: (count: number) => `${count} more operators have fewer relays and are not shown.`,
  tooMany: (most: number) => `At most ${most} can be avoided.`,
  none: 'No relays are known yet.',
  save: 'Save',
  saved: 'Saved.',
  fit: (fitting: Hops, all: Hops) =>
    fitting.exits === 0 ? 'No relays fit your wishes.' : `${hops(fitting)} of ${hops(all)} fit.`,
  begin: 'Places to begin',
};

function hops({ entries, exits }: Hops): string {
  return `${entries} ${entries === 1 ? 'entry' : 'entries'} and ${exits} ${exits === 1 ? 'exit' : 'exits'}`;
}
