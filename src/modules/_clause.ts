/** What stands between `import` and the specifier: the names it binds. */

const comments = /\/\*(?:[^*]|\*(?!\/))*\*\/|\/\/[^\n\r\u2028\u2029]*/g;
const names = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,{}*"']+/g;

/**
 * The names that an import asks its module for, without `*`. `undefined` when the clause is none: then
 * whoever found the import was mistaken about where it is.
 */
export function importedNames(clause: string): string[] | undefined {
  const text = clause.replaceAll(comments, " ");
  const words = text.match(names) ?? [];
  if (words.some((word) => !/^["']/.test(word) && /[^\w$\\{}\u0080-\uffff]/.test(word))) {
    return undefined;
  }
  const braced = /\{([^}]*)\}/.exec(text);
  const listed = (braced?.[1] ?? "").split(",").flatMap((part) => {
    const [name] = part.match(names) ?? [];
    return name === undefined ? [] : [unquoted(name)];
  });
  const [first = "from"] = text.trimStart().match(/^[^\s,{}*"']+/) ?? [];
  const isDefault = first !== "from" || /^\s*from\s+from\s*$/.test(text);
  return isDefault && first !== "" ? ["default", ...listed] : listed;
}

function unquoted(name: string): string {
  return /^["']/.test(name) ? name.slice(1, -1) : name;
}
