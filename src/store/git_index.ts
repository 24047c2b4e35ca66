/**
 * Git's index as a file (https://git-scm.com/docs/index-format), as far as it takes to make a private copy
 * that hides nothing.
 */

/** What a private copy of the index must know of the original. */
export interface IndexFacts {
  /** Bytes of an object id: 20 or 32. */
  readonly hashBytes: number;
  /** When the index was written, in milliseconds since 1970; `null`: unknown. */
  readonly mtimeMs: number | null;
}

/** An index read. */
export interface GitIndex {
  /**
   * The copy. Its file is younger than the original, by which git would take entries written in the same
   * second as the original for unchanged; they are marked as git itself marks them, to be compared by
   * content. No entry is marked "assume unchanged" any more, and the checksum is left out.
   */
  readonly copy: Uint8Array;
  /**
   * Paths whose change git may not see: those marked "assume unchanged", and those whose inode changed in
   * the second in which the index was written, or later, by something that kept their older time.
   */
  readonly unseen: number;
  /** Paths that git does not look for in the working tree, and the way to look for them anyway. */
  readonly skipped: readonly SkippedEntry[];
  /** Whether a path begins with these characters. */
  holds(prefix: string): boolean;
}

/** An entry of a sparse checkout, or one that somebody hid. */
export interface SkippedEntry {
  readonly path: string;
  /** Makes git look at the file, in the copy. */
  show(): void;
}

const assumeValid = 0x8000;
const extended = 0x4000;
const skipWorktree = 0x4000;
const decoder = new TextDecoder();

/** Reads an index; `undefined` when it is of a kind that cannot be copied as one file. */
export function readIndex(original: Uint8Array, facts: IndexFacts): GitIndex | undefined {
  const copy = original.slice();
  const view = new DataView(copy.buffer);
  if (copy.length < 12 || decoder.decode(copy.subarray(0, 4)) !== "DIRC") return undefined;
  const version = view.getUint32(4);
  if (version < 2 || version > 4) return undefined;
  const second = facts.mtimeMs === null ? 0 : Math.floor(facts.mtimeMs / 1000);
  const skipped: SkippedEntry[] = [];
  const paths: Uint8Array[] = [];
  let unseen = 0;
  let at = 12;
  let path = new Uint8Array();
  for (let count = view.getUint32(8); count > 0; count--) {
    const flagsAt = at + 40 + facts.hashBytes;
    if (flagsAt + 2 > copy.length) return undefined;
    const [changed, modified] = [view.getUint32(at), view.getUint32(at + 8)];
    // Git marks by the second one only.
    if (changed >= second && modified < second) unseen++;
    if (changed >= second || modified >= second) view.setUint32(at + 36, 0);
    const flags = view.getUint16(flagsAt);
    if (flags & assumeValid) {
      unseen++;
      view.setUint16(flagsAt, flags & ~assumeValid);
    }
    const isExtended = version > 2 && (flags & extended) !== 0;
    const nameAt = flagsAt + (isExtended ? 4 : 2);
    const name = version === 4 ? shared(copy, nameAt, path) : { path: path, start: nameAt };
    const end = copy.indexOf(0, name.start);
    if (end < 0) return undefined;
    path = version === 4
      ? joined(name.path, copy.subarray(name.start, end))
      : copy.subarray(name.start, end) as Uint8Array<ArrayBuffer>;
    paths.push(path);
    if (isExtended && view.getUint16(flagsAt + 2) & skipWorktree) {
      skipped.push({
        path: decoder.decode(path),
        show: () => view.setUint16(flagsAt + 2, view.getUint16(flagsAt + 2) & ~skipWorktree),
      });
    }
    at = version === 4 ? end + 1 : at + ((end - at) & ~7) + 8;
  }
  if (hasLink(copy, view, at, facts.hashBytes)) return undefined;
  copy.fill(0, copy.length - facts.hashBytes);
  const holds = (prefix: string) => {
    const bytes = new TextEncoder().encode(prefix);
    return paths.some((each) => bytes.every((byte, index) => each[index] === byte));
  };
  return { copy, unseen, skipped, holds };
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

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const path = new Uint8Array(head.length + tail.length);
  path.set(head);
  path.set(tail, head.length);
  return path;
}

/** Whether the index is split: its entries lie in another file. */
function hasLink(bytes: Uint8Array, view: DataView, start: number, hashBytes: number): boolean {
  let at = start;
  while (at + 8 <= bytes.length - hashBytes) {
    if (decoder.decode(bytes.subarray(at, at + 4)) === "link") return true;
    at += 8 + view.getUint32(at + 4);
  }
  return false;
}
