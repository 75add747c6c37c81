// Runs one pass at a time, and one more when it was asked for during a pass: fifty fast clicks are two passes.

export type Reconciler = {
  /** Resolves when a pass that began after this call has ended. */
  request: () => Promise<void>;
  /** Resolves when the passes asked for up to now have ended. */
  settled: () => Promise<void>;
};

/** @param pass makes the world agree with what is stored; what it throws goes to `report`, and the next pass tries again */
export function createReconciler(pass: () => Promise<void>, report: (error: unknown) => void): Reconciler {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const start = (): Promise<void> => {
    running = pass()
      .catch(report)
      .finally(() => (running = undefined));
    return running;
  };

  return {
    request: () => {
      if (running === undefined) return start();
      next ??= running.then(() => {
        next = undefined;
        return start();
      });
      return next;
    },
    settled: async () => {
      await (next ?? running);
    },
  };
}
