// The main job as a person runs it: `npm start -- --headless --once`, and what it says when it cannot.

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runDevnetProgram, type Program } from '../support/devnet-process.ts';
import { isLong } from '../support/length.ts';

const PORT_BASE = '31000';
const NO_SCREEN = { DISPLAY: undefined, WAYLAND_DISPLAY: undefined };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conet-test-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function start(args: readonly string[], env: Record<string, string | undefined> = {}): Program {
  return runDevnetProgram('start.ts', ['--port-base', PORT_BASE, ...args], { CONET_DEVNET_FOLDER: folder, ...env });
}

test('the walk ends with 0, a table of what each party saw, and pictures of the popup and the page', async () => {
  const began = Date.now();
  const program = start(['--headless', '--once']);
  const code = await program.ended;
  const output = program.output();
  expect(code, output).toBe(0);
  expect(output).toMatch(/site +shop\.demo\.test +\d+ requests from 127\.2[123]\.0\.1 /);
  expect(output).toMatch(/exit +exit-[123] .*shop\.demo\.test/);
  expect(output).toMatch(/entry +entry-[12] .*from 127\.0\.0\.1/);
  expect(output).toMatch(/normal tab +news\.demo\.test sees 127\.0\.0\.1/);
  for (const picture of ['popup-chromium.png', 'page-chromium.png']) {
    const { mtimeMs, size } = await stat(fileURLToPath(new URL(`../../artifacts/${picture}`, import.meta.url)));
    expect(mtimeMs).toBeGreaterThan(began);
    expect(size).toBeGreaterThan(1000);
  }
});

test.runIf(isLong)('Ctrl-C while the demo stands ends it with 0', async () => {
  const program = start(['--headless']);
  await program.line((line) => line.startsWith('Ctrl-C'));
  program.kill('SIGINT');
  expect(await program.ended).toBe(0);
});

test('without a screen it says how to run without one', async () => {
  const program = start([], NO_SCREEN);
  expect(await program.ended).toBe(1);
  expect(program.output().trim()).toMatch(/^npm start: no screen here .*npm start -- --headless --once$/);
});

test('a browser that is not installed is one clear line', async () => {
  const program = start(['--headless', '--once'], { CONET_CHROMIUM: '/nonexistent/chromium' });
  expect(await program.ended).toBe(1);
  expect(program.output()).toMatch(/^npm start: Chromium is not installed \(looked for \/nonexistent\/chromium\)/m);
});
