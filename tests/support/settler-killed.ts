// A program that settles once on a ledger and kills itself, as kill -9 does, before or after its first transaction reaches the chain.

import { openLedger } from '../../relay/ledger/ledger.ts';
import { createTestSettler } from './payee.ts';

const [url = '', path = '', when] = process.argv.slice(2);
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  // The signal comes before another line runs.
  throw new Error('not killed');
};

const settler = await createTestSettler([url], openLedger({ path, entry: true }), {
  fetch: async (target, init) => {
    if (!(init.body as string).includes('eth_sendRawTransaction')) return fetch(target, init);
    if (when === 'before') return die();
    await fetch(target, init);
    return die();
  },
});
for (let round = 0; round < 3; round += 1) await settler.beat();
