/**
 * The project as it was resolved before from the same configuration, so that most runs load neither schemas nor checks.
 * It is kept in `$XDG_CACHE_HOME/assay/config`, one file a project, which no sandbox lets a command write. What depends on
 * more than the bytes of the configuration and of its plugins is never kept, such as a sandbox, whose paths are looked up.
 *
 * @module
 */

import type { Io } from "../io.ts";
import { closeWritable } from "../process/programs.ts";
import { cacheFolders } from "../sandbox/probe.ts";
import type { LoadOptions, Project } from "./types.ts";

/** A chunk of a bundle: its name has the hash of its text. Sources change without a trace, and keep nothing. */
const build = /\/[\w.]+-[0-9A-F]{8}\.js$/.exec(import.meta.url)?.[0];

/** Whatever may write a key in other letters, or name paths. */
const doubtful = /\\[uUx]|sandbox|writable|tmpfs/;

/** Larger files hold no project that loads faster for it. */
const maxBytes = 1024 * 1024;

/** Where a project is kept, for which bytes, and the files that they are from. */
interface Place {
  readonly file: string;
  readonly key: string;
  readonly files: readonly string[];
}

interface Kept {
  readonly key: string;
  readonly brought: string;
  readonly project: Project;
}

/**
 * The project as kept, else as `load` resolves it.
 *
 * @param brings loads the module plugins of a project and identifies what they bring; `undefined`: it cannot
 */
export async function remembered(
  io: Io,
  root: string,
  { builtins, knownFormats, engines, extensions: { keys } }: LoadOptions,
  load: () => Promise<Project>,
  brings: (project: Project) => Promise<string | undefined>,
): Promise<Project> {
  const known = { builtins, knownFormats, engines, keys };
  const place = await placeOf(io, root, known).catch(() => undefined);
  const kept = place && await recall(io, place).catch(() => undefined);
  if (kept && await brings(kept.project) === kept.brought) {
    closeWritable(io, []);
    return kept.project;
  }
  const project = await load();
  const isWhole = project.files.every((file) => place?.files.includes(file)) && isPlain(project);
  if (!place || !isWhole) return project;
  const { key } = place;
  const brought = await brings(project);
  if (brought === undefined || doubtful.test(brought)) return project;
  // A cache that cannot be written is none.
  await keep(io, place.file, { key, brought, project }).catch(() => {});
  return project;
}

async function placeOf(io: Io, root: string, known: unknown): Promise<Place | undefined> {
  const [folder] = cacheFolders(io);
  if (build === undefined || folder === undefined) return undefined;
  // Where Deno would ask the user, it does without.
  if (io.missing({ read: [folder], write: [folder] }).length > 0) return undefined;
  const texts: [string, string][] = [];
  const names = (await io.fs.list(root)).map(({ name }) => name);
  for (const part of [".assay", ".codeloop", ".bird"].filter((name) => names.includes(name))) {
    for (const { name, isDirectory } of await io.fs.list(`${root}/${part}`)) {
      if (isDirectory || !/^(?:config|plugins|commands)\.(?:toml|json)$/.test(name)) continue;
      const text = await io.fs.readText(`${root}/${part}/${name}`);
      if (doubtful.test(text)) return undefined;
      texts.push([`${part}/${name}`, text]);
    }
  }
  const key = JSON.stringify([build, io.os, root, known, texts.toSorted()]);
  const hash = (text: string) => io.sha256(new TextEncoder().encode(text));
  const files = texts.map(([name]) => name);
  const [name, sha256] = await Promise.all([hash(root), hash(key)]);
  return { file: `${folder}/config/${name}.json`, key: sha256, files };
}

async function recall(io: Io, { file, key }: Place): Promise<Kept | undefined> {
  const info = await io.fs.lstat(file);
  if (!info?.isFile || info.size > maxBytes) return undefined;
  const kept: Kept = JSON.parse(await io.fs.readText(file));
  return kept.key === key ? kept : undefined;
}

async function keep(io: Io, file: string, kept: Kept): Promise<void> {
  await io.fs.mkdir(file.slice(0, file.lastIndexOf("/")));
  await io.fs.writeAtomic(file, JSON.stringify(kept));
}

/** Whether a value is the same after it was JSON; keys without a value may be left out. */
function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return value === null || Number.isFinite(value) || ["string", "boolean"].includes(typeof value);
  }
  if (Array.isArray(value)) return value.every(isPlain);
  const isTable = [Object.prototype, null].includes(Object.getPrototypeOf(value));
  return isTable && Object.values(value).every((each) => each === undefined || isPlain(each));
}
