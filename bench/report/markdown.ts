// docs/benchmarks.md, written by a run that is not quick.

import { PEER_NAMES, TITLES } from '../peers/peer.ts';
import { hasPeer, ratios, usageOf, values, type Series } from '../series.ts';
import { spread } from '../stats.ts';
import { judge } from './judge.ts';
import type { Run } from './run.ts';

export type Picture = { file: string; alt: string };

export function toMarkdown({ machine, startedAt, series }: Run, pictures: readonly Picture[]): string {
  const figures = judge(series).map(({ name, must, measured, reached, detail }) =>
    line([name, must, measured, reached ? 'yes' : '**no**', detail]),
  );
  return `# How fast, beside others

Written by \`npm run bench\` on ${startedAt.slice(0, 10)}; do not edit. ${machine.cores} cores of ${machine.cpu}, shared with other work, ${machine.memoryGiB} GiB, Linux ${machine.kernel}, Node ${machine.node}: what holds on another
machine are ratios, which are taken pair by pair within a round. A figure whose peer did not run beside it is not printed.

## What must be reached

Median (least - most) of the rounds; the median decides.

| figure | must | measured | reached | behind it |
|---|---|---|---|---|
${figures.join('\n')}

${pictures.map(({ file, alt }) => `![${alt}](${file})`).join('\n\n')}

## What is compared

All from Debian's packages, in one network namespace, asked by the same curl or Chromium for the same site, in turns, each round beginning with another one. Nothing caches.
Five rounds of one stream go before those that are counted, for every peer: relays run for weeks, and V8 compiles what runs often during the first gigabytes (the first 300 MB are at two thirds of the later speed).

| through | what it is |
|---|---|
| direct | no proxy; on long lines over as many hops as our circuit, three |
| squid, one hop | \`squid-openssl\` as HTTPS proxy: TLS of the client ends there |
| haproxy + squid | haproxy in TCP mode before that squid: two hops in C, the first of which copies bytes, with nothing encrypted between the two |
| Tor, three hops | a private network of 3 authorities and 4 relays in testing mode, the client's SOCKS port on the client's machine |
| ours | entry and exit as operators run them, between the two TLS over the client's own; nobody pays |

A site speaks http where bytes are counted, so that its TLS is not what is measured, and is asked for through a tunnel (CONNECT) as browsers ask for all https;
"forwarded http" is the other way, which squid does three to four times slower. Many streams are one curl. For requests per second h2load has no proxy: a client of our own
(\`bench/work/small-requests.ts\`) is used for all, and its own limit is the row of direct. "Cores" are seconds of a core over all processes of a peer, Tor's client among
them and the client and the site not; "peak" their resident sets at the highest, added up; both of all that a work does in a round, which is both counts of streams, cold and warm, both pages. Tor's sizes are a tenth of the others', as said.

**Long lines.** Every two programs are a hop apart, which takes so many milliseconds each way; the round trip to a site is three hops for direct, haproxy + squid and ours, two for
squid alone, four for Tor. Where the kernel has no netem (as on the machine this was written on), \`bench/slow-network/delay-line.c\` does its work from a queue of netfilter, with packets
of 1,500 bytes, a buffer of netem's 1,000 packets before a limited rate, and losses that are the same draws in each run. DNS is not delayed, for anybody: names are resolved at the exit's side. The time until half of
the plateau is counted from the first byte in windows of 0.1 s, and HOPR's own figures for that set-up are 5.7 MB/s and 4.4 s (its delays vary around 50 ms, these do not).
It has a floor for every proxy, the site's own slow start: ten segments, 14.5 kB (RFC 6928), and twice as many with each round trip to whoever asks it, 100 ms. The first 0.1 s that can hold more than 0.93 MB, which is half of any plateau
from 18.5 MB/s on, begin 0.7 s after the first byte; where the plateau is lower, 0.6 s.

**The page** is loaded in a fresh context with no connection to any of its hosts, after a page of another host: the connection to the proxy is open, as in a private tab. Chromium has the proxy by its command line
for all peers; the extension is not in it.

## All that was measured

| under | what | through | median (least - most) | ours / it | cores, s | peak, MiB |
|---|---|---|---|---|---:|---:|
${series.filter(hasPeer).flatMap(rows).join('\n')}
`;
}

function rows(series: Series): string[] {
  const { metric, condition, size, samples } = series;
  return PEER_NAMES.flatMap((peer) => {
    const own = values(samples[peer]);
    if (own.length === 0) return [];
    const against = peer === 'ours' ? [] : ratios(series, 'ours', peer).filter(Number.isFinite);
    const usage = usageOf(samples[peer]);
    return [
      line([
        ...[
          condition,
          `${metric.title} (${size})`,
          TITLES[peer],
          `${spread(own, metric.digits)} ${metric.unit}`.trim(),
        ],
        ...[
          against.length === 0 ? '' : spread(against, 2),
          usage?.cpuSeconds.toFixed(2) ?? '',
          usage?.peakMiB.toFixed(0) ?? '',
        ],
      ]),
    ];
  });
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
