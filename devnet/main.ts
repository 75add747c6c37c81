// `npm run devnet`: the whole network without a browser. Prints one JSON line that tells any proxy client what it needs, and stays
// until Ctrl-C.

import { describeNetwork } from './describe.ts';
import { HELP, parseFlags } from './flags.ts';
import { startNetwork } from './network.ts';
import { runProgram } from './run.ts';
import { clearState, LOGS_FOLDER, writeState } from './state-file.ts';

await runProgram('devnet', async ({ defer, stopped }) => {
  const { portBase, help } = parseFlags(process.argv.slice(2));
  if (help) {
    console.log(HELP);
    return 0;
  }
  const network = await startNetwork({
    portBase,
    logs: LOGS_FOLDER,
    discovery: true,
    onDeath: (reason) => console.error(`devnet: ${reason}`),
  });
  defer(network.close);
  writeState(network);
  defer(clearState);
  console.log(JSON.stringify(describeNetwork(network)));
  await stopped;
  return 0;
});
