/** Checks what the schema of a sandbox cannot know: engines that exist, and where its paths lead. */

import * as v from "valibot";
import type { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { closeWritable } from "../process/programs.ts";
import type { PathBase, PathKey } from "../sandbox/paths.ts";
import { isHome, isOfHome, isOfKernel, pathKeys, resolvePath } from "../sandbox/paths.ts";
import { presets } from "../sandbox/presets.ts";
import { didYouMean } from "../text/did_you_mean.ts";
import { isWithin } from "../text/paths.ts";
import { type KeyPath, keyText } from "../text/positions.ts";
import { asArray, asTable, type Document, documentError } from "./_document.ts";
import type { Problem } from "./_schema.ts";
import { maxPaths, sandboxSchema, type SandboxTable } from "./sandbox_schema.ts";

interface SandboxBase extends PathBase {
  /** The engines a sandbox may name; absent when they are not known. */
  readonly engines: readonly string[] | undefined;
}

/** Keeps assay from starting programs in places that a sandbox lets commands write, valid or not. */
export async function closeNamed(
  io: Io,
  root: string,
  documents: readonly Document[],
): Promise<void> {
  const base = baseOf(io, root);
  const named = documents.flatMap(({ value }) => writableNames(value));
  closeWritable(io, await Promise.all(named.map((path) => resolvePath(path, base))));
}

function baseOf(io: Io, root: string): PathBase {
  return { root, home: io.env("HOME"), realPath: io.fs.realPath };
}

function writableNames(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key !== "paths_writable" && key !== "tmpfs") return writableNames(inner);
    const paths: readonly unknown[] = inner === true ? ["/tmp"] : [inner].flat();
    return paths.filter((path) => typeof path === "string" && !path.includes("\0")) as string[];
  });
}

/** What is wrong with the documents' sandboxes. Those without the schema's shape are skipped. */
export async function sandboxErrors(
  io: Io,
  root: string,
  documents: readonly Document[],
  engines: readonly string[] | undefined,
): Promise<UserError[]> {
  const base = { ...baseOf(io, root), engines };
  const written = documents.flatMap((document) =>
    sandboxesOf(document.value).map((each) => ({ document, ...each }))
  );
  const errors = await Promise.all(
    written.map(({ document, path, value }) => errorsOf(document, path, value, base)),
  );
  return errors.flat();
}

interface Written {
  readonly path: KeyPath;
  readonly value: unknown;
}

/** The file's own, and those of its runners and commands. */
function sandboxesOf(value: unknown): Written[] {
  const top = asTable(value) ?? {};
  const entries: Written[] = [
    { path: [], value: top },
    ...asArray(top.runners).map((each, index) => ({ path: ["runners", index], value: each })),
    ...["runners", "commands"].flatMap((key) =>
      Object.entries(asTable(top[key]) ?? {}).map(([name, each]) => ({
        path: [key, name],
        value: each,
      }))
    ),
  ];
  return entries.flatMap(({ path, value }) => {
    const sandbox = asTable(value)?.sandbox;
    return sandbox === undefined ? [] : [{ path: [...path, "sandbox"], value: sandbox }];
  });
}

async function errorsOf(
  document: Document,
  path: KeyPath,
  value: unknown,
  base: SandboxBase,
): Promise<UserError[]> {
  const { typed, output } = v.safeParse(sandboxSchema, value);
  if (!typed || typeof output === "string") return [];
  const problems = [
    ...engineProblems(output, base.engines),
    ...await sandboxPathProblems(output, base),
  ];
  return problems.map((problem) => {
    const full = [...path, ...problem.path];
    return documentError(document, full, `${keyText(full)}: ${problem.message}`, problem.hint);
  });
}

function engineProblems(
  { engines = [] }: SandboxTable,
  known: readonly string[] | undefined,
): Problem[] {
  return engines.flatMap((name, index) => {
    if (known === undefined || known.includes(name)) return [];
    const guess = didYouMean(name, known) || `; known are ${known.join(", ")}`;
    return [{
      path: ["engines", index],
      message: `unknown engine "${name}"${guess}`,
      hint: "assay sandbox doctor shows every engine; a plugin can add others",
    }];
  });
}

// What is wrong with the paths, with their symbolic links followed.

interface Listed {
  readonly key: PathKey;
  readonly at: Problem["path"];
  /** As written. */
  readonly text: string;
  readonly real: string;
}

/** The problems of all paths. Each path is reported once, and compared only when it is understood. */
export async function sandboxPathProblems(
  table: SandboxTable,
  base: PathBase,
): Promise<Problem[]> {
  const written = pathKeys.flatMap((key) => writtenPaths(table, key));
  const unclear = written.flatMap((each) => unclearPath(each, base) ?? []);
  const clear = written.filter((each) => unclearPath(each, base) === undefined);
  const listed = await Promise.all(
    clear.map(async (each) => ({ ...each, real: await resolvePath(each.text, base) })),
  );
  const needed = await Promise.all(neededPaths.map((path) => resolvePath(path, base)));
  const filesystem = table.filesystem ?? presets[table.preset ?? "none"].filesystem;
  const isScoped = filesystem === "scoped_write";
  return [
    ...unclear,
    ...listed.flatMap((each) =>
      widePath(each, base, isScoped) ?? closedPath(each, base) ?? neededPath(each, needed) ?? []
    ),
    ...contradictions(listed),
  ];
}

