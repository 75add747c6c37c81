// Runs jobs one after another in the order they came: what the browser reports is worked off as it happened.

export type Queue = <T>(job: () => Promise<T>) => Promise<T>;

/** @param ready nothing runs before; when it rejects, every job rejects with it */
export function createQueue(ready: Promise<void>): Queue {
  let last: Promise<unknown> = ready;
  return (job) => {
    const result = last.then(async () => {
      await ready;
      return job();
    });
    last = result.catch(() => undefined);
    return result;
  };
}
