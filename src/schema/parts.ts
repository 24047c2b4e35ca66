/** Building blocks for the definitions of records. */

import * as v from "valibot";
import { type Kind, kinds, reasonCodes } from "../contract/event.ts";

/** Deeply mutable: valibot's types have no `readonly`. */
type Deep<T> = T extends object ? { readonly [Key in keyof T]: Deep<T[Key]> } : T;

/** What a definition accepts. */
export type Of<S extends v.GenericSchema> = Deep<v.InferOutput<S>>;

/** `true` when both types accept the same values. */
type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends (<T>() => T extends Other ? 1 : 2)
  ? true
  : false;

/**
 * Marks a definition as that of `T`, a type of the plugin contract: authors import those without valibot, so they
 * are written out. Does not compile if the definition accepts something else.
 */
export function of<T>() {
  return <S extends v.GenericSchema>(
    schema: S & (Same<Of<S>, Deep<T>> extends true ? unknown : never),
  ): S => schema;
}

/** The schema with a description, which its JSON Schema shows. */
export function about<S extends v.GenericSchema>(schema: S, text: string) {
  return v.pipe(schema, v.description(text));
}

export const text = v.string();
export const texts = v.array(text);
export const flag = v.boolean();
/** Which gate it contributes to. */
export const kind = v.picklist<readonly Kind[]>(kinds);
export const statedKind = about(v.nullable(kind), "null: a command that was given none");
/** Why a verdict is what it is. */
export const reasonCode = v.picklist(reasonCodes);
/** Small enough for SQLite and for sums. JSON Schema cannot express a `check`. */
export const number = v.pipe(v.number(), v.check((value) => Math.abs(value) < 2 ** 52));
/** A whole number from 0. */
export const count = v.pipe(number, v.integer(), v.minValue(0));
/** A line or column, from 1. */
export const position = v.pipe(number, v.integer(), v.minValue(1));
/** A duration. */
export const milliseconds = about(v.pipe(number, v.minValue(0)), "milliseconds");
/** A moment. */
export const time = about(
  v.pipe(text, v.check((value) => !isNaN(Date.parse(value)))),
  "ISO 8601, UTC",
);
export const path = about(text, "relative to the root unless it lies outside");
