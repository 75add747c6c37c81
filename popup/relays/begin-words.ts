// What the view of places to begin says.

import type { BeginNews } from '../../src/core/directory/begin-news.ts';

export const BEGIN = {
  title: 'Places to begin',
  about:
    'Where to look for relays when none is known, or none answers. Whoever is asked sees that somebody here uses this network, and nothing of your tabs. What they say is believed only as far as relays prove it.',
  addresses: 'Addresses of relays',
  names: 'Names that lead to relays (DNSADDR)',
  addressNote: 'One in each line. A link with an address after its # will do.',
  scan: 'Scan a relay’s QR code',
  nameNote: 'One in each line, such as example.org.',
  resolver: 'Resolver that is asked about the names (DNS over HTTPS)',
  resolverNote: 'Such as https://dns.example/dns-query. None is built in.',
  save: 'Save',
  saved: 'Saved. They are asked when no relay will do.',
  news: 'The last time',
  sources: {
    addresses: 'Addresses',
    names: 'Names',
    registry: 'Registry',
    known: 'Known before',
  } satisfies Record<BeginNews['source'], string>,
  cameOf: (told: number, answered: number) =>
    `${told} ${told === 1 ? 'relay' : 'relays'}, of which ${answered} answered`,
  atMost: (most: number) => `At most ${most} are asked.`,
  inLine: (line: number, words: string) => `Line ${line}: ${words}`,
} as const;
