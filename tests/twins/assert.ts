/**
 * The part of `@std/assert` that the tests use, over `node:assert/strict`, because JSR cannot be
 * reached from locked-down networks. Same names and meanings.
 *
 * @module
 */

import assertStrict from "node:assert/strict";

/** Fails unless `value` is truthy. */
export function assert(value: unknown, message?: string): asserts value {
  assertStrict.ok(value, message);
}

/** Fails unless both are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  assertStrict.deepStrictEqual(plain(actual), plain(expected), message);
}

/** Fails when both are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  assertStrict.notDeepStrictEqual(plain(actual), plain(expected), message);
}

/** Fails unless both are the same value (`Object.is`). */
export function assertStrictEquals<T>(actual: T, expected: T, message?: string): void {
  assertStrict.strictEqual(actual, expected, message);
}

/** Fails unless the text holds the part. */
export function assertStringIncludes(actual: string, expected: string, message?: string): void {
  assertStrict.ok(
    actual.includes(expected),
    message ?? `Expected actual: ${JSON.stringify(actual)} to contain: ${JSON.stringify(expected)}`,
  );
}

/** Fails unless the text matches. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  assertStrict.match(actual, expected, message);
}

/** Fails when the value is null or undefined. */
export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T> {
  assertStrict.ok(actual !== null && actual !== undefined, message);
}

/** The type of a class of errors. */
// deno-lint-ignore no-explicit-any
export type ErrorClass<E extends Error> = new (...args: any[]) => E;

/** Fails unless `fn` throws an error of the class whose message holds the part; returns the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
): E {
  try {
    fn();
  } catch (error) {
    return checkError(error, errorClass, messageIncludes);
  }
  assertStrict.fail("Expected function to throw");
}

/** Like {@linkcode assertThrows} for a promise that must be rejected. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return checkError(error, errorClass, messageIncludes);
  }
  assertStrict.fail("Expected function to reject");
}

function checkError<E extends Error>(
  error: unknown,
  errorClass: ErrorClass<E> | undefined,
  messageIncludes: string | undefined,
): E {
  assertStrict.ok(error instanceof Error, "Expected an Error to be thrown");
  if (errorClass) {
    assertStrict.ok(
      error instanceof errorClass,
      `Expected error to be ${errorClass.name}, but was ${error.name}: ${error.message}`,
    );
  }
  if (messageIncludes !== undefined) assertStringIncludes(error.message, messageIncludes);
  return error as E;
}

/** As in `@std/assert`, objects without a prototype equal plain ones: compare own shapes. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  }
  return value;
}
