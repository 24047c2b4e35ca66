/**
 * Files, and the folders they lie in, import each other one way: no circle, be it of types alone, and no import of a
 * folder's own `mod.ts` from inside of it. `files.ts` calls it for the whole project.
 *
 * @module
 */

/** What each file imports, by path from the project's root. */
export type Imports = ReadonlyMap<string, readonly string[]>;

const importOf = /\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;

/** The files of the project that a module names: static and dynamic imports, those of types too. */
export function importsIn(file: string, text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  return Array.from(
    code.matchAll(importOf),
    ([, specifier]) => new URL(specifier!, `file:///${file}`).pathname.slice(1),
  );
}

/** Each circle as the imports that make it, `a.ts → b.ts → a.ts`; in each folder its files and folders are looked at. */
export function circlesIn(imports: Imports): string[] {
  const folders = new Set(Array.from(imports.keys()).flatMap(foldersOf));
  return Array.from(folders, (folder) => circleAmong(imports, folder)).filter((circle) =>
    circle !== undefined
  );
}

/** Every import of a `mod.ts` by a file of its folder: `mod.ts` is above what it exports. */
export function importsOfOwnMod(imports: Imports): string[] {
  return Array.from(imports).flatMap(([file, targets]) =>
    targets
      .filter((target) => target.endsWith("/mod.ts") && file.startsWith(target.slice(0, -6)))
      .map((target) => `${file} → ${target}`)
  );
}

/** `src/a/b.ts` lies in `src/a/` and in `src/`; of what lies at the top, the layers have the order. */
function foldersOf(file: string): string[] {
  const parts = file.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/") + "/");
}

/** The first circle among the files and folders of one folder. */
function circleAmong(imports: Imports, folder: string): string | undefined {
  const nameOf = (file: string) => file.slice(folder.length).split("/")[0]!;
  const next = new Map<string, Set<string>>();
  for (const [file, targets] of imports) {
    if (!file.startsWith(folder)) continue;
    const from = nameOf(file);
    for (const target of targets.filter((each) => each.startsWith(folder))) {
      if (nameOf(target) === from) continue;
      next.set(from, (next.get(from) ?? new Set()).add(nameOf(target)));
    }
  }
  const circle = firstCircle(next);
  return circle?.map((name) => folder + name).join(" → ");
}

function firstCircle(next: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const walk = (node: string, way: readonly string[]): string[] | undefined => {
    const met = way.indexOf(node);
    if (met >= 0) return [...way.slice(met), node];
    if (done.has(node)) return undefined;
    for (const target of next.get(node) ?? []) {
      const found = walk(target, [...way, node]);
      if (found) return found;
    }
    done.add(node);
    return undefined;
  };
  for (const node of next.keys()) {
    const found = walk(node, []);
    if (found) return found;
  }
  return undefined;
}
