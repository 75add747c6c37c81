// Pixels of what the browser can draw: a camera's frame, a picture. They stay in this page.

import type { Pixels } from './find-code.ts';

/** The longer side of a camera's frame, px. A code that fills half of the height has seven for each module. */
export const FRAME_SIDE = 1280;
/** The same of a picture, which is looked at once. The decoder takes a second for the worst that was found of this size, and ten for one of 4096. */
export const PICTURE_SIDE = 1600;

/** Undefined where there is nothing to see yet. @param side no longer than this, px */
export type PixelsOf = (
  source: CanvasImageSource,
  size: { width: number; height: number },
  side: number,
) => Pixels | undefined;

/** One canvas for all, which is on no page. */
export function createPixelsOf(): PixelsOf {
  const canvas = document.createElement('canvas');
  // Read after each drawing: kept in memory, and not on the graphics card.
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return (source, { width, height }, side) => {
    const scale = Math.min(1, side / Math.max(width, height));
    const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
    if (context === null || across < 1 || down < 1) return undefined;
    canvas.width = across;
    canvas.height = down;
    // What a picture has no colour for is paper.
    context.fillStyle = '#fff';
    context.fillRect(0, 0, across, down);
    context.drawImage(source, 0, 0, across, down);
    return context.getImageData(0, 0, across, down);
  };
}
