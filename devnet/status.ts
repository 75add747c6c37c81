// `npm run demo:status`: what of the devnet is up, in a few lines. Exit code 0 when all of it is, 1 otherwise.

import { isAlive, readState } from './state-file.ts';

const state = readState();
if (!state) {
  console.log('The devnet is not running. Start it with npm start, or npm run devnet for the network alone.');
  process.exitCode = 1;
} else {
  console.log(
    `The devnet is up since ${state.startedAt} (pid ${state.pid})${state.browser ? `, with ${state.browser}` : ''}.`,
  );
  for (const { name, operator, region, address, pid } of state.relays) {
    const alive = isAlive(pid);
    if (!alive) process.exitCode = 1;
    console.log(
      `  ${name.padEnd(8)} ${address.padEnd(10)} ${region} ${operator.padEnd(8)} pid ${pid} ${alive ? 'up' : 'DOWN'}`,
    );
  }
  console.log(`  sites    ${state.sites.join(' ')}`);
  console.log(`  resolver ${state.dohUrl}`);
  console.log(`  logs     ${state.logs}`);
}
