// The pictures of docs/benchmarks.md: a bar for each peer, its median, with a line from the least to the most. Plain SVG.

import { PEER_NAMES, TITLES, type PeerName } from '../peers/peer.ts';
import { hasPeer, values, type Series } from '../series.ts';
import { median } from '../stats.ts';

const ROW = { label: 130, bar: 420, value: 110, height: 22, gap: 34 };
const COLOURS: Readonly<Record<PeerName, string>> = {
  direct: '#8a8a8a',
  squid: '#3b5ba9',
  'haproxy-squid': '#6f8fd6',
  tor: '#7d4698',
  ours: '#0b6e4f',
};

/** One block of bars for each series that has a peer. */
export function plotBars(title: string, all: readonly Series[]): string {
  const blocks: string[] = [];
  let y = 30;
  for (const series of all.filter(hasPeer)) {
    const rows = PEER_NAMES.filter((peer) => values(series.samples[peer]).length > 0);
    const most = Math.max(...rows.flatMap((peer) => values(series.samples[peer])));
    const { metric, condition } = series;
    blocks.push(
      `<text x="0" y="${y}" font-weight="bold">${escape(`${metric.title}, ${metric.unit} (${condition})`)}</text>`,
    );
    rows.forEach((peer, at) => blocks.push(bar(series, peer, { y: y + 8 + at * ROW.height, most })));
    y += rows.length * ROW.height + ROW.gap;
  }
  const width = ROW.label + ROW.bar + ROW.value;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${width}" height="${y}" fill="#ffffff"/>`,
    ...blocks,
    '</svg>\n',
  ].join('\n');
}

function bar({ samples, metric }: Series, peer: PeerName, { y, most }: { y: number; most: number }): string {
  const own = values(samples[peer]);
  const x = (value: number): string => (ROW.label + (value / (most || 1)) * ROW.bar).toFixed(1);
  const middle = y + 8;
  const value = median(own).toFixed(metric.digits);
  return [
    `<text x="${ROW.label - 8}" y="${middle + 4}" text-anchor="end">${escape(TITLES[peer])}</text>`,
    `<rect x="${ROW.label}" y="${y}" width="${(Number(x(median(own))) - ROW.label).toFixed(1)}" height="16" fill="${COLOURS[peer]}"/>`,
    `<line x1="${x(Math.min(...own))}" x2="${x(Math.max(...own))}" y1="${middle}" y2="${middle}" stroke="#111111"/>`,
    `<text x="${(Number(x(Math.max(...own))) + 6).toFixed(1)}" y="${middle + 4}">${value}</text>`,
  ].join('\n');
}

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
