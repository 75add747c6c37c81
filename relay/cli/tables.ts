// How the command line shows money, ids and tables to a person.

/** A title and columns as wide as their widest; nothing where there is only the head. */
export function section(title: string, rows: readonly (readonly string[])[]): string[] {
  if (rows.length < 2) return [];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return ['', `${title}:`, ...lines.map((line) => `  ${line.trimEnd()}`)];
}

/** USDC has 6 decimals, and so has every token of the networks' table. */
export function units(amount: bigint): string {
  return `${amount / 1_000_000n}.${String(amount % 1_000_000n).padStart(6, '0')}`;
}

/** With 6 digits behind the point, and up: what is asked for must be enough. */
export function ether(wei: bigint): string {
  return units((wei + 999_999_999_999n) / 1_000_000_000_000n);
}

export function short(hex: string): string {
  return `${hex.slice(0, 10)}…${hex.slice(-6)}`;
}
