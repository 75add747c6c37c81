// The flags of `npm start` and `npm run devnet`, read strictly: an unknown one is an error with one line of help.

import { parseArgs } from 'node:util';
import type { BrowserName } from './browsers/driven-browser.ts';
import { DevnetError, messageOf } from './errors.ts';
import { DEFAULT_PORT_BASE, HIGHEST_OFFSET } from './plan.ts';

export type Flags = {
  browser: BrowserName;
  headless: boolean;
  once: boolean;
  portBase: number;
  help: boolean;
};

export const HELP = `npm start -- [flags]
  --firefox        Firefox instead of Chromium
  --headless       no screen
  --once           walk through the demo, print what each party saw, end
  --port-base N    where ports start (${DEFAULT_PORT_BASE})
  --help           this text`;

const LOWEST_BASE = 1024;

export function parseFlags(args: readonly string[]): Flags {
  const values = readArgs(args);
  const portBase = Number(values['port-base'] ?? DEFAULT_PORT_BASE);
  if (!Number.isInteger(portBase) || portBase < LOWEST_BASE || portBase + HIGHEST_OFFSET > 65_535) {
    throw new DevnetError('bad-flag', `--port-base is a number from ${LOWEST_BASE} to ${65_535 - HIGHEST_OFFSET}.`);
  }
  return {
    browser: values.firefox === true ? 'firefox' : 'chromium',
    headless: values.headless === true,
    once: values.once === true,
    portBase,
    help: values.help === true,
  };
}

function readArgs(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        firefox: { type: 'boolean' },
        headless: { type: 'boolean' },
        once: { type: 'boolean' },
        'port-base': { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new DevnetError('bad-flag', `${messageOf(error)}\n${HELP}`, { cause: error });
  }
}
