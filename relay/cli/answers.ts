// What `conet-relay init` asks, in its order: each question with its flag, what it means, what is taken where nobody answers, and how the answer is read. Used by
// init.ts, which gets answers from flags or from a person.

import { isIP } from 'node:net';
import { isPeerLabel, isZone } from '../../src/core/tunnel/circuit-name.ts';
import { NETWORKS, type NetworkName } from '../../src/chain/rail/networks.ts';
import { MAX_LISTEN } from '../config/listen.ts';
import { priceFromDollars } from './price-text.ts';

/** Typed by whoever runs an exit: so that nobody does by mistake. */
export const EXIT_WORD = 'sites see my address';

/** `price` in base units for 2^20 bytes. */
export type Answers = {
  role: 'entry' | 'exit';
  operator: string;
  region: string;
  addresses: string[];
  zone: string;
  /** URL of the zone's broker; undefined: certificates come from files. */
  registration: string | undefined;
  acme: string;
  tunnels: string[];
  libp2p: string[];
  entries: string[];
  zoneRelay: string | undefined;
  network: NetworkName | 'none';
  rpc: string[];
  /** A path, or `make`. */
  paymentKey: string;
  price: bigint;
};

/** What stands in for an answer: text as it is typed, or as a flag has it. */
export type Texts = Partial<Record<keyof Answers | 'exitWord', string>>;

export type Question = {
  name: keyof Texts;
  flag: string;
  /** For a person, in a sentence or two. */
  text: string;
  /** Left out: it has to be answered. */
  fallback?: string;
  /** Only asked where this holds, by what was answered before. */
  when?: (before: Texts) => boolean;
  /** What is wrong with it, if anything. */
  fault: (text: string) => string | undefined;
};

const isExit = ({ role }: Texts): boolean => role === 'exit';
const isPaid = ({ network }: Texts): boolean => network !== 'none';
const NETWORK_NAMES = [...Object.keys(NETWORKS), 'none'];

