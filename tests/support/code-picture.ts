// A QR code as a camera sees it: turned, tilted, off the middle, out of focus, noisy, in uneven light. Grey, as RGBA.

import type { Draw } from '../../src/core/circuit/relay-facts.ts';

/** Rows of modules with the quiet zone; true is dark. */
export type Modules = readonly (readonly boolean[])[];

export type Picture = { width: number; height: number; data: Uint8ClampedArray<ArrayBuffer> };

export type Scene = {
  width: number;
  height: number;
  /** Of one module in the middle of the code, px. */
  module: number;
  /** Where the middle of the code is, as parts of width and height. */
  at?: { x: number; y: number };
  /** Degrees. */
  turned?: number;
  /** How much smaller the far side is than the near one, as a part: of a code that is held at a slant. */
  tilted?: number;
  /** Radius of a box that the picture is smeared over twice, px. */
  blur?: number;
  /** Standard deviation in grey levels of 256. */
  noise?: number;
  /** Grey levels of ink and paper; a screen in a dark room has a wide range, a print in the evening a narrow one. */
  ink?: number;
  paper?: number;
  /** How much darker the right edge is than the left one, as a part. */
  shade?: number;
};

const BACKGROUND = 110;
/** Points in each pixel, in each direction: edges are grey, as on a sensor. */
const POINTS = 2;

/** What `conet-relay address --qr` prints: two rows of modules in each line, white where the foreground is. */
export function modulesOfTerminal(lines: readonly string[]): Modules {
  const cells = lines.map((line) => Array.from(line.replaceAll(/\u001b\[[\d;]*m/g, '')));
  return cells.flatMap((row) => [
    row.map((cell) => cell !== '█' && cell !== '▀'),
    row.map((cell) => cell !== '█' && cell !== '▄'),
  ]);
}

export function photograph(modules: Modules, scene: Scene, draw: Draw): Picture {
  const { width, height, module, at = { x: 0.5, y: 0.5 }, turned = 0, tilted = 0, blur = 0, noise = 0 } = scene;
  const { ink = 20, paper = 235, shade = 0 } = scene;
  const [rows, columns] = [modules.length, modules[0]?.length ?? 0];
  const [sin, cos] = [Math.sin((turned * Math.PI) / 180), Math.cos((turned * Math.PI) / 180)];
  const greyAt = (x: number, y: number): number => {
    const [across, down] = [(x - at.x * width) / module, (y - at.y * height) / module];
    const [u, v] = [across * cos + down * sin, down * cos - across * sin];
    // Of the side that is farther away more modules come into the same pixels.
    const far = 1 / (1 - (tilted * v) / rows);
    const row = modules[Math.floor(v * far + rows / 2)];
    const isDark = row?.[Math.floor(u * far + columns / 2)];
    return isDark === undefined ? BACKGROUND : isDark ? ink : paper;
  };
  let grey = new Float64Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let sum = 0;
      for (let down = 0.5; down < POINTS; down += 1)
        for (let across = 0.5; across < POINTS; across += 1) sum += greyAt(x + across / POINTS, y + down / POINTS);
      grey[y * width + x] = (sum / POINTS ** 2) * (1 - (shade * x) / width);
    }
  }
  for (let times = 0; times < 2 && blur > 0; times += 1) {
    grey = smeared(grey, width, height, blur, 1);
    grey = smeared(grey, width, height, blur, width);
  }
  const data = new Uint8ClampedArray(width * height * 4);
  for (const [index, level] of grey.entries()) {
    const value = noise === 0 ? level : level + noise * normal(draw);
    data.fill(value, index * 4, index * 4 + 3);
    data[index * 4 + 3] = 255;
  }
  return { width, height, data };
}

/** @param step to the next pixel: 1 along rows, the width along columns */
function smeared(
  grey: Float64Array<ArrayBuffer>,
  width: number,
  height: number,
  radius: number,
  step: number,
): Float64Array<ArrayBuffer> {
  const out = new Float64Array(grey.length);
  const length = step === 1 ? width : height;
  for (let index = 0; index < grey.length; index += 1) {
    const along = step === 1 ? index % width : Math.floor(index / width);
    const [from, to] = [Math.max(-radius, -along), Math.min(radius, length - 1 - along)];
    let sum = 0;
    for (let by = from; by <= to; by += 1) sum += grey[index + by * step] ?? 0;
    out[index] = sum / (to - from + 1);
  }
  return out;
}

function normal(draw: Draw): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}
