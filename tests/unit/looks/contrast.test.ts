// The colours of src/looks/tokens.css against one another, in both themes (WCAG 2.2, 1.4.3 and 1.4.11): text, and what has to be seen to be used.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const css = readFileSync(join(import.meta.dirname, '../../../src/looks/tokens.css'), 'utf8');

/** Light and dark. */
function token(name: string): [string, string] {
  const found = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\);`).exec(css);
  if (found === null) throw new Error(`there is no colour --${name}`);
  return [found[1] ?? '', found[2] ?? ''];
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const SURFACES = ['ground', 'card'];
const TEXT = ['text', 'soft', 'accent', 'connecting', 'private', 'blocked'];
const PARTS = ['edge', 'off', 'accent', 'connecting', 'private', 'blocked'];

describe.each([
  ['light', 0],
  ['dark', 1],
] as const)('%s', (_theme, at) => {
  const between = (one: string, other: string): number => contrast(token(one)[at], token(other)[at]);

  test.each(TEXT.flatMap((text) => SURFACES.map((surface) => [text, surface] as const)))(
    '%s on %s is read',
    (...pair) => {
      expect(between(...pair)).toBeGreaterThanOrEqual(4.5);
    },
  );

  test.each(PARTS.flatMap((part) => SURFACES.map((surface) => [part, surface] as const)))(
    '%s on %s is seen',
    (...pair) => {
      expect(between(...pair)).toBeGreaterThanOrEqual(3);
    },
  );

  test('a button is read, and the knob of a switch is seen in each state', () => {
    expect(between('on-accent', 'accent')).toBeGreaterThanOrEqual(4.5);
    for (const state of ['off', 'connecting', 'private', 'blocked']) {
      expect(between('knob', state)).toBeGreaterThanOrEqual(3);
    }
  });
});
