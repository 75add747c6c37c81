// The relay daemon, which counts the bytes of new tunnels or does not, as SIGUSR2 says: what is not counted costs nobody anything, so that the same processes
// carry with payments and without, in turns. Run as a program in the daemon's place by bench/figures/voucher-overhead.ts.

import { TunnelSet } from '../relay/net/tunnel-set.ts';

const join: (...given: Parameters<TunnelSet['join']>) => void = Reflect.get(TunnelSet.prototype, 'join');
let counts = true;
let signal = 0;

TunnelSet.prototype.join = function (socket, stream, options) {
  const sent = options?.sent;
  Reflect.apply(join, this, [socket, stream, counts ? options : { ...(sent === undefined ? {} : { sent }) }]);
};

process.on('SIGUSR2', () => {
  counts = !counts;
  signal += 1;
  // As a line of the relay's log, for whoever waits until it is so.
  console.log(JSON.stringify({ event: 'bench-counting', counts, signal }));
});

await import('../relay/main.ts');
