/**
 * What a git tree does not say about the files on disk: the bytes of files that git stores otherwise (filters, line
 * endings, encodings), and modes that its configuration ignores.
 *
 * @module
 */

import { join } from "@std/path";
import type { Io } from "../io.ts";
import { programOf } from "../process/programs.ts";
import type { Git } from "./git.ts";
import { eachEntry, hex } from "./index_file.ts";
import type { Conversions } from "./looking_mode.ts";
import type { IndexPlace } from "./private_index.ts";
import { blobId, joined } from "./tree_id.ts";

export interface BytesRequest extends IndexPlace {
  readonly git: Git;
  readonly gitDir: string;
  /** An index that is up to date with what is on disk, as a file and its content. */
  readonly file: string;
  readonly content: Uint8Array;
  readonly conversions: Conversions;
  /** Whether the index that was looked with, still at `index`, has files of attributes. */
  readonly hasAttributes: boolean;
  /** Whether a path is part of what is hashed. */
  counts(path: string): boolean;
}

/** A regular file of the index. */
interface File {
  readonly path: string;
  readonly raw: Uint8Array;
  readonly id: string;
  /** On disk, when git last looked. */
  readonly size: number;
}

interface Converted extends File {
  /** What git stores in its place names its content by a hash. */
  readonly isNamed: boolean;
}

/**
 * SHA-256 over path, mode and SHA-256 of each file whose content git does not store byte for byte, and of each whose mode
 * on disk is not the tree's; `null` when there is none. No process is started where no setting makes git do either.
 */
export async function bytesOf(
  io: Io,
  request: BytesRequest,
  within: readonly { readonly path: string; readonly bytes: string | null }[],
): Promise<string | null> {
  const lines = await unstoredFiles(io, request);
  for (const { path, bytes } of within) if (bytes !== null) lines.push(`${path}\0${bytes}`);
  if (lines.length === 0) return null;
  return await io.sha256(new TextEncoder().encode(lines.join("\n")));
}

async function unstoredFiles(io: Io, request: BytesRequest): Promise<string[]> {
  const { conversions, counts } = request;
  const lines = conversions.trustsModes ? [] : await otherModes(request);
  const hasAttributes = await anyAttributes(io, request);
  if (hasAttributes || conversions.convertsLines) {
    const converted = await convertible(request, filesOf(request), hasAttributes);
    for (let from = 0; from < converted.length; from += parallel) {
      const batch = converted.slice(from, from + parallel).filter(({ path }) => counts(path));
      const found = await Promise.all(batch.map((file) => rawLine(io, request, file)));
      lines.push(...found.filter((line) => line !== undefined));
    }
  }
  return lines.toSorted();
}

function filesOf({ content, hashBytes }: BytesRequest): File[] {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const files: File[] = [];
  eachEntry(content, hashBytes, ({ at, flagsAt, path: raw }) => {
    if ((view.getUint32(at + 24) & 0o170000) !== 0o100000) return;
    const id = hex(content.subarray(at + 40, flagsAt));
    files.push({ path: decoder.decode(raw), raw, id, size: view.getUint32(at + 36) });
  });
  return files;
}

const slash = "/".charCodeAt(0);

/** Every folder that holds a file, with a slash behind it. */
function foldersOf({ content, hashBytes }: BytesRequest): ReadonlySet<string> {
  const folders = new Set<string>([""]);
  let last = new Uint8Array();
  eachEntry(content, hashBytes, ({ path: raw }) => {
    const length = raw.lastIndexOf(slash) + 1;
    if (length === last.length && last.every((byte, at) => byte === raw[at])) return;
    last = raw.slice(0, length);
    const path = decoder.decode(last);
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 2) + 1) {
      if (folders.has(path.slice(0, end))) break;
      folders.add(path.slice(0, end));
    }
  });
  return folders;
}

/** Files read at the same time. */
const parallel = 16;

/** Larger files are not compared with what git stores, in bytes. */
const comparedLimit = 32 * 1024 * 1024;

/** What names content is shorter than this, in bytes. */
const nameLimit = 1024;

const decoder = new TextDecoder();

