// The plot beside the table: for each share of hostile capacity, who has met a circuit of two hostile relays by which day. Plain SVG.

import type { Course } from './scenario.ts';

export type Panel = { title: string; courses: readonly Course[] };

const PANEL = { width: 300, height: 220, left: 44, top: 40, gap: 24 };
/** Told apart by dashes too, for those who see no colours. */
const STROKES = ['#0b6e4f', '#3b5ba9', '#c77700', '#b3261e', '#555555'];
const DASHES = ['', '6 3', '2 2', '8 3 2 3', '1 3'];

export function plotCourses(panels: readonly Panel[]): string {
  const step = PANEL.width + PANEL.left + PANEL.gap;
  const width = panels.length * step;
  const names = panels[0]?.courses.map(({ name }) => name) ?? [];
  const height = PANEL.top + PANEL.height + 52 + names.length * 18;
  const legend = names.map((name, at) => {
    const y = PANEL.top + PANEL.height + 58 + at * 18;
    return `<line x1="${PANEL.left}" y1="${y - 4}" x2="${PANEL.left + 40}" y2="${y - 4}" ${strokeOf(at)}/><text x="${PANEL.left + 48}" y="${y}">${name}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    '<title>Share of clients that ever used a circuit of a hostile entry and a hostile exit, by day</title>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...panels.map((panel, at) => `<g transform="translate(${at * step + PANEL.left} ${PANEL.top})">${draw(panel)}</g>`),
    ...legend,
    '</svg>\n',
  ].join('\n');
}

function draw({ title, courses }: Panel): string {
  const { width, height } = PANEL;
  const days = courses[0]?.metBoth.length ?? 1;
  const x = (day: number): string => ((day / days) * width).toFixed(1);
  const y = (share: number): string => (height - share * height).toFixed(1);
  const rows = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="0" y1="${y(share)}" x2="${width}" y2="${y(share)}" stroke="#dddddd"/><text x="-6" y="${y(share)}" text-anchor="end" dominant-baseline="middle">${share * 100} %</text>`,
  );
  const columns = [0, 30, 60, 90]
    .filter((day) => day <= days)
    .map((day) => `<text x="${x(day)}" y="${height + 18}" text-anchor="middle">${day === 0 ? 'day 0' : day}</text>`);
  const lines = courses.map(({ metBoth }, at) => {
    const points = ['0.0,' + y(0), ...metBoth.map((share, day) => `${x(day + 1)},${y(share)}`)];
    return `<polyline fill="none" ${strokeOf(at)} points="${points.join(' ')}"/>`;
  });
  return [`<text x="0" y="-14" font-weight="bold">${title}</text>`, ...rows, ...columns, ...lines].join('\n');
}

function strokeOf(at: number): string {
  return `stroke="${STROKES[at] ?? '#000000'}" stroke-width="2" stroke-dasharray="${DASHES[at] ?? ''}"`;
}
