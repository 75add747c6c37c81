// Some out of many, none twice, each as likely as any other. For whom to ask, on both sides.

/** @param draw 0 <= n < 1, fresh each time. @returns all of them, in a drawn order, where there are no more than `count` */
export function drawSome<T>(all: readonly T[], count: number, draw: () => number): T[] {
  const left = [...all];
  const drawn: T[] = [];
  while (drawn.length < count && left.length > 0) drawn.push(...left.splice(Math.floor(draw() * left.length), 1));
  return drawn;
}
