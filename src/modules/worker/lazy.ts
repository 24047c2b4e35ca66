/**
 * Properties that the runtime loads when they are first read. Reading all of them would take as long as starting
 * a worker; so each stays unread until somebody asks, and is hardened before it is returned.
 */

import { apply, defineProperty } from "./primordials.ts";

/** Reads a property as it is now: lazily and once, even if it is changed in the meantime. */
export function reader<T>(object: object, name: string): () => T {
  const descriptor = Object.getOwnPropertyDescriptor(object, name);
  const get = descriptor?.get;
  let value = descriptor?.value as T;
  let isRead = get === undefined;
  return () => {
    if (!isRead) value = apply(get!, object, []) as T;
    isRead = true;
    return value;
  };
}

/**
 * Passes the value of a property to `look` before anyone else reads it, and replaces it with the `value` of the
 * result. Returns a function that returns that result.
 */
export function whenRead<T, Seen extends { readonly value: unknown }>(
  object: object,
  name: string,
  look: (value: T) => Seen,
): () => Seen {
  const read = reader<T>(object, name);
  let seen: Seen | undefined;
  const first = (): Seen => seen ??= look(read());
  const settle = (value: unknown) =>
    defineProperty(object, name, { value, writable: true, configurable: true });
  if (Object.getOwnPropertyDescriptor(object, name)?.get === undefined) settle(first().value);
  else {
    defineProperty(object, name, {
      configurable: true,
      get() {
        const { value } = first();
        settle(value);
        return value;
      },
      set: settle,
    });
  }
  return first;
}
