// One element out of many, each as likely as its weight. A table is made once and asked often; the simulation asks the same tables.

/** Sums of the weights up to and including each. */
export type WeightTable = Float64Array;

/** @param weights finite and not negative */
export function tableOf(weights: readonly number[]): WeightTable {
  const table = new Float64Array(weights.length);
  let sum = 0;
  weights.forEach((weight, index) => {
    sum += weight;
    table[index] = sum;
  });
  return table;
}

/** @param draw 0 <= draw < 1; @returns an index, or undefined where nothing has any weight */
export function drawIndex(table: WeightTable, draw: number): number | undefined {
  const total = table.at(-1) ?? 0;
  if (!(total > 0)) return undefined;
  const wanted = draw * total;
  let low = 0;
  let high = table.length - 1;
  // The first sum that is above: a weight of nothing leaves the sum as it was, so it is never found.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((table[middle] ?? 0) > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** For weights that are used once. */
export function drawOne<T>(items: readonly T[], weightOf: (item: T) => number, draw: number): T | undefined {
  const index = drawIndex(tableOf(items.map(weightOf)), draw);
  return index === undefined ? undefined : items[index];
}
