// `npm run icons`: draws the extension's icons into popup/icons. Each state has a shape of its own beside its colour: two empty hops and no way
// between them, a way that is half there, two hops that are joined, and a closed road. Run by hand after a change of the drawing; the PNGs are
// committed, and the same on every machine.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { png } from './png.ts';

const STATES = {
  off: { color: [0x8a, 0x93, 0x9e], sizes: [16, 32, 48] },
  connecting: { color: [0xc9, 0x7a, 0x00], sizes: [16, 32, 48] },
  private: { color: [0x1a, 0x7f, 0x4b], sizes: [16, 32, 48, 128] },
  blocked: { color: [0xc0, 0x36, 0x2c], sizes: [16, 32, 48] },
} as const;

/** Points per pixel and axis: enough for smooth edges at 16 px. */
const SAMPLES = 8;

type Point = { x: number; y: number };

const ENTRY: Point = { x: 0.26, y: 0.3 };
const EXIT: Point = { x: 0.74, y: 0.7 };
const HOP_RADIUS = 0.2;
const LINE_WIDTH = 0.13;

const HOLE_RADIUS = 0.1;
/** Of the closed road: a disc with a bar across it. */
const ROAD_RADIUS = 0.46;
const BAR: Point = { x: 0.27, y: 0.09 };

type State = keyof typeof STATES;

/** Whether a point of the unit square is inked. */
function isInked(point: Point, state: State): boolean {
  if (state === 'blocked') {
    const isBar = Math.abs(point.x - 0.5) < BAR.x && Math.abs(point.y - 0.5) < BAR.y;
    return distance(point, { x: 0.5, y: 0.5 }) < ROAD_RADIUS && !isBar;
  }
  if (distance(point, ENTRY) < HOP_RADIUS) return state !== 'off' || distance(point, ENTRY) > HOLE_RADIUS;
  if (distance(point, EXIT) < HOP_RADIUS) return state === 'private' || distance(point, EXIT) > HOLE_RADIUS;
  const corner: Point = { x: EXIT.x, y: ENTRY.y };
  const isFirstHalf = toSegment(point, ENTRY, corner) < LINE_WIDTH / 2;
  const isSecondHalf = toSegment(point, corner, EXIT) < LINE_WIDTH / 2;
  return (state !== 'off' && isFirstHalf) || (state === 'private' && isSecondHalf);
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function toSegment(point: Point, a: Point, b: Point): number {
  const length = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
  const along = ((point.x - a.x) * (b.x - a.x) + (point.y - a.y) * (b.y - a.y)) / length;
  const t = Math.min(1, Math.max(0, along));
  return distance(point, { x: a.x + t * (b.x - a.x), y: a.y + t * (b.y - a.y) });
}

/** Share of a pixel that is inked, 0 to 255. */
function coverage(state: State, column: number, row: number, size: number): number {
  let inked = 0;
  for (let sample = 0; sample < SAMPLES ** 2; sample++) {
    const x = (column + ((sample % SAMPLES) + 0.5) / SAMPLES) / size;
    const y = (row + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES) / size;
    if (isInked({ x, y }, state)) inked++;
  }
  return Math.round((inked / SAMPLES ** 2) * 255);
}

/** RGBA, no filter. */
function draw(state: State, size: number): Buffer {
  const { color } = STATES[state];
  const rows = Array.from({ length: size }, (_row, row) => [
    0,
    ...Array.from({ length: size }, (_column, column) => [...color, coverage(state, column, row, size)]).flat(),
  ]);
  const data = deflateSync(Buffer.from(rows.flat()), { level: 9 });
  return png({ width: size, height: size, colourType: 6 }, [['IDAT', data]]);
}

const folder = join(import.meta.dirname, '..', 'popup', 'icons');
mkdirSync(folder, { recursive: true });
for (const state of Object.keys(STATES) as State[]) {
  for (const size of STATES[state].sizes) writeFileSync(join(folder, `${state}-${size}.png`), draw(state, size));
}
