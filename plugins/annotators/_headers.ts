/** What the text before a block says of it: the header of a function, a method, a type, or of neither. */

/** The name a header gives its block. */
export interface Name {
  readonly name: string;
  /** A `method` is known by its form alone, which inside a function may be a statement's. */
  readonly kind: "function" | "method" | "type";
}

/** The name in a header, or nothing. */
export type NameOf = (header: string) => Name | undefined;

/** A name in a program, for a pattern with the flag `u`. */
export const word = String.raw`[\p{L}_$][\p{L}\p{N}_$]*`;

/** The last match of a pattern; its groups, joined by a dot, are the name. */
export function pattern(kind: Name["kind"], source: string): NameOf {
  const expression = new RegExp(source, "gmu");
  return (header) => {
    const groups = [...header.matchAll(expression)].at(-1)?.groups;
    if (groups === undefined) return undefined;
    return { kind, name: Object.values(groups).filter((part) => part !== undefined).join(".") };
  };
}

/** The first of several ways that finds a name. */
export function either(...ways: readonly NameOf[]): NameOf {
  return (header) => {
    for (const way of ways) {
      const found = way(header);
      if (found) return found;
    }
    return undefined;
  };
}

/** A method's form, save where its name is a statement's word. */
export function method(source: string, statements: readonly string[]): NameOf {
  const named = pattern("method", source);
  return (header) => {
    const found = named(header);
    return found && !statements.includes(found.name) ? found : undefined;
  };
}

/** What stands between brackets left out: `f(a(b)) g<X>()` becomes `f() g<X>()`. */
export function flat(header: string): string {
  let depth = 0;
  let text = "";
  for (const character of header) {
    if (character === ")" || character === "]") depth--;
    if (depth === 0) text += character;
    if (character === "(" || character === "[") depth++;
  }
  return text;
}
