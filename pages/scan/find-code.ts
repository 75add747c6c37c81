// Finds a QR code in pixels: those of a camera or of a picture. What it holds is a stranger's text, which read-code.ts makes something of.

import { decodeQR } from 'qr/decode.js';

/** RGBA. */
export type Pixels = { width: number; height: number; data: Uint8ClampedArray };

/**
 * Ways to look at the same picture, one after another: as it is, and leant back a little to each side. The decoder takes a code that is seen at a slight slant (the far side some tenth smaller) for one that is
 * seen straight, looks for its last corner in the wrong place and finds something like it: of such pictures it reads few as they are, and nearly all in each of the others (tests/unit/pages/scan-find-code).
 */
const LEANINGS = [
  { across: 0, down: 0 },
  { across: 0, down: -0.15 },
  { across: 0.15, down: 0 },
  { across: 0, down: 0.15 },
  { across: -0.15, down: 0 },
] as const;
export const LOOKS = LEANINGS.length;

/** For guesses beyond the first one, ms: a camera's next picture is better than another guess. */
const GUESSES_MS = 40;
const EFFORT = 4;

/** @param look which of `LOOKS`, counted on and on by a camera. Undefined where no code is read. */
export function findCode(pixels: Pixels, look: number): string | undefined {
  const { across, down } = LEANINGS[look % LOOKS] ?? LEANINGS[0];
  try {
    const seen = across === 0 && down === 0 ? pixels : leaned(pixels, across, down);
    return decodeQR(seen, { format: 'RGBA', effort: EFFORT, timeLimit: GUESSES_MS });
  } catch {
    // It says by an exception that there is none, whatever the reason.
    return undefined;
  }
}

/** All looks at one picture, of which there is no next one. Stops after `withinMs`, once the look is through. */
export function findCodeInAll(
  pixels: Pixels,
  { withinMs, now }: { withinMs: number; now: () => number },
): string | undefined {
  const since = now();
  for (let look = 0; look < LOOKS && now() - since < withinMs; look += 1) {
    const text = findCode(pixels, look);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** The same picture from another side: a projective map that leaves the middle where it is. White where there is nothing. */
function leaned({ width, height, data }: Pixels, across: number, down: number): Pixels {
  const from = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const to = new Uint32Array(width * height).fill(0xffffffff);
  const half = Math.max(width, height) / 2;
  for (let y = 0; y < height; y += 1) {
    const v = y - height / 2;
    for (let x = 0; x < width; x += 1) {
      const u = x - width / 2;
      const far = 1 / (1 - (across * u + down * v) / half);
      const [fromX, fromY] = [Math.round(u * far + width / 2), Math.round(v * far + height / 2)];
      if (fromX >= 0 && fromX < width && fromY >= 0 && fromY < height)
        to[y * width + x] = from[fromY * width + fromX] ?? 0;
    }
  }
  return { width, height, data: new Uint8ClampedArray(to.buffer) };
}