async function rawLine(
  io: Io,
  { top, hashBytes }: BytesRequest,
  { path, id, isNamed }: Converted,
): Promise<string | undefined> {
  if (path.includes("\ufffd")) throw new Error(`${JSON.stringify(path)} is no name in UTF-8`);
  const full = `${top}/${path}`;
  const info = await io.fs.lstat(full);
  if (!info?.isFile) return undefined;
  const limit = isNamed ? nameLimit : comparedLimit;
  if (
    info.size <= limit &&
    await blobId(await io.fs.readBytes(full), hashBytes) === id
  ) {
    return undefined;
  }
  const mode = ((info.mode ?? 0) & 0o100) === 0 ? "100644" : "100755";
  return `${path}\0${mode}\0${isNamed ? "named" : (await io.fs.sha256(full)).sha256}`;
}

/** Whether git finds attributes anywhere, also in files that it ignores. */
async function anyAttributes(
  io: Io,
  request: BytesRequest,
): Promise<boolean> {
  const { top, gitDir, conversions } = request;
  if (conversions.hasAttributesFile || request.hasAttributes) return true;
  const home = io.env("XDG_CONFIG_HOME") || join(io.env("HOME") ?? "/", ".config");
  const git = await programOf(io, "git");
  const paths = [
    `${gitDir}/info/attributes`,
    // A linked working tree has the attributes of another folder.
    `${gitDir}/commondir`,
    `${home}/git/attributes`,
    ...["/etc", join(git, "../../etc")].map((folder) => `${folder}/gitattributes`),
    ...[...foldersOf(request)].map((folder) => `${top}/${folder}.gitattributes`),
  ];
  const found = await Promise.all(paths.map((path) => io.fs.lstat(path)));
  return found.some((info) => info !== undefined);
}

/** The files whose stored content may be another than that on disk. */
async function convertible(
  { git, index, conversions }: BytesRequest,
  files: readonly File[],
  hasAttributes: boolean,
): Promise<Converted[]> {
  // Files of attributes that are only in the index counted when git looked, and are no longer in `file`.
  const env = { GIT_INDEX_FILE: index };
  const [always, bySize, named] = [
    new Set<string>(),
    new Map<string, boolean>(),
    new Set<string>(),
  ];
  if (hasAttributes) {
    const names = joined(files.flatMap(({ raw }) => [raw, new Uint8Array(1)]));
    const answer = await git(["check-attr", "--all", "-z", "--stdin"], env, names);
    if (answer.code !== 0) throw new Error(answer.why);
    const words = answer.stdout.split("\0");
    for (let at = 0; at + 2 < words.length; at += 3) {
      const [path, name, value] = words.slice(at, at + 3) as [string, string, string];
      const isSet = value !== "unset" && value !== "unspecified";
      if (name === "text" || name === "crlf" || name === "eol") {
        bySize.set(path, bySize.get(path) || isSet);
      } else if (isSet && name === "filter" && conversions.naming.has(value)) named.add(path);
      else if (isSet && /^(filter|ident|working-tree-encoding)$/.test(name)) always.add(path);
    }
  }
  const converted = files.map((each) => ({ ...each, isNamed: named.has(each.path) }));
  const candidates = converted.filter(({ path, isNamed }) =>
    !always.has(path) && (isNamed || (bySize.get(path) ?? conversions.convertsLines))
  );
  const sure = converted.filter(({ path }) => always.has(path));
  if (candidates.length === 0) return sure;
  // Line endings are only ever stored shorter, and so are names: content of the same length is the same.
  const ids = new TextEncoder().encode(candidates.map(({ id }) => `${id}\n`).join(""));
  const sizes = await git(["cat-file", "--batch-check=%(objectsize)", "--buffer"], env, ids);
  if (sizes.code !== 0) throw new Error(sizes.why);
  const stored = sizes.stdout.split("\n");
  return [...sure, ...candidates.filter(({ size }, index) => stored[index] !== `${size}`)];
}

/** Files that can be executed where the tree says that they cannot, and the other way round. */
async function otherModes({ git, file, counts }: BytesRequest): Promise<string[]> {
  const { code, stdout, why } = await git(
    ["-c", "core.fileMode=true", "diff-files", "--ignore-submodules=all", "--no-renames", "-z"],
    { GIT_INDEX_FILE: file },
  );
  if (code !== 0) throw new Error(why);
  const changes = stdout.matchAll(/:(\d+) (\d+) \S+ \S+ \S+\0([^\0]*)\0/g);
  return Array.from(changes)
    .filter(([, before, now, path]) => before !== now && now !== "000000" && counts(path!))
    .map(([, , now, path]) => `${path}\0${now}`);
}
