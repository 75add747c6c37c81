// `conet-relay address`: what somebody types into the extension, or has their camera read, to begin with this relay. Needs no network.

import { correction, generate } from 'lean-qr';
import type { RelayConfig } from '../config/schema.ts';
import type { Identity } from '../identity.ts';
import { waysIn } from '../registry/ways-in.ts';

/** One line for each public address; with `qr` each is followed by its picture. Throws `ConfigError` where there is nothing to begin with. */
export function address(
  config: Pick<RelayConfig, 'entry' | 'public'>,
  identity: Pick<Identity, 'label' | 'peerId'>,
  { qr }: { qr: boolean },
): string[] {
  const ways = waysIn(config, identity);
  return qr ? ways.flatMap((way) => [way, ...drawQr(way)]) : ways;
}

/** ISO/IEC 18004: modules of white around the code. */
const QUIET = 4;
/** White on black, and not what the terminal has: a code with its colours the other way is one that half of all cameras do not read. */
const COLOURS = '\u001b[38;5;231;48;5;16m';
const RESET = '\u001b[0m';

/** Two modules to a character, above one another, so that they are square. Of 170 characters some 33 lines of 65. */
export function drawQr(text: string): string[] {
  const code = generate(text, { minCorrectionLevel: correction.L });
  const isWhite = (x: number, y: number): boolean => !code.get(x, y);
  const across = Array.from({ length: code.size + 2 * QUIET }, (_, at) => at - QUIET);
  return across
    .filter((_, at) => at % 2 === 0)
    .map((y) => {
      const cells = across.map((x) =>
        isWhite(x, y) ? (isWhite(x, y + 1) ? '█' : '▀') : isWhite(x, y + 1) ? '▄' : ' ',
      );
      return `${COLOURS}${cells.join('')}${RESET}`;
    });
}
