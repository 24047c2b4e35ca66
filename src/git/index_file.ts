/**
 * Git's index as a file (https://git-scm.com/docs/index-format), as much as a private copy needs
 * that hides nothing.
 *
 * @module
 */

/** A repository within the repository, as the index pins it. */
export interface IndexLink {
  readonly path: string;
  readonly id: string;
}

interface IndexFacts {
  /** Bytes of an object id: 20 or 32. */
  readonly hashBytes: number;
  /** When the index was written, in milliseconds since 1970; `null`: unknown. */
  readonly mtimeMs: number | null;
}

export interface GitIndex {
  /**
   * The copy. Its file is younger than the original, so git would take entries written in the same
   * second as the original for unchanged; they are marked as git itself marks them, to be compared by
   * content. No entry is marked "assume unchanged" any more, and the checksum is left out.
   */
  readonly copy: Uint8Array;
  readonly links: readonly IndexLink[];
  /** Paths that git does not look for in the working tree, and how to make it look anyway. */
  readonly skipped: readonly SkippedEntry[];
  /** Whether it has files of attributes, which git reads from it where they are not on disk. */
  readonly hasAttributes: boolean;
  /** Whether a path begins with these characters. */
  holds(prefix: string): boolean;
}

/** An entry of a sparse checkout, or one hidden by hand. */
interface SkippedEntry {
  readonly path: string;
  /** Makes git look at the file, in the copy. */
  show(): void;
}

const assumeValid = 0x8000;
const extended = 0x4000;
const skipWorktree = 0x4000;
const gitlink = 0o160000;
const decoder = new TextDecoder();

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Reads an index; `undefined` for a kind that cannot be copied as one file. */
export function readIndex(
  original: Uint8Array,
  { hashBytes, mtimeMs }: IndexFacts,
): GitIndex | undefined {
  const copy = original.slice();
  const view = new DataView(copy.buffer);
  const second = mtimeMs === null ? 0 : Math.floor(mtimeMs / 1000);
  const skipped: SkippedEntry[] = [];
  const links = new Map<string, string>();
  const paths: Uint8Array[] = [];
  let hasAttributes = false;
  const end = eachEntry(copy, hashBytes, ({ at, flagsAt, isExtended, path }) => {
    // By the second: not every git compares more. A kept older time hides nothing, as the inode's counts, too.
    if (view.getUint32(at) >= second || view.getUint32(at + 8) >= second) {
      view.setUint32(at + 36, 0);
    }
    view.setUint16(flagsAt, view.getUint16(flagsAt) & ~assumeValid);
    paths.push(path);
    hasAttributes ||= isAttributes(path);
    if (view.getUint32(at + 24) === gitlink) {
      links.set(decoder.decode(path), hex(copy.subarray(at + 40, flagsAt)));
    }
    if (isExtended && view.getUint16(flagsAt + 2) & skipWorktree) {
      skipped.push({
        path: decoder.decode(path),
        show: () => view.setUint16(flagsAt + 2, view.getUint16(flagsAt + 2) & ~skipWorktree),
      });
    }
  });
  if (end === undefined || needsGit(copy, view, end, hashBytes)) return undefined;
  copy.fill(0, copy.length - hashBytes);
  const holds = (prefix: string) => {
    const bytes = new TextEncoder().encode(prefix);
    return paths.some((each) => bytes.every((byte, index) => each[index] === byte));
  };
  const pinned = Array.from(links, ([path, id]) => ({ path, id }));
  return { copy, links: pinned, skipped, hasAttributes, holds };
}

const attributes = new TextEncoder().encode(".gitattributes");

function isAttributes(path: Uint8Array): boolean {
  const start = path.length - attributes.length;
  return start >= 0 && attributes.every((byte, at) => byte === path[start + at]);
}

/** When a file was changed, by the inode and by the file, and which file it is: 24 bytes, to be compared. */
export interface StatEntry {
  readonly path: Uint8Array;
  readonly stat: Uint8Array;
}

/** The files whose inode changed in a second, seconds since 1970, or later; git does not keep up that of a repository. */
export function changedFrom(index: Uint8Array, hashBytes: number, second: number): StatEntry[] {
  const view = new DataView(index.buffer, index.byteOffset, index.length);
  const found: StatEntry[] = [];
  eachEntry(index, hashBytes, ({ at, path }) => {
    if (view.getUint32(at + 24) === gitlink) return;
    if (view.getUint32(at) >= second) found.push({ path, stat: index.subarray(at, at + 24) });
  });
  return found;
}

export interface IndexEntry {
  /** Where its stat data begins. */
  readonly at: number;
  readonly flagsAt: number;
  readonly isExtended: boolean;
  readonly path: Uint8Array;
}

/** Calls `take` with each entry; returns where they end, or `undefined` for what is no index. */
export function eachEntry(
  bytes: Uint8Array,
  hashBytes: number,
  take: (entry: IndexEntry) => void,
): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 12 || decoder.decode(bytes.subarray(0, 4)) !== "DIRC") return undefined;
  const version = view.getUint32(4);
  if (version < 2 || version > 4) return undefined;
  let at = 12;
  let path: Uint8Array = new Uint8Array();
  for (let count = view.getUint32(8); count > 0; count--) {
    const flagsAt = at + 40 + hashBytes;
    if (flagsAt + 4 > bytes.length) return undefined;
    const isExtended = version > 2 && (view.getUint16(flagsAt) & extended) !== 0;
    const nameAt = flagsAt + (isExtended ? 4 : 2);
    const name = version === 4 ? shared(bytes, nameAt, path) : { path, start: nameAt };
    const end = bytes.indexOf(0, name.start);
    if (end < 0) return undefined;
    const rest = bytes.subarray(name.start, end);
    path = version === 4 ? joined(name.path, rest) : rest;
    take({ at, flagsAt, isExtended, path });
    at = version === 4 ? end + 1 : at + ((end - at) & ~7) + 8;
  }
  return at;
}

/** Version 4: how much of the path before is kept, and where the rest begins. */
function shared(
  bytes: Uint8Array,
  start: number,
  before: Uint8Array,
): { path: Uint8Array; start: number } {
  let at = start;
  let byte = bytes[at++]!;
  let removed = byte & 127;
  while (byte & 128) {
    byte = bytes[at++]!;
    removed = (removed + 1) * 128 + (byte & 127);
  }
  return { path: before.subarray(0, before.length - removed), start: at };
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const path = new Uint8Array(head.length + tail.length);
  path.set(head);
  path.set(tail, head.length);
  return path;
}

/** Whether entries lie elsewhere: in another file (a split index), or in trees (a sparse one). */
function needsGit(bytes: Uint8Array, view: DataView, start: number, hashBytes: number): boolean {
  let at = start;
  while (at + 8 <= bytes.length - hashBytes) {
    if (/^(link|sdir)$/.test(decoder.decode(bytes.subarray(at, at + 4)))) return true;
    at += 8 + view.getUint32(at + 4);
  }
  return false;
}