export const QUESTIONS: readonly Question[] = [
  {
    name: 'role',
    flag: 'role',
    text: 'Role of this relay: entry or exit. An entry lets people in and cannot see where they go.',
    fallback: 'entry',
    fault: (text) => (text === 'entry' || text === 'exit' ? undefined : 'entry or exit'),
  },
  {
    name: 'exitWord',
    flag: 'exit-word',
    text: [
      'An exit opens the connections to sites. What that means:',
      '  - sites see your address, and take what people do for yours;',
      '  - complaints come to you, and so may letters of lawyers or the police;',
      '  - your provider must allow it, and some sites will lock your address out;',
      '  - you could see where people go, and are trusted not to look. You cannot see who they are.',
      `If that is what you want, type: ${EXIT_WORD}`,
    ].join('\n'),
    when: isExit,
    fault: (text) => (text === EXIT_WORD ? undefined : `an exit needs the words: ${EXIT_WORD}`),
  },
  {
    name: 'operator',
    flag: 'operator',
    text: 'Your family name as an operator, the same for all of your relays: no circuit has two of one family.',
    fault: (text) => (/^[\x21-\x7e]{1,100}$/.test(text) ? undefined : '1 to 100 printable characters without spaces'),
  },
  {
    name: 'region',
    flag: 'region',
    text: 'Country where it stands, ISO 3166-1: two capital letters.',
    fault: (text) => (/^[A-Z]{2}$/.test(text) ? undefined : 'two capital letters, such as DE'),
  },
  {
    name: 'addresses',
    flag: 'addresses',
    text: 'Public IP addresses of this relay, 1 to 8, with commas between.',
    fault: (text) => listFault(text, 8, (each) => isIP(each) !== 0, 'an IP address such as 192.0.2.1'),
  },
  {
    name: 'zone',
    flag: 'zone',
    text: 'Zone of its name, *.<peer id>.<zone>: a domain of your own, or one whose operator gives relays names.',
    fault: (text) => (isZone(text) ? undefined : 'a lower-case domain such as relays.example'),
  },
  {
    name: 'registration',
    flag: 'registration',
    text: 'URL of the zone’s broker, for certificates that come and are renewed by themselves; empty: from files.',
    fallback: '',
    fault: (text) => (text === '' || URL.parse(text)?.protocol === 'https:' ? undefined : 'an https URL'),
  },
  {
    name: 'acme',
    flag: 'acme',
    text: 'Directory of the certificate authority, whose terms of service you agree to.',
    fallback: 'https://acme-v02.api.letsencrypt.org/directory',
    when: ({ registration }) => registration !== '',
    fault: (text) => (URL.parse(text)?.protocol === 'https:' ? undefined : 'an https URL'),
  },
  {
    name: 'tunnels',
    flag: 'tunnels',
    text: 'Where browsers connect: address and port to listen on; several with commas between, IPv6 as [::]:443.',
    fallback: '0.0.0.0:443',
    when: (before) => !isExit(before),
    fault: (text) => listFault(text, MAX_LISTEN, isHostPort, 'an address and a port such as 0.0.0.0:443'),
  },
  {
    name: 'libp2p',
    flag: 'libp2p',
    text: 'Where exits and other relays connect, and the zone’s broker.',
    fallback: '0.0.0.0:7401',
    when: (before) => !isExit(before) || before.registration !== '',
    fault: (text) => listFault(text, MAX_LISTEN, isHostPort, 'an address and a port such as 0.0.0.0:443'),
  },
  {
    name: 'entries',
    flag: 'entries',
    text: 'Entries that this exit dials, with commas between: /ip4/192.0.2.1/tcp/7401/p2p/12D3KooW…',
    when: isExit,
    fault: (text) => listFault(text, 64, (each) => /^\/\S+\/p2p\/\w+$/.test(each), 'a multiaddr with a peer id'),
  },
  {
    name: 'zoneRelay',
    flag: 'zone-relay',
    text: 'The relay that serves the zone, k51…; without it the exit works, and is not told of in the directory.',
    fallback: '',
    when: isExit,
    fault: (text) => (text === '' || isPeerLabel(text) ? undefined : 'a peer id as in names: k51…'),
  },
  {
    name: 'network',
    flag: 'network',
    text: `Where it is paid: ${NETWORK_NAMES.join(', ')}. With none everybody uses it for nothing.`,
    fallback: 'base',
    fault: (text) => (NETWORK_NAMES.includes(text) ? undefined : NETWORK_NAMES.join(', ')),
  },
  {
    name: 'rpc',
    flag: 'rpc',
    text: 'Servers of the chain, with commas between; two of different people are better than one.',
    fallback: 'https://mainnet.base.org',
    when: isPaid,
    fault: (text) => listFault(text, 8, (each) => /^https?:$/.test(URL.parse(each)?.protocol ?? ''), 'a URL'),
  },
  {
    name: 'paymentKey',
    flag: 'payment-key-file',
    text: 'File of the key that it is paid to and pays gas with; make: a new one.',
    fallback: 'make',
    when: isPaid,
    fault: (text) => (text === '' ? 'a path, or make' : undefined),
  },
  {
    name: 'price',
    flag: 'price',
    text: 'Price in dollars for a gigabyte, both directions together.',
    // $0.03 for an entry; an exit has the costs of its traffic and the trouble (relay/config/payments.ts).
    fallback: '0.03',
    when: isPaid,
    fault: (text) => (priceFromDollars(text) === undefined ? 'dollars such as 0.03, at most 1000' : undefined),
  },
];

/** Of texts that have no fault. */
export function readAnswers(texts: Texts): Answers {
  const of = (name: keyof Texts): string => texts[name] ?? '';
  const list = (name: keyof Texts): string[] => split(of(name));
  return {
    role: of('role') === 'exit' ? 'exit' : 'entry',
    ...{ operator: of('operator'), region: of('region'), zone: of('zone'), addresses: list('addresses') },
    registration: of('registration') === '' ? undefined : of('registration'),
    ...{ acme: of('acme'), tunnels: list('tunnels'), libp2p: list('libp2p'), entries: list('entries') },
    zoneRelay: of('zoneRelay') === '' ? undefined : of('zoneRelay'),
    network: of('network') as Answers['network'],
    ...{ rpc: list('rpc'), paymentKey: of('paymentKey') },
    price: priceFromDollars(of('price')) ?? 0n,
  };
}

function split(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function listFault(text: string, most: number, fits: (each: string) => boolean, what: string): string | undefined {
  const items = split(text);
  return items.length > 0 && items.length <= most && items.every(fits) ? undefined : `1 to ${most}, each ${what}`;
}

/** Read as the configuration reads it when it is written. */
function isHostPort(text: string): boolean {
  return /^\S+:\d{1,5}$/.test(text);
}
