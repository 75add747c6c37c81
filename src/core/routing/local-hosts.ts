// Which hosts are on this machine or on its own network: closed to private tabs, direct for normal ones. One list, in the three forms
// that its consumers need: a predicate, data for the PAC text, and patterns for the blocking rules. Tests hold the three equal.

import { CIRCUIT_CHECK_HOST } from '../circuit/circuit-check.ts';
import { isWithin, parseOctets, type Host } from './host.ts';

/**
 * Domains that no public DNS answers for: RFC 6761 (localhost), RFC 6762 (local, and the usual private ones of its appendix G),
 * RFC 8375 (home.arpa), ICANN 2024-07-29 (internal). Names of a single label are local too.
 */
export const LOCAL_DOMAINS = [
  ...['localhost', 'local', 'internal', 'home.arpa'],
  ...['intranet', 'private', 'corp', 'home', 'lan'],
];

type Ipv4Range = {
  cidr: string;
  /** The first two octets that are in the range, both ends included. */
  first: readonly [number, number];
  second: readonly [number, number];
  /** The same as an RE2 pattern over the start of a canonical address. */
  pattern: string;
};

const ANY = [0, 255] as const;

/** The blocks of RFC 6890 that are not for the public network, and multicast. */
export const LOCAL_IPV4: readonly Ipv4Range[] = [
  { cidr: '0.0.0.0/8', first: [0, 0], second: ANY, pattern: '0\\.' },
  { cidr: '10.0.0.0/8', first: [10, 10], second: ANY, pattern: '10\\.' },
  {
    cidr: '100.64.0.0/10',
    first: [100, 100],
    second: [64, 127],
    pattern: '100\\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7])\\.',
  },
  { cidr: '127.0.0.0/8', first: [127, 127], second: ANY, pattern: '127\\.' },
  { cidr: '169.254.0.0/16', first: [169, 169], second: [254, 254], pattern: '169\\.254\\.' },
  { cidr: '172.16.0.0/12', first: [172, 172], second: [16, 31], pattern: '172\\.(?:1[6-9]|2[0-9]|3[01])\\.' },
  { cidr: '192.168.0.0/16', first: [192, 192], second: [168, 168], pattern: '192\\.168\\.' },
  { cidr: '198.18.0.0/15', first: [198, 198], second: [18, 19], pattern: '198\\.1[89]\\.' },
  { cidr: '224.0.0.0/3', first: [224, 255], second: ANY, pattern: '2(?:2[4-9]|[34][0-9]|5[0-5])\\.' },
];

/** Scheme and user part of a URL, as the blocking rules see it. */
const BEFORE_HOST = '^[a-z]+://(?:[^/?#]*@)?';
const AFTER_HOST = '\\.?(?::[0-9]+)?(?:[/?#]|$)';

const domainPattern = (domain: string): string =>
  `${BEFORE_HOST}(?:[^/?#]*\\.)?${domain.replaceAll('.', '\\.')}${AFTER_HOST}`;
const addressPattern = ({ pattern }: Ipv4Range): string => `${BEFORE_HOST}${pattern}[0-9.]+(?::[0-9]+)?(?:[/?#]|$)`;
/** Everything but 2000::/3, the only block of IPv6 that is given out to the public network (RFC 4291 §2.4). */
const IPV6_PATTERN = `${BEFORE_HOST}\\[(?:[^23]|[23][0-9a-f]{0,2}:)`;
const ONE_LABEL_PATTERN = `${BEFORE_HOST}[^./?#:@\\[]+${AFTER_HOST}`;

/**
 * RE2 patterns over whole URLs which together match exactly the local hosts (and the check host, which the rules exclude). Chrome
 * compiles each in 2 kB at most (`isRegexSupported`), so they are several.
 */
export const LOCAL_URL_PATTERNS: readonly string[] = [
  ...LOCAL_DOMAINS.map(domainPattern),
  ...LOCAL_IPV4.map(addressPattern),
  IPV6_PATTERN,
  ONE_LABEL_PATTERN,
];

/** Loopback and link-local. */
const BYPASSING_IPV4 = ['127.0.0.0/8', '169.254.0.0/16'];

/** Those that Chrome sends past every PAC (net::ProxyBypassRules, "implicit rules"; measured on Chromium 156), and a little more of IPv6. */
export const BYPASSING_URL_PATTERNS: readonly string[] = [
  domainPattern('localhost'),
  ...LOCAL_IPV4.filter(({ cidr }) => BYPASSING_IPV4.includes(cidr)).map(addressPattern),
  IPV6_PATTERN,
];

/** The host of the circuit check and what is below it. It ends in `.internal`, and yet belongs to the circuit. */
export function isCheckHost(host: Host): boolean {
  return isWithin(host, { kind: 'name', name: CIRCUIT_CHECK_HOST, rooted: false });
}

export function isLocalHost(host: Host): boolean {
  switch (host.kind) {
    case 'ipv4':
      return isLocalIpv4(host.name);
    case 'ipv6':
      return !/^\[[23][0-9a-f]{3}:/.test(host.name);
    case 'name':
      if (isCheckHost(host)) return false;
      return (
        !host.name.includes('.') || LOCAL_DOMAINS.some((name) => isWithin(host, { kind: 'name', name, rooted: false }))
      );
  }
}

function isLocalIpv4(name: string): boolean {
  const [first, second] = parseOctets(name) ?? [];
  if (first === undefined || second === undefined) return true;
  return LOCAL_IPV4.some((range) => isIn(first, range.first) && isIn(second, range.second));
}

function isIn(value: number, [low, high]: readonly [number, number]): boolean {
  return low <= value && value <= high;
}
