// A screen that nobody sees, with a keyboard and a mouse: what a browser does with keys and menus of its own, no driver of pages can tell.

import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A menu opens at once; two busy cores take their time. */
const WINDOW_MS = 20_000;

/** A key that has shown nothing by then was not taken. */
const SHOWN_MS = 1000;

/** What has not changed for so long is drawn to its end: a menu fades in, and what a key does must not be taken for a part of that. */
const STILL_MS = 300;

export type Screen = {
  /** Gives a window the keyboard: that whose title ends so, as soon as there is one. */
  focus(titleEnd: string): Promise<void>;
  /** One after another, by their names in X11: `alt+shift+y`, `Return`. */
  press(...keys: string[]): Promise<void>;
  /** Letter for letter, as a person does. */
  type(text: string): Promise<void>;
  /** The same as `press` in a menu: each until it shows. A menu that is on the screen already may not take keys yet, and what is pressed before is lost. */
  move(...keys: string[]): Promise<void>;
  /** Presses what opens a menu, and resolves when another window is on the screen. */
  opens(act: () => Promise<void>): Promise<void>;
  /** @param button 1 left, 3 right */
  click(x: number, y: number, button: 1 | 3): Promise<void>;
  close(): Promise<void>;
};

/** Browsers that are started from now on appear on it, until it is closed. */
export async function startScreen(): Promise<Screen> {
  // The server takes the first free number, and writes it there when it can be used.
  const folder = await mkdtemp(join(tmpdir(), 'screen-'));
  const words = ['-displayfd', '1', '-screen', '0', '1280x900x24', '-nolisten', 'tcp', '-fbdir', folder];
  const server = spawn('Xvfb', words, { stdio: ['ignore', 'pipe', 'ignore'] });
  const [display] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
  const before = process.env['DISPLAY'];
  process.env['DISPLAY'] = `:${display}`;
  const xdotool = async (...words: string[]): Promise<string> => (await run('xdotool', words)).stdout.trim();

  /** Windows that can be seen, menus among them. xdotool ends with 1 where there is none. */
  const windows = async (title = ''): Promise<string[]> => {
    const found = await xdotool('search', '--onlyvisible', '--name', title).catch(() => '');
    return found.split('\n').filter(Boolean);
  };
  const until = async <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => {
    const limit = Date.now() + WINDOW_MS;
    for (;;) {
      const seen = await look();
      if (seen !== undefined) return seen;
      if (Date.now() > limit) throw new Error(`waited for ${what} on the screen`);
    }
  };
  /** What is on it. */
  const picture = async (): Promise<string> =>
    createHash('sha1')
      .update(await readFile(join(folder, 'Xvfb_screen0')))
      .digest('hex');
  const still = (): Promise<string> =>
    until('a screen that stands still', async () => {
      const before = await picture();
      const limit = Date.now() + STILL_MS;
      while (Date.now() < limit) if ((await picture()) !== before) return undefined;
      return before;
    });
  const changes = async (from: string): Promise<true | undefined> => {
    const limit = Date.now() + SHOWN_MS;
    while (Date.now() < limit) if ((await picture()) !== from) return true;
    return undefined;
  };

  return {
    focus: async (titleEnd) => {
      const window = await until(`a window "${titleEnd}"`, async () => (await windows(`${titleEnd}$`)).at(-1));
      await xdotool('windowfocus', '--sync', window);
    },
    press: async (...keys) => {
      for (const key of keys) await xdotool('key', key);
    },
    type: async (text) => {
      await xdotool('type', '--delay', '20', text);
    },
    move: async (...keys) => {
      for (const key of keys) {
        await until(`what ${key} does`, async () => {
          const before = await still();
          await xdotool('key', key);
          return changes(before);
        });
      }
    },
    opens: async (act) => {
      const { length } = await windows();
      await act();
      await until('a menu', async () => ((await windows()).length > length ? true : undefined));
    },
    click: async (x, y, button) => {
      await xdotool('mousemove', String(x), String(y), 'click', String(button));
    },
    close: async () => {
      if (before === undefined) delete process.env['DISPLAY'];
      else process.env['DISPLAY'] = before;
      server.kill();
      await once(server, 'exit');
      await rm(folder, { recursive: true });
    },
  };
}
