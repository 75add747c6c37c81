// The debug log: it says what happened, and there is no way for a site, an address, a key or anybody's text into it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { handle } from '../../../background/handlers.ts';
import { codeOfError, logText, MAX_LOG_ENTRIES, withEntry, type LogEntry } from '../../../src/core/state/debug-log.ts';
import { World } from '../../support/fakes/world.ts';

const read = async (world: World): Promise<readonly LogEntry[]> =>
  (await handle(
    world.app.handlers,
    { type: 'settings/log', data: {} },
    { kind: 'popup', tab: undefined },
  )) as LogEntry[];

describe('the debug log', () => {
  test('tells what the worker became, and holds nothing of where the person was, of relays or of keys', async () => {
    const world = await World.create();
    world.browser.addTab(1, 'https://secret-site.test/path?token=hunter2');
    await world.start();
    await world.set(1, true);
    await world.until(1, 'private');
    // Errors with everything in them that an error may have.
    world.browser.signalsFail = true;
    const { circuit } = await world.look(1);
    await world.set(1, false);
    await world.idle();
    const log = await read(world);
    expect(log.map(({ event, code }) => `${event} ${code}`)).toEqual(
      expect.arrayContaining(['started site', 'circuit verified', 'steering held', 'tabs 1', 'error Error']),
    );
    const text = logText(log, '1');
    const secrets = [
      ...['secret-site', 'hunter2', 'https', '.test'],
      ...[circuit!.entry.operator, circuit!.exit.operator],
      ...world.network.records.flatMap(({ peer, entry }) => [peer, ...(entry?.addresses ?? [])]),
    ];
    for (const secret of secrets) expect(text).not.toContain(secret);
    // In memory only.
    expect(world.browser.stored.local.has('log')).toBe(false);
  });

  test('takes names and codes of letters, and nothing else, whatever an error holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.ipV4(),
          fc.ipV6(),
          fc.domain(),
          fc.emailAddress(),
          fc.string(),
          fc.string({ unit: fc.nat(15).map((digit) => digit.toString(16)), minLength: 64, maxLength: 64 }),
        ),
        (text) => {
          const error = Object.assign(new Error(text), { code: text });
          const [entry] = withEntry([], 0, 'error', codeOfError(error));
          expect(entry!.code).toMatch(/^[a-z_-]{1,40}$|^\d{1,4}$/i);
          if (/[./:@]/.test(text)) expect(entry!.code).toBe('redacted');
        },
      ),
    );
  });

  test('keeps the latest, and no more than it may', () => {
    let log: readonly LogEntry[] = [];
    for (let at = 0; at < MAX_LOG_ENTRIES + 5; at++) log = withEntry(log, at, 'error', 'x');
    expect(log).toHaveLength(MAX_LOG_ENTRIES);
    expect(log.at(0)?.at).toBe(5);
  });
});
