/**
 * The programs that assay itself starts: git, shells, perl, engines and what they call. Each is looked up once, in the
 * order of the user's `PATH`, but never where a command may have put one: in the project, where a sandbox lets
 * commands write, or relative to a folder. The user's own commands keep their `PATH` as it is.
 *
 * @module
 */

import { dirname, join, resolve } from "@std/path";
import { type FileInfo, type Io, textOf } from "../io.ts";

/** What {@linkcode programOf} looks through when no folder of `PATH` may be used, as shells do. */
const defaultPath = "/usr/bin:/bin";

/** Links followed before a path counts as a loop, as in the kernel. */
const maxLinks = 40;

/**
 * Excludes the project at `root` and the repository around it from the search. `configured` reads the configuration: no
 * program is looked up before it is known where else commands may write.
 */
export async function closeProject(
  io: Io,
  root: string,
  configured: () => Promise<unknown>,
): Promise<void> {
  io.programs.configured ??= configured;
  let top = root;
  while (top !== "/" && await infoOf(io, `${top}/.git`) === undefined) top = dirname(top);
  closeFolders(io, [root, top], "inside the workspace");
}

/** Excludes what the configuration lets commands write, which is known from now on. */
export function closeWritable(io: Io, paths: readonly string[]): void {
  closeFolders(io, paths, "where a sandboxed command may write");
  io.programs.known = Promise.resolve();
}

/** Excludes real paths. A project at `/` holds every program: then nothing is excluded. */
export function closeFolders({ programs }: Io, paths: readonly string[], where: string): void {
  for (const path of paths) {
    if (path === "/" || programs.closed.has(path)) continue;
    programs.closed.set(path, where);
    programs.found.clear();
  }
}

/**
 * The absolute path of a program. For a shell, the system's own where it has one.
 *
 * @throws an error for which `isNotFound` holds, with the reason, when there is none that may be used
 */
export function programOf(io: Io, name: string): Promise<string> {
  return once(io, name, async () => {
    // Nothing confines a command there.
    if (io.os === "windows") return name;
    const open = (await openPath(io)).split(":").filter((entry) => entry !== "");
    for (const folder of name === "sh" ? ["/bin", ...open] : open) {
      const path = join(folder, name);
      if (await isProgram(io, path) && await whyClosed(io, path) === undefined) return path;
    }
    throw io.programs.unread ??
      Object.assign(new Error(await whyNone(io, name)), { code: "ENOENT" });
  });
}

async function whyNone(io: Io, name: string): Promise<string> {
  for (const entry of entriesOf(io)) {
    const path = join(resolve(io.cwd, entry), name);
    if (!await isProgram(io, path)) continue;
    const why = await whyClosed(io, entry.startsWith("/") ? path : entry) ??
      "in a folder that holds what a command may write";
    return `${name} was found only ${why}: ${path}`;
  }
  return `there is no ${name} on PATH`;
}

/** How a helper such as `grep` is started: by the shell, where Deno may run the shell and not it. */
export async function helperArgv(io: Io, path: string): Promise<readonly string[]> {
  return mayRun(io, path) ? [path] : [await programOf(io, "sh"), "-c", 'exec "$0" "$@"', path];
}

/**
 * The same for a path.
 *
 * @returns `undefined`: nothing exists there, or a command may have put it there
 */
export async function programAt(io: Io, path: string): Promise<string | undefined> {
  await configurationKnown(io);
  const isUsable = await isProgram(io, path) && await whyClosed(io, path) === undefined;
  return isUsable ? path : undefined;
}

/** assay's own environment for such a program: what it starts by name is found in the same folders. */
export async function programEnvironment(
  io: Io,
): Promise<Record<string, string> & { readonly PATH: string }> {
  const { GIT_EXEC_PATH: helpers, ...env } = io.environment();
  const isKept = helpers && await whyClosed(io, helpers) === undefined;
  return {
    ...env,
    PATH: await openPath(io) || defaultPath,
    ...isKept ? { GIT_EXEC_PATH: helpers } : {},
  };
}

/** What such a program prints, and its exit code; its standard error is not read. */
export async function printed(
  io: Io,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly text: string; readonly code: number }> {
  const { stdout, stderr, status } = io.spawn(argv, { cwd: "/", env, group: false });
  const [text, { code }] = await Promise.all([textOf(stdout), status, stderr.cancel()]);
  return { text, code };
}

/** The folders of `PATH` where no command may write. */
function openPath(io: Io): Promise<string> {
  return once(io, ":", async () => {
    if (io.os === "windows") return io.env("PATH") ?? "";
    const closed = new Set([...io.programs.closed.keys()].map((path) => dirname(path)));
    const open: string[] = [];
    for (const entry of new Set(entriesOf(io))) {
      if (!closed.has(entry) && await whyClosed(io, entry) === undefined) open.push(entry);
    }
    return open.join(":");
  });
}

async function once(io: Io, name: string, find: () => Promise<string>): Promise<string> {
  await configurationKnown(io);
  const { found } = io.programs;
  const key = `${name}\0${io.env("PATH")}`;
  const finding = found.get(key) ?? find();
  found.set(key, finding);
  return await finding;
}

function configurationKnown({ programs }: Io): Promise<unknown> | undefined {
  return programs.known ??= programs.configured?.();
}

function entriesOf(io: Io): string[] {
  return (io.env("PATH") ?? defaultPath).split(":");
}

export function mayRun(io: Io, path: string): boolean {
  return io.missing({ run: [path] }).length === 0;
}

async function isProgram(io: Io, path: string): Promise<boolean> {
  const info = await infoOf(io, path, true);
  return info?.isFile === true && ((info.mode ?? 0o111) & 0o111) !== 0;
}

async function infoOf(io: Io, path: string, follow = false): Promise<FileInfo | undefined> {
  try {
    return follow ? await io.fs.stat(path) : await io.fs.lstat(path);
  } catch (error) {
    // Where assay may not look, it starts nothing.
    if ((error as Error).name === "NotCapable") io.programs.unread ??= error as Error;
    return undefined;
  }
}

/** Why a path must not be used; `undefined`: it may. Each link on the way must lie where no command can replace it. */
async function whyClosed(io: Io, path: string): Promise<string | undefined> {
  if (!path.startsWith("/")) {
    return `by the entry ${JSON.stringify(path)} of PATH, which is not an absolute path`;
  }
  const rest = path.split("/");
  let reached = "";
  for (let links = 0; rest.length > 0;) {
    const part = rest.shift()!;
    if (part === "" || part === ".") continue;
    if (part === "..") {
      reached = dirname(reached || "/").replace(/^\/$/, "");
      continue;
    }
    const next = `${reached}/${part}`;
    const where = io.programs.closed.get(next);
    if (where !== undefined) return where;
    const info = await infoOf(io, next);
    if (info === undefined || (info.isSymlink && ++links > maxLinks)) return "where nothing is";
    if (!info.isSymlink) {
      reached = next;
      continue;
    }
    const target = await io.fs.readLink(next);
    rest.unshift(...target.split("/"));
    if (target.startsWith("/")) reached = "";
  }
  return undefined;
}
