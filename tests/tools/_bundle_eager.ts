/**
 * Functions that every run calls are compiled when their chunk is loaded, and so come from Deno's code cache the next
 * time: V8 compiles a function at once when it is written in parentheses, any other one when it is first called, each
 * time the program runs. `eager.txt` names them by module; `deno task eager` renews it, and a name that is missing
 * there or is gone costs time and nothing else.
 *
 * @module
 */

export const list = new URL("eager.txt", import.meta.url);

const declaration = /^(?:async )?function\*? ([\w$]+)\(/;

/** The bundler numbers names that two modules of a chunk have. */
function nameIn(module: string, name: string): string {
  return `${module} ${name.replace(/\d+$/, "")}`;
}

/** Visits the functions at the top of a text; where `visit` says so, they are moved to its head, in parentheses. */
function moved(text: string, visit: (name: string, at: number) => boolean): string {
  const [head, rest]: [string[], string[]] = [[], []];
  let [module, at] = ["", 0];
  // The function that is moved; the bundler indents all of it but its last line.
  let into = rest;
  for (const line of text.split("\n")) {
    module = /^\/\/ ((?:src|plugins|npm:).*)$/.exec(line)?.[1] ?? module;
    const name = declaration.exec(line)?.[1];
    const isMoved = name !== undefined && module !== "" && visit(nameIn(module, name), at);
    if (isMoved) into = head;
    const isEnd = into === head && line === "}";
    into.push((isMoved ? `var ${name} = (` : "") + line + (isEnd ? ");" : ""));
    if (isEnd) into = rest;
    at += line.length + 1;
  }
  return [...head, ...rest].join("\n");
}

/** The text of a chunk with its functions that every run calls at its head, in parentheses. */
export function withEagerFunctions(text: string): string {
  const names = new Set(Deno.readTextFileSync(list).split("\n"));
  return moved(text, (name) => names.has(name));
}

/** Writes the list: what was called in `coverage`, a folder that `deno run --coverage` filled. */
export function writeEager(coverage: string): void {
  const names = new Set<string>();
  for (const { name } of Deno.readDirSync(coverage)) {
    const { url, functions } = JSON.parse(Deno.readTextFileSync(`${coverage}/${name}`));
    if (!url.startsWith("file:")) continue;
    const called = new Set<number>();
    for (const { ranges: [{ startOffset, count }] } of functions) {
      if (count > 0) called.add(startOffset);
    }
    moved(Deno.readTextFileSync(new URL(url)), (each, at) => {
      if (called.has(at)) names.add(each);
      return false;
    });
  }
  Deno.writeTextFileSync(list, `${[...names].toSorted().join("\n")}\n`);
}
