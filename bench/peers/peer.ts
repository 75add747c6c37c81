// One way from the client to a site, as every work sees it.

export const PEER_NAMES = ['direct', 'squid', 'haproxy-squid', 'tor', 'ours'] as const;
export type PeerName = (typeof PEER_NAMES)[number];

/** A process that carries its traffic, for its cores' time and its memory. */
export type PeerProcess = { name: string; pid: number };

/** How a client that is no curl and no Chromium gets through. */
export type ProxyAddress =
  | { kind: 'none' }
  | { kind: 'https'; address: string; port: number; host: string }
  | { kind: 'socks5'; address: string; port: number };

export type Peer = {
  name: PeerName;
  /** For tables. */
  title: string;
  proxy: ProxyAddress;
  processes: readonly PeerProcess[];
  close: () => Promise<void>;
};

export const TITLES: Readonly<Record<PeerName, string>> = {
  direct: 'direct',
  squid: 'squid, one hop',
  'haproxy-squid': 'haproxy + squid',
  tor: 'Tor, three hops',
  ours: 'ours',
};

/** Words of curl that lead through the peer. Names are resolved beyond it, by all peers alike. */
export function curlWords({ proxy }: Pick<Peer, 'proxy'>, caFile: string): string[] {
  switch (proxy.kind) {
    case 'none':
      return [];
    case 'https':
      return [
        ...['--proxy', `https://${proxy.host}:${proxy.port}`, '--proxy-cacert', caFile],
        ...['--resolve', `${proxy.host}:${proxy.port}:${proxy.address}`],
      ];
    case 'socks5':
      return ['--socks5-hostname', `${proxy.address}:${proxy.port}`];
  }
}

/** The same for Chromium's command line. */
export function chromiumWords({ proxy }: Pick<Peer, 'proxy'>): string[] {
  switch (proxy.kind) {
    case 'none':
      return [];
    case 'https':
      return [`--proxy-server=https://${proxy.host}:${proxy.port}`];
    case 'socks5':
      return [`--proxy-server=socks5://${proxy.address}:${proxy.port}`];
  }
}
