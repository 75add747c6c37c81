// An attacker as a process of its own, so that its work is not done on the event loop of those who measure. Started by run.ts with a name and a target; ends at SIGTERM.

import { constants, setPriority } from 'node:os';
import { ATTACKS } from './all.ts';
import type { Target } from './target.ts';

const [name = '', json = '{}'] = process.argv.slice(2);
const attack = ATTACKS[name];
if (attack === undefined) throw new Error(`no attack is called ${name}`);
// Attackers have machines of their own: here they take what the relays leave of this one's processors.
setPriority(constants.priority.PRIORITY_LOW);
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
console.log('begins');
await attack(JSON.parse(json) as Target, stop.signal);
process.exit(0);