function writtenPaths(table: SandboxTable, key: PathKey): Omit<Listed, "real">[] {
  const value = table[key] ?? [];
  if (value === true) return [{ key, at: [key], text: "/tmp" }];
  // Anything beyond is refused for the number of paths.
  return value.slice(0, maxPaths).map((text, index) => ({ key, at: [key, index], text }));
}

function problemOf({ at, text }: Omit<Listed, "real">, what: string, hint: string): Problem {
  return { path: at, message: `${JSON.stringify(text)}${what}`, hint };
}

/** A path that would silently name something missing, so that nothing is hidden. */
function unclearPath(path: Omit<Listed, "real">, { home }: PathBase): Problem | undefined {
  const { text } = path;
  if (isOfHome(text) && !isHome(home)) {
    const what = ": HOME is not set, so ~ has no meaning";
    return problemOf(path, what, "set HOME, or write the folder");
  }
  if (text.startsWith("~") && !isOfHome(text)) {
    const hint = `write the folder, or "./${text}" if that is its name`;
    return problemOf(path, ": ~ can only be your own home folder", hint);
  }
  if (/^\$\{?[A-Za-z_]/.test(text)) {
    const hint = `write the folder, ~ for your home folder, or "./${text}" if that is its name`;
    return problemOf(path, ": variables are not expanded here", hint);
  }
  if (!/[*?]/.test(text)) return undefined;
  const what = ": patterns are not supported here";
  return problemOf(path, what, "name the file, or the folder around the files");
}

/** A path that covers the project, or everything. */
function widePath(path: Listed, { root }: PathBase, isScoped: boolean): Problem | undefined {
  const { key, real } = path;
  if (key === "paths_readable" || !isWithin(root, real)) return undefined;
  const what = ` ${real === root ? "is" : "contains"} the project root`;
  if (key === "paths_hidden") {
    return problemOf(path, `${what}, where the command runs`, "name what to hide in it");
  }
  if (key === "tmpfs") {
    // Engines restore the workspace in an emptied folder around it, except for the whole system.
    if (real !== root && real !== "/") return undefined;
    const why = real === "/"
      ? " is the whole file system, and nothing could run"
      : `${what}, and the command would find it empty`;
    return problemOf(path, why, "name the folders to hide");
  }
  if (real === "/") {
    const hint = 'name folders, or set filesystem = "unrestricted"';
    return problemOf(path, " is the whole file system, so nothing is limited", hint);
  }
  if (!isScoped) return undefined;
  const why = `${what}, which is more than "scoped_write" allows`;
  return problemOf(path, why, 'set filesystem = "workspace_only"');
}

/** What no command may write, whatever its sandbox says. */
function closedPath(path: Listed, { root }: PathBase): Problem | undefined {
  const { key, real } = path;
  if (key !== "paths_writable" && key !== "tmpfs") return undefined;
  // A command that could write assay's records of it could forge its own evidence.
  if (isWithin(real, `${root === "/" ? "" : root}/.assay`)) {
    const hint = "name another folder; result_file may be written wherever it is";
    return problemOf(path, " belongs to assay, and no command may write it", hint);
  }
  // The kernel's files are not storage, and a sandbox has its own shared memory.
  if (!isOfKernel(real) || isWithin(real, root)) return undefined;
  const what = " is in /proc, /sys or /dev, which belong to the kernel; what programs need of " +
    "them is writable already";
  return problemOf(path, what, "remove it; /dev/shm is already private");
}

/** Without these no program can load or find itself. */
const neededPaths = [
  ...["/proc", "/dev", "/usr", "/usr/bin", "/usr/lib", "/usr/lib64"],
  ...["/bin", "/lib", "/lib64", "/etc/ld.so.cache"],
];

function neededPath(path: Listed, needed: readonly string[]): Problem | undefined {
  if (path.key !== "paths_hidden" || !needed.includes(path.real)) return undefined;
  const what = " is hidden, and nothing could start without it";
  return problemOf(path, what, "name what to hide in it");
}

/** Pairs that contradict each other for one path, and what they would make of it. */
const conflicts: readonly (readonly [PathKey, PathKey, string])[] = [
  ["paths_writable", "paths_hidden", "both writable and hidden"],
  ["paths_readable", "paths_hidden", "both readable and hidden"],
  ["tmpfs", "paths_hidden", "both writable and hidden"],
  ["tmpfs", "paths_writable", "both temporary and kept"],
  ["tmpfs", "paths_readable", "both empty and readable"],
];

function contradictions(listed: readonly Listed[]): Problem[] {
  return conflicts.flatMap(([key, other, both]) =>
    listed.filter((each) => each.key === key).flatMap((each): Problem[] => {
      const twin = listed.find(({ key, real }) => key === other && real === each.real);
      if (twin === undefined) return [];
      const name = each.text === twin.text ? "" : `${JSON.stringify(twin.text)} `;
      const what = ` is ${name}in ${other} too; a path cannot be ${both}`;
      return [problemOf(each, what, "remove one of them")];
    })
  );
}
