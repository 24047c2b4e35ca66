/** A world in which a hook run dies, and what must be the same after it; for the tests of this folder. */

import type { Fs, Io } from "../io.ts";
import { readStatus, statusArguments } from "../git/git.ts";
import { ulid } from "../ulid.ts";
import { hookPlaces } from "./journal.ts";
import { setAside, survey } from "./stash.ts";
import { openRepository } from "./target.ts";

/** Thrown where a process would have ended. */
export class Died extends Error {}

/** An Io whose process ends before its `limit`-th change of the disk; `count` says how many there were. */
export function mortal(io: Io, limit: number): { io: Io; count: () => number } {
  let count = 0;
  let dead = false;
  const step = () => {
    if (dead || count === limit) {
      dead = true;
      throw new Died();
    }
    count++;
  };
  const changes: (keyof Fs)[] = [
    ..."writeText writeAtomic writeNew openWrite mkdir mkdirPrivate copy rename link".split(" "),
    ..."chmod touch sync removeOne remove".split(" "),
  ] as (keyof Fs)[];
  const fs = Object.fromEntries(
    Object.entries(io.fs).map(([name, call]) => [
      name,
      // deno-lint-ignore require-await -- what it throws is a rejection
      async (...args: unknown[]) => {
        if (changes.includes(name as keyof Fs)) step();
        else if (dead) throw new Died();
        return (call as (...args: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Fs;
  const spawn: Io["spawn"] = (argv, options) => {
    // Git only reads the working tree here, `cp` is a change.
    if (argv[0] === "cp") step();
    if (dead) throw new Died();
    return io.spawn(argv, options);
  };
  return { io: { ...io, fs, spawn }, count: () => count };
}

/** An Io to which the git folder is on another file system than the working tree. */
export function acrossFileSystems(io: Io): Io {
  const isInside = (path: string) => /\/\.git\//.test(path);
  const refuse = (from: string, to: string) => {
    if (isInside(from) === isInside(to)) return;
    throw Object.assign(new Error("Invalid cross-device link"), { code: "EXDEV" });
  };
  return {
    ...io,
    fs: {
      ...io.fs,
      // deno-lint-ignore require-await -- what it throws is a rejection
      link: async (from, to) => (refuse(from, to), io.fs.link(from, to)),
      // deno-lint-ignore require-await -- what it throws is a rejection
      rename: async (from, to) => (refuse(from, to), io.fs.rename(from, to)),
    },
  };
}

/** Surveys a working tree and sets aside what is not staged, as a hook run does. */
export async function setAsideAll(io: Io, root: string) {
  const repository = await openRepository(io, root);
  const status = readStatus(await repository.git(statusArguments));
  const found = await survey(io, repository.top, status, () => false);
  const places = hookPlaces(repository.gitDir);
  await io.fs.mkdir(places.folder);
  const { entries, emptied, made } = found;
  const request = { entries, emptied, made, hook: "pre-commit", session: ulid(io) };
  return { places, journal: await setAside(io, repository, places, request) };
}

/**
 * Everything below a folder but `.git`: kind, mode, content or target, and the time of those git does not track:
 * what comes back to where another version stood is new.
 */
export async function snapshot(root: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("git", { args: ["ls-files", "-z"], cwd: root })
    .output();
  return await linesOf(root, "", new Set(new TextDecoder().decode(stdout).split("\0")));
}

async function linesOf(
  root: string,
  folder: string,
  tracked: ReadonlySet<string>,
): Promise<string[]> {
  const lines: string[] = [];
  for await (const { name } of Deno.readDir(`${root}/${folder}`)) {
    const path = `${folder}${name}`;
    if (path === ".git") continue;
    const info = await Deno.lstat(`${root}/${path}`);
    const mode = ((info.mode ?? 0) & 0o7777).toString(8);
    const shown = JSON.stringify(path);
    if (info.isDirectory) {
      lines.push(`${shown} folder ${mode}`, ...await linesOf(root, `${path}/`, tracked));
    } else if (info.isSymlink) {
      lines.push(
        `${shown} link ${info.mtime?.getTime()} ${await Deno.readLink(`${root}/${path}`)}`,
      );
    } else {
      const text = String(await Deno.readFile(`${root}/${path}`));
      const time = tracked.has(path) ? "-" : info.mtime?.getTime();
      lines.push(`${shown} file ${mode} ${time} ${text}`);
    }
  }
  return lines.toSorted();
}
