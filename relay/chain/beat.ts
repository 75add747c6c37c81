// Work that is repeated: soon again while it says that something is under way, slowly while not, at once when somebody asks. Never twice at the same time.

export type BeatTimes = { busyMs: number; idleMs: number };

export type Beat = {
  /** At once, or when the round that is on has ended. */
  soon(): void;
  /** Resolves when the round that is on has ended. */
  stop(): Promise<void>;
};

/** @param work never throws; resolves to whether something is under way */
export function createBeat(work: () => Promise<boolean>, { busyMs, idleMs }: BeatTimes): Beat {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let asked = false;
  let stopped = false;

  const run = (): void => {
    clearTimeout(timer);
    if (stopped) return;
    asked = false;
    running = work().then((busy) => {
      running = undefined;
      timer = setTimeout(run, asked ? 0 : busy ? busyMs : idleMs);
    });
  };
  run();

  return {
    soon: () => {
      asked = true;
      if (running === undefined) run();
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
      clearTimeout(timer);
    },
  };
}
