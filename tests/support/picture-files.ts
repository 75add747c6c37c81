// Pictures as files: what a camera of Chromium's plays, and what a person saves of a screen.

import { crc32, deflateSync } from 'node:zlib';
import type { Picture } from './code-picture.ts';

/** YUV4MPEG2 (mjpegtools, yuv4mpeg(5)) of one grey picture, which Chromium's fake camera shows again and again. Sides have to be even. */
export function toY4m({ width, height, data }: Picture, framesPerSecond: number): Buffer {
  const luma = Buffer.alloc(width * height);
  for (let at = 0; at < luma.length; at += 1) luma[at] = data[at * 4] ?? 0;
  const colourless = Buffer.alloc((width * height) / 2, 128);
  const header = `YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420jpeg\n`;
  const frame = [Buffer.from('FRAME\n'), luma, colourless];
  return Buffer.concat([Buffer.from(header), ...frame, ...frame]);
}

/** W3C PNG, 8 bits of grey. */
export function toPng({ width, height, data }: Picture): Buffer {
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = data[(y * width + x) * 4] ?? 0;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    ...[chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))],
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
