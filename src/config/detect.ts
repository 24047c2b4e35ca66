/** Which runners apply to a project, and the evidence. */

import { messageOf } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Detect } from "../plugin.ts";
import type { CommandDef, Detection, Project } from "./types.ts";
import { join } from "@std/path";
import { parseToml } from "../text/toml.ts";

/** How many files of one glob are searched for a key or text. */
const maxMatches = 100;

type DetectTable = Exclude<Detect, string>;

interface Answer {
  readonly detected: boolean;
  readonly why: string;
}

/** Whether a runner applies: one matching rule is enough. */
export async function detect(
  io: Io,
  root: string,
  def: CommandDef,
  files: ProjectFiles = new ProjectFiles(io, root),
): Promise<Detection> {
  if (def.detect.length === 0) {
    return { def, detected: true, why: "always applies: it has no detect_file" };
  }
  const misses: string[] = [];
  for (const one of def.detect) {
    const { detected, why } = typeof one === "string"
      ? await detectPath(files, one)
      : await detectContent(files, one);
    if (detected) return { def, detected, why };
    if (!misses.includes(why)) misses.push(why);
  }
  return { def, detected: false, why: misses.join("; ") };
}

/** Checks every runner of a project; files are listed and read only once. */
export function detectAll(io: Io, project: Project): Promise<Detection[]> {
  const files = new ProjectFiles(io, project.root);
  return Promise.all(project.runners.map((def) => detect(io, project.root, def, files)));
}

async function detectPath(files: ProjectFiles, pattern: string): Promise<Answer> {
  const { paths: [path], cut } = await files.find(pattern, 1);
  if (path === undefined) return { detected: false, why: missing(pattern, cut) };
  const why = isGlob(pattern) ? `${path} matches "${pattern}"` : `found ${path}`;
  return { detected: true, why };
}

async function detectContent(files: ProjectFiles, wanted: DetectTable): Promise<Answer> {
  const { paths, cut } = await files.find(wanted.file, maxMatches);
  const misses: string[] = [];
  for (const path of paths) {
    const answer = await lookInto(files, path, wanted);
    if (answer.detected) return answer;
    misses.push(answer.why);
  }
  return { detected: false, why: misses[0] ?? missing(wanted.file, cut) };
}

function missing(pattern: string, cut: boolean): string {
  if (!isGlob(pattern)) return `no ${pattern}`;
  return `no file matches "${pattern}"${cut ? " among the first 50000" : ""}`;
}

/**
 * A file that cannot be read counts as detected: its runner then fails with the tool's own message, while
 * leaving it out would let a broken manifest pass.
 */
async function lookInto(
  files: ProjectFiles,
  path: string,
  { key, contains, not_contains: unwantedTexts = [] }: DetectTable,
): Promise<Answer> {
  const answer = (detected: boolean, why: string) => ({ detected, why });
  let value: unknown;
  try {
    value = key === undefined
      ? `\n${await files.text(path)}`
      : valueAt(await files.value(path), key);
  } catch (error) {
    return answer(true, `found ${path}, but ${messageOf(error)}`);
  }
  if (value === undefined || value === null || value === "") {
    return answer(false, `${path} has no key "${key}"`);
  }
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const where = key === undefined ? path : `"${key}" in ${path}`;
  if (contains !== undefined && !text.includes(contains)) {
    return answer(false, `${where} does not contain ${JSON.stringify(contains)}`);
  }
  const unwanted = [unwantedTexts].flat().find((each) => text.includes(each));
  if (unwanted !== undefined) return answer(false, `${where} contains ${JSON.stringify(unwanted)}`);
  if (contains !== undefined) return answer(true, `${where} contains ${JSON.stringify(contains)}`);
  return answer(true, key === undefined ? `found ${path}` : `${path} has the key "${key}"`);
}

/** The value at a dotted path, by own keys. */
function valueAt(value: unknown, key: string): unknown {
  return key.split(".").reduce(
    (inner, name) => Object.hasOwn(Object(inner), name) ? Object(inner)[name] : undefined,
    value,
  );
}

// The files of a project as detection sees them: listed and read once for all runners.

/** A walk stops after this many files and folders. */
const maxEntries = 50_000;

/** Manifests are small; larger files are not read. */
const maxBytes = 4 * 1024 * 1024;

/** Folders listed at the same time. */
const parallel = 16;

/** Folders of dependencies, caches and evidence: their contents say nothing about the project. */
const skipped: ReadonlySet<string> = new Set(
  ".git .hg .svn .assay .codeloop node_modules bower_components vendor .venv venv site-packages"
    .concat(" __pycache__ .tox .nox .mypy_cache .pytest_cache .ruff_cache .gradle .next .cache")
    .concat(" target .bundle")
    .split(" "),
);

interface Entry {
  readonly path: string;
  readonly name: string;
  readonly isDirectory: boolean;
  readonly isFile: boolean;
}

interface Found {
  readonly paths: readonly string[];
  /** The walk stopped early. */
  readonly cut: boolean;
}

/** Whether the text is a glob and not a plain path. */
function isGlob(text: string): boolean {
  return /[*?[\]{}\\]/.test(text);
}

