/**
 * Landlock: a set of rights that the kernel takes from this thread and from all that it starts.
 *
 * @see https://docs.kernel.org/userspace-api/landlock.html and `linux/landlock.h`
 * @module
 */

import { checked, cString, lastError, type Libc } from "./_libc.ts";
import type { LandlockOrder } from "./_order.ts";

/** Calls by number, the same on every architecture. */
const call = { create: 444n, add: 445n, restrict: 446n } as const;

const versionFlag = 1;
const pathBeneath = 1;

/** Rights on files, by `LANDLOCK_ACCESS_FS_*`; the place is the bit. */
const fsRights = [
  "execute",
  "write_file",
  "read_file",
  "read_dir",
  "remove_dir",
  "remove_file",
  "make_char",
  "make_dir",
  "make_reg",
  "make_sock",
  "make_fifo",
  "make_block",
  "make_sym",
  "refer",
  "truncate",
  "ioctl_dev",
];

/** The rights that a rule for something else than a folder may hold. */
const rightsOnFiles = bits(fsRights, [
  "execute",
  "write_file",
  "read_file",
  "truncate",
  "ioctl_dev",
]);

const netRights = ["bind_tcp", "connect_tcp"];
const scopes = ["abstract_unix_socket", "signal"];

const openFlags = {
  path: 0x200000,
  closeOnExec: 0x80000,
  directory: Deno.build.arch === "aarch64" ? 0x4000 : 0x10000,
};

/** There is nothing to grant rights on: ENOENT, EACCES, ENOTDIR. */
const unreachable = [2, 13, 20];

function bits(names: readonly string[], wanted: readonly string[]): number {
  return wanted.reduce((sum, name) => {
    const bit = names.indexOf(name);
    if (bit < 0) throw new Error(`the order names "${name}", which is no right of Landlock's`);
    return sum | (1 << bit);
  }, 0);
}

/** The version of the kernel's Landlock; 0 when it has none or it is switched off. */
export function landlockAbi({ call: { landlockCreate } }: Libc): number {
  return Math.max(0, landlockCreate(call.create, null, 0n, versionFlag));
}

/** Makes the ruleset; returns its descriptor. Throws when the kernel does not know all of it. */
export function makeRuleset(libc: Libc, order: LandlockOrder): number {
  const attributes = new BigUint64Array([
    BigInt(bits(fsRights, order.fs)),
    BigInt(bits(netRights, order.net)),
    BigInt(bits(scopes, order.scopes)),
  ]);
  const { landlockCreate } = libc.call;
  const created = landlockCreate(call.create, attributes, BigInt(attributes.byteLength), 0);
  const ruleset = checked(libc, "cannot make a Landlock ruleset", created);
  for (const [rights, paths] of order.rules) {
    for (const path of paths) grant(libc, ruleset, bits(fsRights, rights), path);
  }
  return ruleset;
}

/** Grants rights on a path and all below it. What is not there, or cannot be reached, is left out. */
function grant(libc: Libc, ruleset: number, rights: number, path: string): void {
  const opened = openPath(libc, path);
  if (opened === undefined) return;
  const attribute = new DataView(new ArrayBuffer(12));
  const granted = opened.isFolder ? rights : rights & rightsOnFiles;
  attribute.setBigUint64(0, BigInt(granted), true);
  attribute.setInt32(8, opened.descriptor, true);
  const { landlockAdd, close } = libc.call;
  const added = landlockAdd(call.add, ruleset, pathBeneath, attribute.buffer, 0);
  checked(libc, `cannot add the Landlock rule for ${path}`, added);
  close(opened.descriptor);
}

function openPath(
  libc: Libc,
  path: string,
): { descriptor: number; isFolder: boolean } | undefined {
  const name = cString(path);
  const flags = openFlags.path | openFlags.closeOnExec;
  const folder = libc.call.open(name, flags | openFlags.directory);
  if (folder >= 0) return { descriptor: folder, isFolder: true };
  const file = libc.call.open(name, flags);
  if (file >= 0) return { descriptor: file, isFolder: false };
  const error = lastError(libc, `cannot open ${path}`);
  if (unreachable.includes(error.errno)) return undefined;
  throw error;
}

/** Holds this thread to a ruleset, for good. */
export function restrictSelf(libc: Libc, ruleset: number): void {
  const restricted = libc.call.landlockRestrict(call.restrict, ruleset, 0);
  checked(libc, "Landlock does not hold the process", restricted);
}
