/** The id of the git tree that an index describes (https://git-scm.com/docs/git-write-tree), without storing anything. */

import { eachEntry, hex } from "./index_file.ts";

/** A folder whose entries are not all known yet. */
interface Folder {
  /** From the top, without a slash behind it. */
  readonly path: Uint8Array;
  /** As they stand in a tree; of a folder without any, nothing. */
  readonly entries: (Uint8Array | Promise<Uint8Array | undefined>)[];
}

const slash = "/".charCodeAt(0);
const intentToAdd = 0x2000;
const encoder = new TextEncoder();

/** @throws an error where there is no such tree: a merge that is not resolved, or no index */
export async function treeId(index: Uint8Array, hashBytes: number): Promise<string> {
  const digest = digestOf(hashBytes);
  const view = new DataView(index.buffer, index.byteOffset, index.length);
  const top: Folder = { path: new Uint8Array(), entries: [] };
  const open = [top];
  const close = () => {
    const folder = open.pop()!;
    const { path } = folder;
    const name = path.subarray(path.lastIndexOf(slash) + 1);
    open.at(-1)!.entries.push(
      idOf(folder, digest).then((id) => id && entryOf("40000", name, id)),
    );
  };
  const end = eachEntry(index, hashBytes, ({ at, flagsAt, isExtended, path: full }) => {
    const flags = view.getUint16(flagsAt);
    if (flags & 0x3000) throw new Error("a merge is not resolved");
    if (isExtended && view.getUint16(flagsAt + 2) & intentToAdd) return;
    // In a sparse index, a whole folder may be an entry, with a slash behind its name.
    const path = full.at(-1) === slash ? full.subarray(0, -1) : full;
    const nameAt = path.lastIndexOf(slash) + 1;
    // Entries are in the order of trees: a folder that was left does not come again.
    while (!isIn(path, nameAt, open.at(-1)!.path)) close();
    let from = open.at(-1)!.path.length;
    while (from < nameAt - 1) {
      const next = path.indexOf(slash, from + 1);
      open.push({ path: path.subarray(0, next), entries: [] });
      from = next;
    }
    const mode = view.getUint32(at + 24).toString(8);
    open.at(-1)!.entries.push(
      entryOf(mode, path.subarray(nameAt), index.subarray(at + 40, flagsAt)),
    );
  });
  if (end === undefined && index.length > 0) throw new Error("the index cannot be read");
  while (open.length > 1) close();
  const id = await idOf(top, digest) ?? await digest(encoder.encode("tree 0\0"));
  return hex(id);
}

/** The id that git gives a file's content. */
export async function blobId(content: Uint8Array, hashBytes: number): Promise<string> {
  const head = encoder.encode(`blob ${content.length}\0`);
  return hex(await digestOf(hashBytes)(joined([head, content])));
}

function digestOf(hashBytes: number) {
  const name = hashBytes === 32 ? "SHA-256" : "SHA-1";
  return async (bytes: Uint8Array) =>
    new Uint8Array(await crypto.subtle.digest(name, bytes as BufferSource));
}

/** Whether a path, whose name begins at `nameAt`, lies in a folder or below it. */
function isIn(path: Uint8Array, nameAt: number, folder: Uint8Array): boolean {
  const { length } = folder;
  if (length === 0) return true;
  if (length >= nameAt || path[length] !== slash) return false;
  for (let at = length - 1; at >= 0; at--) if (path[at] !== folder[at]) return false;
  return true;
}

function entryOf(mode: string, name: Uint8Array, id: Uint8Array): Uint8Array {
  const head = mode.length + 1;
  const entry = new Uint8Array(head + name.length + 1 + id.length);
  encoder.encodeInto(`${mode} `, entry);
  entry.set(name, head);
  entry.set(id, head + name.length + 1);
  return entry;
}

async function idOf(
  { entries }: Folder,
  digest: (bytes: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array | undefined> {
  const parts = (await Promise.all(entries)).filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  const head = encoder.encode(`tree ${parts.reduce((sum, { length }) => sum + length, 0)}\0`);
  return await digest(joined([head, ...parts]));
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
