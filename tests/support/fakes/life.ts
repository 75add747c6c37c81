// The death of a worker: from one moment on, nothing it calls happens any more, and nothing it waits for comes.

export type Life = { alive: boolean };

/** The same object, through which a dead worker reaches nothing. */
export function mortal<T extends object>(target: T, life: Life): T {
  return new Proxy(target, {
    get: (object, name) => {
      const member: unknown = Reflect.get(object, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (!life.alive) return new Promise(() => undefined);
        const result: unknown = Reflect.apply(member, object, args);
        return result instanceof Promise ? whileAlive(result, life) : result;
      };
    },
  });
}

function whileAlive(promise: Promise<unknown>, life: Life): Promise<unknown> {
  return new Promise((resolve, reject) => {
    promise.then(
      (value) => {
        if (life.alive) resolve(value);
      },
      (error: unknown) => {
        if (life.alive) reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
