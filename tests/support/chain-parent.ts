// A program that starts the devnet's chain, says its pid and waits to be killed.

import { startChain } from '../../devnet/chain/chain.ts';
import { createLifeline } from '../../devnet/lifeline.ts';

const [folder = ''] = process.argv.slice(2);
const { pid } = await startChain({ lifeline: createLifeline(), folder });
console.log(pid);
setInterval(() => undefined, 60_000);
