/**
 * Properties that the runtime loads when they are first read. To read all of them would take as long as to
 * start a worker; so they stay unread until somebody asks, and are looked after before they are handed out.
 */

import { apply, defineProperty } from "./primordials.ts";

/** Reads a property as it is now, once and when asked, whatever becomes of it meanwhile. */
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
 * Has `look` see the value of a property before anybody else reads it, and puts in its place the `value` of
 * what `look` made of it, which is also what the function that is returned returns.
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
