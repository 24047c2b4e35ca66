/** Untrusted JSON. */

/**
 * Parses JSON; keys named `__proto__` are dropped, so that no copy of the value changes a prototype.
 * Invalid JSON gives `undefined`.
 */
export function safeParse(text: string): unknown {
  try {
    // A reviver slows parsing; the key is rare, and written plainly or with escapes.
    if (!/__proto__|\\u00/i.test(text)) return JSON.parse(text);
    return JSON.parse(text, function (this: unknown, key, value) {
      return key === "__proto__" ? undefined : value;
    });
  } catch {
    return undefined;
  }
}
