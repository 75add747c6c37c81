// Who carries much reads on in turn: of those that wait for their other side and may go on, a few do in each turn of the event loop. All at once, sixty downloads take a turn of 30 ms, and whoever asks for
// something small waits for some of them. Who carries little never waits: nothing stops it.

/** At most that many reads of 256 KiB (big-reads.ts), about 0.3 ms of an exit's time each; one stream alone takes two. */
const AT_ONCE = 4;

const waiting = new Set<() => void>();
let begun = 0;
let next: NodeJS.Immediate | undefined;

/** Calls `read` at once or in a later turn, once however often it is asked for until then. It looks itself whether it still may. */
export function inTurn(read: () => void): void {
  if (begun < AT_ONCE && waiting.size === 0) {
    begun += 1;
    read();
  } else waiting.add(read);
  next ??= setImmediate(beginTurn);
}

function beginTurn(): void {
  begun = 0;
  next = undefined;
  for (const read of waiting) {
    if (begun === AT_ONCE) break;
    waiting.delete(read);
    begun += 1;
    read();
  }
  if (begun > 0) next ??= setImmediate(beginTurn);
}
