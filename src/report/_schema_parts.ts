/** What the definitions of outputs are made of; see `schemas.ts`. Only loaded with them. */

import * as v from "valibot";

/** Without `readonly`, all the way down: Valibot's types have none. */
type Plain<T> = T extends (...args: never) => unknown ? never
  : T extends readonly (infer Item)[] ? Plain<Item>[]
  : T extends object ? { -readonly [Key in keyof T]: Plain<T[Key]> }
  : T;

/** `true` when both types accept the same values. */
type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends (<T>() => T extends Other ? 1 : 2)
  ? true
  : false;

/**
 * Marks a definition as that of `T`. Does not compile when the definition accepts something else: a
 * key that was added to the model and forgotten here, or the other way round.
 */
export function of<T>() {
  return <S extends v.GenericSchema>(
    schema: S & (Same<Plain<v.InferOutput<S>>, Plain<T>> extends true ? unknown : never),
  ): S => schema;
}

/** Which gate it contributes to. */
export const kind = v.picklist(["build", "test", "lint"]);
/** A whole number from 0. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** A line or column, from 1. */
export const position = v.pipe(v.number(), v.integer(), v.minValue(1));
/** From 0 to 1. */
export const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
/** From 0 to 100. */
export const percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100));
/** A duration. */
export const milliseconds = v.pipe(v.number(), v.minValue(0), v.description("milliseconds"));
/** A moment. */
export const time = v.pipe(v.string(), v.description("ISO 8601, UTC"));
/** A path. */
export const path = v.pipe(
  v.string(),
  v.description("relative to the root unless it lies outside"),
);

/** The closed list of reasons. */
export const reasonCode = v.picklist([
  "ok",
  "tests_failed",
  "diagnostics_found",
  "exit_nonzero",
  "disagreement",
  "collection_error",
  "timeout",
  "killed",
  "oom",
  "no_tests",
  "all_skipped",
  "report_missing",
  "report_stale",
  "report_malformed",
  "report_truncated",
  "tool_missing",
  "sandbox_unenforced",
  "sandbox_denied",
  "cancelled",
  "lock_timeout",
  "interrupted",
  "prepare_failed",
  "uncounted",
  "nothing_checked",
  "report_overwritten",
  "report_too_large",
  "no_runner",
  "not_needed",
  "submodule_mismatch",
  "disk_full",
  "resource_limit",
]);
