/**
 * Built-ins of the realm shared with the plugin, captured before the plugin's first line. A plugin can change any
 * prototype: code that decides whether something is allowed must not go through one.
 *
 * @module
 */

export const apply = Reflect.apply;
export const stringify = JSON.stringify;
export const defineProperty = Object.defineProperty;
export const freeze = Object.freeze;
export const text = String;

const { lastIndexOf, slice } = String.prototype;

/** The index of the last `part` in `value`, or -1. */
export function lastIndex(value: string, part: string): number {
  return apply(lastIndexOf, value, [part]);
}

/** The characters of `value` from `start` to before `end`. */
export function sliceOf(value: string, start: number, end: number): string {
  return apply(slice, value, [start, end]);
}

/** The message of anything thrown; never throws, whatever it is. */
export function messageOf(error: unknown): string {
  try {
    const message = (error as { message?: unknown } | null | undefined)?.message;
    return typeof message === "string" ? message : text(error);
  } catch {
    // A value that throws when it is read.
    return "something that cannot be shown was thrown";
  }
}
