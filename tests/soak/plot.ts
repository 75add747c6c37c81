// A soak as a picture: one panel for each thing sampled, one line for each relay. Plain SVG.

import type { Sample } from './samples.ts';

const PANELS = [
  { what: 'rss', title: 'Resident memory, MB', unit: 1e6 },
  { what: 'inUse', title: 'Heap and buffers in use, MB', unit: 1e6 },
  { what: 'descriptors', title: 'File descriptors', unit: 1 },
  { what: 'tunnels', title: 'Tunnels', unit: 1 },
  { what: 'answerMs', title: 'Answer of /metrics, ms', unit: 1 },
] as const;
const WIDTH = 720;
const HEIGHT = 150;
const LEFT = 60;
const STEP = HEIGHT + 44;
/** Told apart by dashes too, for those who see no colours. */
const STROKES = ['#0b6e4f', '#3b5ba9', '#c77700', '#b3261e'];
const DASHES = ['', '6 3', '2 2', '8 3 2 3'];

export function plotSoak(samples: readonly Sample[]): string {
  const relays = [...new Set(samples.map(({ relay }) => relay))];
  const end = Math.max(...samples.map(({ at }) => at), 1);
  const height = PANELS.length * STEP + 30 + relays.length * 18;
  const panels = PANELS.map(({ what, title, unit }, index) => {
    const most = Math.max(...samples.map((one) => one[what] / unit), 1);
    const lines = relays.map((relay, at) => {
      const points = samples
        .filter((one) => one.relay === relay)
        .map(
          (one) => `${((one.at / end) * WIDTH).toFixed(1)},${(HEIGHT - (one[what] / unit / most) * HEIGHT).toFixed(1)}`,
        );
      return `<polyline fill="none" ${strokeOf(at)} points="${points.join(' ')}"/>`;
    });
    const axis = [0, 0.5, 1].map((share) => {
      const y = (HEIGHT - share * HEIGHT).toFixed(1);
      return `<line x1="0" y1="${y}" x2="${WIDTH}" y2="${y}" stroke="#dddddd"/><text x="-6" y="${y}" text-anchor="end" dominant-baseline="middle">${(share * most).toFixed(most < 10 ? 1 : 0)}</text>`;
    });
    const name = `<text x="0" y="-8" font-weight="bold">${title}</text>`;
    return `<g transform="translate(${LEFT} ${30 + index * STEP})">${[name, ...axis, ...lines].join('\n')}</g>`;
  });
  const legend = relays.map((relay, at) => {
    const y = PANELS.length * STEP + 20 + at * 18;
    return `<line x1="${LEFT}" y1="${y - 4}" x2="${LEFT + 40}" y2="${y - 4}" ${strokeOf(at)}/><text x="${LEFT + 48}" y="${y}">${relay}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH + LEFT + 20} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<title>A soak of ${(end / 60_000).toFixed(1)} minutes</title>`,
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...panels,
    ...legend,
    '</svg>\n',
  ].join('\n');
}

function strokeOf(at: number): string {
  return `stroke="${STROKES[at] ?? '#000000'}" stroke-width="1.5" stroke-dasharray="${DASHES[at] ?? ''}"`;
}
