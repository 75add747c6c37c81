import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const RELAY = resolve(import.meta.dirname, '../../../relay');

function run(script: string): { status: number | null; lines: Record<string, unknown>[]; text: string } {
  const source = `
    import { logFaults } from ${JSON.stringify(`${RELAY}/cli/faults.ts`)};
    import { createLog } from ${JSON.stringify(`${RELAY}/log.ts`)};
    logFaults(createLog('info'));
    ${script}`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
  });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { status, lines, text: stdout + stderr };
}

test('a stray rejection is logged without its message, and the relay goes on', () => {
  const { status, lines, text } = run(`
    void Promise.reject(new TypeError('secret.example'));
    setImmediate(() => createLog('info').info({ event: 'alive' }));`);
  expect(status).toBe(0);
  expect(lines.map((line) => line['event'])).toEqual(['relay-fault', 'alive']);
  expect(lines[0]).toMatchObject({ error: 'TypeError' });
  expect(text).not.toContain('secret.example');
});

test('an exception that nobody caught ends the process with code 1, without its message', () => {
  const { status, lines, text } = run(`setImmediate(() => { throw new RangeError('secret.example'); });`);
  expect(status).toBe(1);
  expect(lines[0]).toMatchObject({ event: 'relay-crashed', error: 'RangeError' });
  expect(text).not.toContain('secret.example');
});
