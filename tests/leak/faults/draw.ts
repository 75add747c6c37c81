// Chance that can be drawn again: everything that a run of faults leaves to chance comes from one printed seed. Pure.

export type Draw = {
  /** In [0, 1). */
  number: () => number;
  /** One of a list that is not empty. */
  from: <T>(list: readonly T[]) => T;
  /** Whole, both ends included. */
  between: (low: number, high: number) => number;
};

/** mulberry32 (public domain, Tommy Ettinger): 32 bits of state, good enough to choose faults with, and the same on every machine. */
export function createDraw(seed: number): Draw {
  let state = seed >>> 0;
  const number = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    number,
    from: (list) => {
      if (list.length === 0) throw new RangeError('nothing to draw from');
      // Not `undefined`, unless the list holds it.
      return list[Math.floor(number() * list.length)]!;
    },
    between: (low, high) => low + Math.floor(number() * (high - low + 1)),
  };
}