class ProjectFiles {
  readonly #lists = new Map<string, Promise<readonly Entry[]>>();
  readonly #texts = new Map<string, Promise<string>>();
  readonly #values = new Map<string, Promise<unknown>>();

  constructor(private readonly io: Io, private readonly root: string) {}

  /** The paths that a path or glob names, at most `limit`. */
  async find(pattern: string, limit: number): Promise<Found> {
    const plain = pattern.replace(/^(?:\.\/)+/, "").replace(/\/+$/, "");
    if (isGlob(plain)) return await this.#walk(plain, limit);
    return { paths: await this.#exists(plain) ? [plain] : [], cut: false };
  }

  /** The text of a file; throws with the reason if it cannot be read. */
  text(file: string): Promise<string> {
    return remember(this.#texts, file, async () => {
      const path = join(this.root, file);
      const info = await this.io.fs.stat(path).catch(unreadable);
      if (!info?.isFile) throw new Error("it is not a file");
      if (info.size > maxBytes) throw new Error("it is larger than 4 MiB");
      return (await this.io.fs.readText(path).catch(unreadable)).replace(/^\uFEFF/, "");
    });
  }

  /** The value of a JSON (comments allowed) or TOML file. */
  value(file: string): Promise<unknown> {
    return remember(this.#values, file, async () => {
      const text = await this.text(file);
      return await parse(file, text).catch(unreadable);
    });
  }

  async #exists(path: string): Promise<boolean> {
    if (path === "" || path === ".") return true;
    // A shared listing is cheaper than probing for a missing file.
    const slash = path.lastIndexOf("/");
    const folder = slash < 0 ? "" : path.slice(0, slash);
    if (path.split("/").includes("..")) {
      return await this.io.fs.stat(join(this.root, path)) !== undefined;
    }
    if (folder !== "" && !await this.#exists(folder)) return false;
    const entry = (await this.#list(folder)).find((each) => each.path === path);
    return entry !== undefined && await this.#isReal(entry);
  }

  /** A symbolic link counts when it leads somewhere inside the root. */
  async #isReal({ path, isDirectory, isFile }: Entry): Promise<boolean> {
    if (isDirectory || isFile) return true;
    const absolute = join(this.root, path);
    if (!await this.io.fs.stat(absolute)) return false;
    return (await this.io.fs.realPath(absolute)).startsWith(`${this.root}/`);
  }

  #list(folder: string): Promise<readonly Entry[]> {
    return remember(this.#lists, folder, async () => {
      try {
        const names = await this.io.fs.list(join(this.root, folder));
        return names.map(({ name, isDirectory, isFile }) => ({
          path: folder === "" ? name : `${folder}/${name}`,
          name,
          isDirectory,
          isFile,
        })).sort((a, b) => a.name < b.name ? -1 : 1);
      } catch {
        // Not a folder, or not accessible: it has nothing for the runners either way.
        return [];
      }
    });
  }

  /** Breadth first, so that the nearest files are found first; only into folders that may match. */
  async #walk(glob: string, limit: number): Promise<Found> {
    const { default: zeptomatch } = await import("zeptomatch");
    const [whole, beginning] = [
      zeptomatch.compile(glob),
      zeptomatch.compile(glob, { partial: true }),
    ];
    const paths: string[] = [];
    let seen = 0;
    let level = [staticPrefix(glob)];
    while (level.length > 0) {
      const next: string[] = [];
      for (let start = 0; start < level.length; start += parallel) {
        const folders = level.slice(start, start + parallel);
        const entries = (await Promise.all(folders.map((folder) => this.#list(folder)))).flat();
        for (const entry of entries) {
          if (++seen > maxEntries) return { paths, cut: true };
          if (whole.test(entry.path) && await this.#isReal(entry)) paths.push(entry.path);
          if (paths.length >= limit) return { paths, cut: false };
          const enter = entry.isDirectory && !skipped.has(entry.name);
          if (enter && beginning.test(entry.path)) next.push(entry.path);
        }
      }
      level = next;
    }
    return { paths, cut: false };
  }
}

/** The folders a glob begins with before its first special character. */
function staticPrefix(glob: string): string {
  const parts = glob.split("/");
  const first = parts.findIndex((part) => isGlob(part));
  return parts.slice(0, Math.max(0, first)).join("/");
}

function remember<T>(
  map: Map<string, Promise<T>>,
  key: string,
  make: () => Promise<T>,
): Promise<T> {
  const known = map.get(key);
  if (known) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function unreadable(error: unknown): never {
  throw new Error(`it cannot be read: ${messageOf(error).split("\n")[0]}`);
}

async function parse(file: string, text: string): Promise<unknown> {
  if (file.endsWith(".toml")) return await parseToml(text);
  try {
    return JSON.parse(text);
  } catch {
    // deno.json, tsconfig.json and similar files may have comments and trailing commas.
    return JSON.parse(withoutComments(text));
  }
}

function withoutComments(text: string): string {
  const strings = '"(?:[^"\\\\]|\\\\.)*"';
  return text
    .replace(new RegExp(`(${strings})|//[^\\n]*|/\\*[^]*?\\*/`, "g"), "$1")
    .replace(new RegExp(`(${strings})|,(?=\\s*[}\\]])`, "g"), "$1");
}
