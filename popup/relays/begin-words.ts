// What can be wrong with a place to begin, in words.

import type { BeginErrorCode } from '../../src/core/directory/begin-error.ts';
import type { BeginNews } from '../../src/core/directory/begin-news.ts';

export const BEGIN_WORDS: Readonly<Record<BeginErrorCode, string>> = {
  'begin-too-long': 'This is longer than any address or name.',
  'begin-not-an-address':
    'This is no address of a relay. One begins with /dns4/, /dns6/ or /ip4/, as the relay’s operator gives it.',
  'begin-no-wss':
    'A browser reaches a relay by WebSocket over TLS alone: the address has to end with /tls/ws, or with the peer id after it.',
  'begin-not-own-name': 'The name in this address is not a relay’s own, which begins with its address and its peer id.',
  'begin-wrong-peer': 'The parts of this address belong to different relays.',
  'begin-private-network': 'One of the addresses is on a private network. Relays are on the Internet.',
  'begin-not-a-name': 'This is no DNS name.',
  'begin-not-a-resolver': 'A resolver is an address that begins with https:// and has a name in it.',
  'begin-no-resolver': 'Names need a resolver to ask: the browser does not look such records up by itself.',
  'begin-too-many': 'These are too many.',
  'begin-unreachable': 'Nobody answered.',
  'begin-bad-answer': 'What came was no answer to the question.',
  'begin-no-records': 'There is no such name, or it leads to no relay.',
};

export const BEGIN = {
  title: 'Places to begin',
  about:
    'Where to look for relays when none is known, or none answers. Whoever is asked sees that somebody here uses this network, and nothing of your tabs. What they say is believed only as far as relays prove it.',
  addresses: 'Addresses of relays',
  names: 'Names that lead to relays (DNSADDR)',
  addressNote: 'One in each line. A link with an address after its # will do.',
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
