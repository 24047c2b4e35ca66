/**
 * What the user trusts, by the real path of each project: `$XDG_DATA_HOME/assay/trust.json`. It is outside
 * every repository, so that none can ship its own, and is only honoured if no other user can write it.
 */

import { dirname, join } from "@std/path";
import * as v from "valibot";
import { messageOf, UserError } from "../errors.ts";
import { waitForLock } from "../failure.ts";
import type { Io } from "../io.ts";
import type { PluginSetting } from "../plugin_setting.ts";
import { resolvePath } from "../sandbox/paths.ts";
import { ulid } from "../ulid.ts";
import { shown } from "./_refusal.ts";
import { changesOf, type Content, contentSchema, digestOf } from "./content.ts";
import { beyond } from "./lock.ts";

export { shown };

const schema = v.strictObject({
  version: v.literal(1),
  roots: v.record(v.string(), contentSchema),
});

type Roots = Readonly<Record<string, Content>>;

/** How long another assay may take to write the file, in milliseconds. */
const lockMs = 10_000;

/** Group and others. */
const writableByOthers = 0o022;

/**
 * Where it is kept.
 *
 * @throws {UserError} when there is no such place, or it is inside the project that it would vouch for, or inside a
 * repository around that. A home folder kept in a repository does not count: it is the user's own.
 */
export async function trustFile(io: Io, root: string): Promise<string> {
  const xdg = io.env("XDG_DATA_HOME");
  const home = io.env("HOME");
  const data = xdg?.startsWith("/")
    ? xdg
    : home?.startsWith("/")
    ? join(home, ".local/share")
    : undefined;
  if (data === undefined) throw problem("there is no place for it: HOME is not set", "set HOME");
  const file = join(data, "assay/trust.json");
  const real = (path: string) => resolvePath(path, { root, home, realPath: io.fs.realPath });
  const folder = await real(dirname(file));
  for (let around = root;; around = dirname(around)) {
    const holds = `${folder}/`.startsWith(around === "/" ? around : `${around}/`);
    const isRepository = async () =>
      !(home && around === await real(home)) &&
      await io.fs.lstat(join(around, ".git")) !== undefined;
    if (holds && (around === root || await isRepository())) {
      const what = around === root ? "project" : "repository";
      throw problem(
        `${file} lies inside of the ${what} ${around}, which could bring its own`,
        "set XDG_DATA_HOME to a folder outside of it",
      );
    }
    if (dirname(around) === around) return file;
  }
}

export type TrustState =
  /** By the record, or by a digest given for one call. */
  | { readonly isTrusted: true; readonly isRemembered: boolean }
  | {
    readonly isTrusted: false;
    readonly why: string;
    /** What differs from the record; absent where there is none. */
    readonly changes?: readonly string[];
  };

/** Whether a project's content is trusted. `given` is a trusted digest, if the user gave one. */
export async function trustStateOf(
  io: Io,
  root: string,
  content: Content,
  given: string | undefined,
): Promise<TrustState> {
  if (given && given === await digestOf(io, content)) {
    return { isTrusted: true, isRemembered: false };
  }
  const trusted = await readTrust(io, root);
  const changes = trusted && changesOf(trusted, content);
  if (changes?.length === 0) return { isTrusted: true, isRemembered: true };
  const why = changes
    ? `what it would run has changed since you trusted it: ${changes.join("; ")}`
    : "this project's plugins are not trusted yet";
  return { isTrusted: false, why, ...changes ? { changes } : {} };
}

/** The refusal to load a plugin. It suggests no command that would accept without showing. */
export function notTrusted(setting: PluginSetting, why: string): UserError {
  const { url, isolation, file, line } = setting;
  const wants = isolation === "none"
    ? "it would run in assay's own process, with all its permissions"
    : `it has permissions (${beyond(setting, undefined).join(", ")})`;
  return new UserError(`Refusing to load the plugin ${shown(url)}: ${wants}, and ${why}`, {
    code: "not_trusted",
    file,
    line,
    hint:
      "run assay trust; in CI, pass --trust DIGEST or set ASSAY_TRUST=DIGEST, with the digest from " +
      "assay trust --show",
  });
}

/** The refusal when a digest was given, which covers exactly one content, whatever else is trusted. */
export function otherDigest(): UserError {
  return new UserError(
    "Refusing to load plugins: the digest in --trust or ASSAY_TRUST does not match",
    {
      code: "not_trusted",
      hint: "assay trust --show prints the plugins and their digest",
    },
  );
}

export async function readTrust(io: Io, root: string): Promise<Content | undefined> {
  const roots = await readRoots(io, await trustFile(io, root));
  return Object.hasOwn(roots, root) ? roots[root] : undefined;
}

/** Stores what `change` returns for a project, or removes it when that is `undefined`. Other projects stay. */
export async function changeTrust(
  io: Io,
  root: string,
  change: (before: Content | undefined) => Content | undefined,
): Promise<void> {
  const file = await trustFile(io, root);
  const folder = dirname(file);
  try {
    await io.fs.mkdir(folder);
    await io.fs.chmod(folder, 0o700);
    const lock = await waitForLock(io, `${file}.lock`, lockMs);
    if (!lock) throw new Error("another assay process has locked it");
    try {
      const { [root]: before, ...others } = await readRoots(io, file);
      const content = change(before);
      const roots = content ? { ...others, [root]: content } : others;
      await write(io, file, `${JSON.stringify({ version: 1, roots }, undefined, 2)}\n`);
    } finally {
      lock.release();
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw problem(`cannot write ${file}: ${messageOf(error)}`, "check who owns it", error);
  }
}

/** Never writable by others, not even before it has its name. */
async function write(io: Io, file: string, text: string): Promise<void> {
  const temporary = `${file}.${ulid(io)}.tmp`;
  try {
    await io.fs.writeNew(temporary, text);
    await io.fs.chmod(temporary, 0o600);
    await io.fs.rename(temporary, file);
  } finally {
    await io.fs.removeOne(temporary);
  }
}

async function readRoots(io: Io, file: string): Promise<Roots> {
  const info = await io.fs.stat(file);
  if (info === undefined) return {};
  const { uid, mode } = info;
  if (uid !== null && uid !== io.uid()) {
    throw problem(`${file} is not believed: another user (uid ${uid}) owns it`, "remove it");
  }
  if (mode !== null && (mode & writableByOthers) !== 0) {
    const hint = `check it, then chmod 600 ${file}, or remove it`;
    throw problem(`${file} is ignored: others can write it`, hint);
  }
  const result = v.safeParse(schema, await parsed(io, file));
  if (result.success) return result.output.roots;
  throw problem(`${file} is not what assay wrote`, "remove it, and trust again");
}

async function parsed(io: Io, file: string): Promise<unknown> {
  try {
    return JSON.parse(await io.fs.readText(file));
  } catch (error) {
    throw problem(
      `cannot read ${file}: ${messageOf(error)}`,
      "check who owns it, or remove it",
      error,
    );
  }
}

function problem(why: string, hint: string, cause?: unknown): UserError {
  return new UserError(`Cannot read what is trusted: ${why}`, {
    code: "trust_unusable",
    hint,
    cause,
  });
}
