// Where a relay listens, as its configuration says: one address with a port, or a list of them, such as IPv4 and IPv6 side by side. Part of schema.ts.

import ipaddr from 'ipaddr.js';
import * as v from 'valibot';
import { formatHostPort, HostPortSchema, type HostPort } from './parts.ts';

/** A machine with more addresses than that listens on all of them by 0.0.0.0 or [::]. Each is a socket, and one more for each port of leases. */
export const MAX_LISTEN = 16;

/** Never empty. The first one's port is the usual one. */
export type Listen = readonly [HostPort, ...HostPort[]];

const ListSchema = v.pipe(
  v.array(HostPortSchema),
  v.minLength(1, 'must name at least one address'),
  v.maxLength(MAX_LISTEN, `must name at most ${MAX_LISTEN} addresses`),
  v.rawCheck(({ dataset, addIssue }) => {
    const message = dataset.typed ? faultOf(dataset.value) : undefined;
    if (message !== undefined) addIssue({ message });
  }),
  v.transform((list) => list as unknown as Listen),
);

const OneSchema = v.pipe(
  HostPortSchema,
  v.transform((one): Listen => [one]),
);

/** Told apart before they are read, so that each has messages of its own. */
export const ListenSchema = v.lazy<typeof ListSchema | typeof OneSchema>((input) =>
  Array.isArray(input) ? ListSchema : OneSchema,
);

export type ListenAddress = HostPort & {
  /** `[::]` takes IPv4 too, unless it is told not to. */
  ipv6Only: boolean;
};

/** Beside IPv4, `[::]` is IPv6 alone: `0.0.0.0:443` and `[::]:443` could not both be had otherwise. Alone it is both, as it always was. */
export function listenAddresses(list: Listen): ListenAddress[] {
  const hasIpv4 = list.some(({ host }) => !host.includes(':'));
  return list.map((one) => ({ ...one, ipv6Only: hasIpv4 && one.host.includes(':') }));
}

/** Each once, in their order. */
export function hostsOf(list: Listen): string[] {
  return [...new Set(list.map(({ host }) => host))];
}

/** Each once, in their order. */
export function portsOf(list: Listen): number[] {
  return [...new Set(list.map(({ port }) => port))];
}

/** Whether whoever knows one of its ports can come to any of its addresses. */
export function isSameAtAll(list: Listen): boolean {
  const all = new Set(list.map(formatHostPort));
  return hostsOf(list).every((host) => portsOf(list).every((port) => all.has(formatHostPort({ host, port }))));
}

function faultOf(list: readonly HostPort[]): string | undefined {
  if (list.length > 1 && list.some(({ port }) => port === 0))
    return 'has port 0 in a list: the system would choose another port for each';
  for (const [index, one] of list.entries()) {
    for (const other of list.slice(0, index)) {
      if (one.port !== other.port) continue;
      const [spelt, earlier] = [ipaddr.process(one.host), ipaddr.process(other.host)];
      if (spelt.kind() !== earlier.kind()) continue;
      if (spelt.toString() === earlier.toString()) return `names ${formatHostPort(one)} twice`;
      const [wide, narrow] = earlier.range() === 'unspecified' ? [other, one] : [one, other];
      if ([spelt, earlier].some((each) => each.range() === 'unspecified'))
        return `names ${formatHostPort(narrow)}, which ${formatHostPort(wide)} listens on already`;
    }
  }
  return undefined;
}
