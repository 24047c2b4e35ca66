/**
 * The project as it was resolved before from the same configuration, so that most runs load neither schemas nor checks.
 * It is kept in `$XDG_CACHE_HOME/assay/config`, one file a project, which no sandbox lets a command write. What depends on
 * more than the bytes of the configuration is never kept: sandboxes, whose paths are looked up, and module plugins.
 *
 * @module
 */

import type { Io } from "../io.ts";
import { closeWritable } from "../process/programs.ts";
import { cacheFolders } from "../sandbox/probe.ts";
import type { LoadOptions, Project } from "./types.ts";

/** A chunk of a bundle: its name has the hash of its text. Sources change without a trace, and keep nothing. */
const build = /\/[\w.]+-[0-9A-F]{8}\.js$/.exec(import.meta.url)?.[0];

/** Whatever may write a key in other letters, or name paths and plugins. */
const doubtful = /\\[uUx]|sandbox|writable|tmpfs/;
const doubtfulSettings = /plugin|modules/;

/** Larger files hold no project that loads faster for it. */
const maxBytes = 1024 * 1024;

/** Where a project is kept, and for which bytes. */
interface Place {
  readonly file: string;
  readonly key: string;
}

/** The project as kept, else as `load` resolves it. */
export async function remembered(
  io: Io,
  root: string,
  { builtins, knownFormats, engines, extensions: { keys } }: LoadOptions,
  load: () => Promise<Project>,
): Promise<Project> {
  const known = { builtins, knownFormats, engines, keys };
  const place = await placeOf(io, root, known).catch(() => undefined);
  const kept = place && await recall(io, place).catch(() => undefined);
  if (kept) {
    closeWritable(io, []);
    return kept;
  }
  const project = await load();
  // A cache that cannot be written is none.
  if (place && isPlain(project)) await keep(io, place, project).catch(() => {});
  return project;
}

async function placeOf(io: Io, root: string, known: unknown): Promise<Place | undefined> {
  const [folder] = cacheFolders(io);
  if (build === undefined || folder === undefined) return undefined;
  const texts: [string, string][] = [];
  const names = (await io.fs.list(root)).map(({ name }) => name);
  for (const part of [".assay", ".codeloop", ".bird"].filter((name) => names.includes(name))) {
    for (const { name, isDirectory } of await io.fs.list(`${root}/${part}`)) {
      if (isDirectory || !/^(?:config|plugins|commands)\.(?:toml|json)$/.test(name)) continue;
      const text = await io.fs.readText(`${root}/${part}/${name}`);
      const isSettings = name.startsWith("config.");
      if (doubtful.test(text) || isSettings && doubtfulSettings.test(text)) return undefined;
      texts.push([`${part}/${name}`, text]);
    }
  }
  const key = JSON.stringify([build, io.os, root, known, texts.toSorted()]);
  const hash = (text: string) => io.sha256(new TextEncoder().encode(text));
  return { file: `${folder}/config/${await hash(root)}.json`, key: await hash(key) };
}

async function recall(io: Io, { file, key }: Place): Promise<Project | undefined> {
  const info = await io.fs.lstat(file);
  if (!info?.isFile || info.size > maxBytes) return undefined;
  const kept = JSON.parse(await io.fs.readText(file)) as { key: string; project: Project };
  return kept.key === key ? kept.project : undefined;
}

async function keep(io: Io, { file, key }: Place, project: Project): Promise<void> {
  await io.fs.mkdir(file.slice(0, file.lastIndexOf("/")));
  await io.fs.writeAtomic(file, JSON.stringify({ key, project }));
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
