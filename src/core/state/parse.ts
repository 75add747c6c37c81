// The small readers that every parser of stored or received values is made of. Each throws `ParseError` and names no value.

export class ParseError extends Error {
  override readonly name = 'ParseError';
}

export function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ParseError('not an object');
  return value as Record<string, unknown>;
}

export function asNumber(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new ParseError('not a number');
  return value;
}

export function asBoolean(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new ParseError('not true or false');
  return value;
}

export function asText(value: unknown): string {
  if (typeof value !== 'string') throw new ParseError('not text');
  return value;
}

export function asTexts(value: unknown): string[] {
  if (!Array.isArray(value)) throw new ParseError('not a list');
  return value.map(asText);
}

export function asOneOf<const T extends string>(value: unknown, options: readonly T[]): T {
  const found = options.find((option) => option === value);
  if (found === undefined) throw new ParseError('not one of its values');
  return found;
}

/** The number of a tab. Browsers count from 0 or 1; -1 stands for "no tab" and is refused. */
export function asTabId(value: unknown): number {
  const tab = asNumber(value);
  if (!Number.isSafeInteger(tab) || tab < 0) throw new ParseError('not a tab');
  return tab;
}
