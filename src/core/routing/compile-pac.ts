// The PAC script of Chrome for a policy: `decideRoute` for a requester that is not seen, as text. It is built from checked parts only,
// because a PAC answer that does not parse means DIRECT even with `mandatory: true` (measured, Chromium 156), and it uses plain string
// operations only, because PAC's own helpers (`isInNet`, `dnsResolve`) ask the local resolver.

import { checkHostOf, CIRCUIT_CHECK_HOST, ONE_CIRCUIT_DOMAIN } from '../circuit/circuit-check.ts';
import { directHosts } from './direct-hosts.ts';
import { LABEL_CHARACTERS, parseHost, type Host } from './host.ts';
import { LOCAL_DOMAINS, LOCAL_IPV4 } from './local-hosts.ts';
import type { CircuitProxy, RoutingPolicy } from './policy.ts';

export type PacErrorCode = 'inactive' | 'bad-host' | 'bad-proxy' | 'bad-time';

export class PacError extends Error {
  override readonly name = 'PacError';
  readonly code: PacErrorCode;

  constructor(code: PacErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** The parts that the text is built from, still to be checked. */
export type PacParts = {
  /** In the order in which the browser tries them; none: what would go through them goes nowhere. */
  circuits: readonly CircuitProxy[];
  /** Circuits whose check hosts lead to exactly them. */
  checked: readonly CircuitProxy[];
  /** Suffixes that go direct until `directUntil` (ms since the epoch). */
  direct: readonly string[];
  directUntil: number;
  /** Exact names that go direct always. */
  relayHosts: readonly string[];
  /** Suffixes that go nowhere. */
  relayZones: readonly string[];
  /** Whether anything but the check goes through the circuit. */
  steered: boolean;
  /** Whether local hosts go direct: only while the blocking rules guard them. */
  localDirect: boolean;
};

/**
 * Answer for what is blocked. Nothing listens on the discard port, and even a listener would get a TLS hello for its own address
 * and no host: with `PROXY` it would read the destination in clear.
 */
export const DEAD_PROXY = 'HTTPS 127.0.0.1:9';

const NOTHING_DIRECT = { steered: true, direct: [], directUntil: 0, localDirect: false };

const PROXY_NAME = /^(?=.{1,253}$)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+$/;

/** PAC text of normal windows for an active policy. Throws `PacError` before any text exists. */
export function compilePac(policy: RoutingPolicy): string {
  if (!policy.active) throw new PacError('inactive', 'an inactive policy has no PAC: the setting is cleared');
  const { circuits, checked, directUntil, relayHosts, relayZones } = policy;
  const open = { steered: policy.byTab, localDirect: true };
  return pacText({ ...open, circuits, checked, direct: directHosts(policy), directUntil, relayHosts, relayZones });
}

/** PAC text of incognito windows that are wholly private: nothing goes direct, and no name of a relay or of one circuit goes anywhere. */
export function compileIncognitoPac({ circuits, relayHosts, relayZones }: RoutingPolicy): string {
  const closed = { relayHosts: [], relayZones: [...relayZones, ...relayHosts] };
  return pacText({ ...NOTHING_DIRECT, circuits, checked: [], ...closed });
}

/**
 * PAC text for when something else of the steering failed: nothing goes direct but the worker's own way to its entry. What the blocking
 * rules cannot see (a preconnect) then ends in the circuit or nowhere. Chrome bypasses loopback and link-local for every PAC.
 */
export function compileClosedPac(policy: RoutingPolicy): string {
  try {
    const { circuits, checked, relayHosts, relayZones } = policy;
    return pacText({ ...NOTHING_DIRECT, circuits, checked, relayHosts, relayZones });
  } catch (error) {
    if (!(error instanceof PacError)) throw error;
    return compileDeadPac();
  }
}

/** PAC text in which nothing goes anywhere. */
export function compileDeadPac(): string {
  return pacText({ ...NOTHING_DIRECT, circuits: [], checked: [], relayHosts: [], relayZones: [] });
}

export function pacText(parts: PacParts): string {
  const until = parts.directUntil;
  if (!Number.isSafeInteger(until) || until < 0) throw new PacError('bad-time', 'directUntil is not a time in ms');
  const data = {
    CIRCUIT: circuitAnswer(parts.circuits),
    ONE_CIRCUIT: Object.fromEntries(parts.checked.map((proxy) => [checkHostOf(proxy.host), proxyAnswer(proxy)])),
    ONE_CIRCUIT_HOSTS: asSet([ONE_CIRCUIT_DOMAIN]),
    DEAD: DEAD_PROXY,
    UNTIL: until,
    DIRECT_HOSTS: asSet(parts.direct, ['name', 'ipv4', 'ipv6']),
    RELAY_HOSTS: asSet(parts.relayHosts),
    CLOSED_HOSTS: asSet([...parts.relayZones, ...parts.relayHosts]),
    CHECK_HOSTS: asSet([CIRCUIT_CHECK_HOST]),
    LOCAL_HOSTS: asSet(LOCAL_DOMAINS),
    LOCAL_IPV4: LOCAL_IPV4.map(({ first, second }) => [...first, ...second]),
    LOCAL_ANSWER: parts.localDirect ? 'DIRECT' : DEAD_PROXY,
    LABEL_CHARACTERS,
    STEERED: parts.steered,
  };
  const constants = Object.entries(data).map(([name, value]) => `var ${name} = ${JSON.stringify(value)};`);
  return `${constants.join('\n')}\n${PROGRAM}`;
}

/** Chrome tries one after another, where a connection fails; there is never a DIRECT behind them. */
function circuitAnswer(circuits: readonly CircuitProxy[]): string {
  return circuits.length === 0 ? DEAD_PROXY : circuits.map(proxyAnswer).join('; ');
}

function proxyAnswer({ host, port }: CircuitProxy): string {
  // A name only: an address as the proxy would be a circuit of nobody's.
  if (!PROXY_NAME.test(host) || parseHost(host)?.kind !== 'name')
    throw new PacError('bad-proxy', 'the proxy is not a DNS name');
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new PacError('bad-proxy', 'the proxy port is not a port');
  return `HTTPS ${host}:${port}`;
}

/** What is compared in the PAC is exactly what was checked here: the text must be its own canonical form. */
function asSet(texts: readonly string[], kinds: readonly Host['kind'][] = ['name']): Record<string, 1> {
  for (const text of texts) {
    const host = parseHost(text);
    if (host?.name !== text || !kinds.includes(host.kind)) {
      throw new PacError('bad-host', 'a host of the policy is not a canonical ASCII host');
    }
  }
  return Object.fromEntries(texts.map((name) => [name, 1]));
}

/** Old JavaScript on purpose: it runs in the browser's PAC engine, not in this program. Mirrors host.ts, local-hosts.ts, decide-route.ts. */
const PROGRAM = `
function has(set, name) {
  return Object.prototype.hasOwnProperty.call(set, name);
}
function covers(set, name) {
  for (;;) {
    if (has(set, name)) return true;
    var dot = name.indexOf('.');
    if (dot < 0) return false;
    name = name.slice(dot + 1);
  }
}
function onlyOf(text, characters) {
  for (var i = 0; i < text.length; i++) if (characters.indexOf(text.charAt(i)) < 0) return false;
  return text.length > 0;
}
function isNumber(label) {
  return label.slice(0, 2) === '0x' ? label.length === 2 || onlyOf(label.slice(2), '0123456789abcdef') : onlyOf(label, '0123456789');
}
function isAddress(labels) {
  if (labels.length !== 4) return false;
  for (var i = 0; i < 4; i++) if (!onlyOf(labels[i], '0123456789') || String(Number(labels[i])) !== labels[i] || Number(labels[i]) > 255) return false;
  return true;
}
function isName(labels) {
  for (var i = 0; i < labels.length; i++) if (labels[i].length > 63 || !onlyOf(labels[i], LABEL_CHARACTERS)) return false;
  return labels.join('.').length <= 253;
}
function isLocalAddress(labels) {
  for (var i = 0; i < LOCAL_IPV4.length; i++) {
    var range = LOCAL_IPV4[i];
    var first = Number(labels[0]);
    var second = Number(labels[1]);
    if (range[0] <= first && first <= range[1] && range[2] <= second && second <= range[3]) return true;
  }
  return false;
}
function decideIpv6(host) {
  if (!onlyOf(host, '0123456789abcdef:.')) return DEAD;
  var first = host.split(':')[0];
  if (first.length !== 4 || '23'.indexOf(first.charAt(0)) < 0) return LOCAL_ANSWER;
  return Date.now() < UNTIL && has(DIRECT_HOSTS, '[' + host + ']') ? 'DIRECT' : CIRCUIT;
}
function FindProxyForURL(url, given) {
  var host = String(given).toLowerCase();
  return STEERED ? decide(host) : decideUnsteered(host);
}
function decideUnsteered(host) {
  var rooted = host.charAt(host.length - 1) === '.';
  var name = rooted ? host.slice(0, -1) : host;
  if (!rooted && has(RELAY_HOSTS, name)) return 'DIRECT';
  if (covers(ONE_CIRCUIT_HOSTS, name)) return !rooted && has(ONE_CIRCUIT, name) ? ONE_CIRCUIT[name] : DEAD;
  if (covers(CLOSED_HOSTS, name)) return DEAD;
  return covers(CHECK_HOSTS, name) ? CIRCUIT : 'DIRECT';
}
function decide(host) {
  if (host.charAt(0) === '[' && host.charAt(host.length - 1) === ']') host = host.slice(1, -1);
  if (host.indexOf(':') >= 0) return decideIpv6(host);
  var rooted = host.charAt(host.length - 1) === '.';
  var name = rooted ? host.slice(0, -1) : host;
  var labels = name.split('.');
  if (!isName(labels)) return DEAD;
  if (isNumber(labels[labels.length - 1])) {
    if (rooted || !isAddress(labels)) return DEAD;
    if (isLocalAddress(labels)) return LOCAL_ANSWER;
    return Date.now() < UNTIL && has(DIRECT_HOSTS, name) ? 'DIRECT' : CIRCUIT;
  }
  if (!rooted && has(RELAY_HOSTS, name)) return 'DIRECT';
  if (covers(ONE_CIRCUIT_HOSTS, name)) return !rooted && has(ONE_CIRCUIT, name) ? ONE_CIRCUIT[name] : DEAD;
  if (covers(CLOSED_HOSTS, name)) return DEAD;
  if (covers(CHECK_HOSTS, name)) return CIRCUIT;
  if (labels.length === 1 || covers(LOCAL_HOSTS, name)) return LOCAL_ANSWER;
  return !rooted && Date.now() < UNTIL && covers(DIRECT_HOSTS, name) ? 'DIRECT' : CIRCUIT;
}
`;
