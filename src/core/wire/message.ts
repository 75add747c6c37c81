// Messages as tables of fields: one table gives the type, the writer and the reader, so that they cannot drift. Stricter than protobuf
// asks for: a known field stands once, unless it is a list, with its own wire type, and a field that is not optional stands. Unknown fields are ignored.

import { encodeField, readFields, type RawField } from './protobuf.ts';
import { WireError } from './wire-error.ts';

/** How a value stands in a field: a varint, or bytes. Both directions check, and throw `WireError` `bad-value`. */
export type Kind<T> = VarintKind<T> | BytesKind<T>;
export type VarintKind<T> = { wire: 'varint'; encode(value: T): bigint; decode(value: bigint): T };
export type BytesKind<T> = { wire: 'bytes'; encode(value: T): Uint8Array; decode(value: Uint8Array): T };

/** `most`: of a field that may stand several times, how often at most. */
export type Field<T = unknown> = { number: number; kind: Kind<T>; optional: boolean; most?: number };
export type RequiredField<T> = Field<T> & { optional: false };
export type OptionalField<T> = Field<T> & { optional: true };
export type RepeatedField<T> = RequiredField<T> & { most: number };
export type Fields = Readonly<Record<string, Field>>;

type Names<F extends Fields, Optional extends boolean> = {
  [K in keyof F]: F[K] extends { optional: Optional } ? K : never;
}[keyof F];

type ValueOf<F extends Field> = F extends RepeatedField<infer T> ? T[] : F extends Field<infer T> ? T : never;

/** The value that a table of fields describes. */
export type MessageOf<F extends Fields> = { [K in Names<F, false>]: ValueOf<F[K]> } & {
  [K in Names<F, true>]?: ValueOf<F[K]> | undefined;
};

export function required<T>(number: number, kind: Kind<T>): RequiredField<T> {
  return { number, kind, optional: false };
}

export function optional<T>(number: number, kind: Kind<T>): OptionalField<T> {
  return { number, kind, optional: true };
}

/** A list, in its order; an empty one does not stand at all. */
export function repeated<T>(number: number, kind: Kind<T>, most: number): RepeatedField<T> {
  return { number, kind, optional: false, most };
}

/** Fields are written in the order of the table. Throws `WireError`. */
export function encodeMessage<F extends Fields>(fields: F, message: MessageOf<F>): Uint8Array<ArrayBuffer> {
  const values: Readonly<Record<string, unknown>> = message;
  const bytes = Object.entries(fields).flatMap(([name, field]) => {
    const value = values[name];
    if (value !== undefined) return encodeValues(name, field, value);
    if (field.optional) return [];
    throw new WireError('missing-field', `${name} is missing`);
  });
  return Uint8Array.from(bytes);
}

/** Throws `WireError`. */
export function decodeMessage<F extends Fields>(fields: F, bytes: Uint8Array): MessageOf<F> {
  return decodeFields(fields, readFields(bytes));
}

/** The same for fields that were read already. */
export function decodeFields<F extends Fields>(fields: F, raw: readonly RawField[]): MessageOf<F> {
  const found: Record<string, unknown> = {};
  for (const [name, { number, kind, optional: mayMiss, most }] of Object.entries(fields)) {
    const all = raw.filter((field) => field.number === number);
    const [first, ...more] = all;
    if (most !== undefined) {
      if (all.length > most) throw new WireError('bad-value', `${name} stands more than ${most} times`);
      found[name] = all.map(({ value }) => named(name, () => decodeValue(kind, value)));
    } else if (more.length > 0) throw new WireError('duplicate-field', `${name} stands more than once`);
    else if (first !== undefined) found[name] = named(name, () => decodeValue(kind, first.value));
    else if (!mayMiss) throw new WireError('missing-field', `${name} is missing`);
  }
  return found as MessageOf<F>;
}

/** A message inside of a field. */
export function nested<F extends Fields>(fields: F): Kind<MessageOf<F>> {
  return {
    wire: 'bytes',
    encode: (value) => encodeMessage(fields, value),
    decode: (bytes) => decodeMessage(fields, bytes),
  };
}

function encodeValues(name: string, { number, kind, most }: Field, value: unknown): number[] {
  const values = most === undefined ? [value] : (value as unknown[]);
  if (most !== undefined && values.length > most) throw new WireError('bad-value', `${name} has more than ${most}`);
  return values.flatMap((each) =>
    encodeField(
      number,
      named(name, () => kind.encode(each)),
    ),
  );
}

function decodeValue(kind: Kind<unknown>, value: RawField['value']): unknown {
  if (kind.wire === 'varint' && typeof value === 'bigint') return kind.decode(value);
  if (kind.wire === 'bytes' && value instanceof Uint8Array) return kind.decode(value);
  throw new WireError('malformed', 'another wire type than the field has');
}

function named<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof WireError) throw new WireError(error.code, `${name}: ${error.message}`);
    throw error;
  }
}
