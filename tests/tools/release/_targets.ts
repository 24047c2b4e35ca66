/** The machines a release has a program for, and what tells a program of theirs by its first bytes. */

/** A machine that `deno compile --target` knows. */
export interface Target {
  readonly triple: string;
  /** The ending of its programs' names. */
  readonly ending: "" | ".exe";
  /** Whether a file's first 4096 bytes are those of a program for it. */
  readonly isProgram: (head: Uint8Array) => boolean;
}

const elfMachines = { x86_64: 62, aarch64: 183 } as const;
const machMachines = { x86_64: 0x01000007, aarch64: 0x0100000c } as const;
const peMachine = 0x8664;

type Cpu = keyof typeof elfMachines;

function view(head: Uint8Array): DataView {
  return new DataView(head.buffer, head.byteOffset, head.byteLength);
}

/** @see `man 5 elf`: the magic number, and e_machine at 18 */
const isElf = (cpu: Cpu) => (head: Uint8Array) =>
  head.length > 20 && view(head).getUint32(0) === 0x7f454c46 &&
  view(head).getUint16(18, true) === elfMachines[cpu];

/** @see `mach-o/loader.h`: MH_MAGIC_64, and cputype after it */
const isMachO = (cpu: Cpu) => (head: Uint8Array) =>
  head.length > 8 && view(head).getUint32(0, true) === 0xfeedfacf &&
  view(head).getUint32(4, true) === machMachines[cpu];

/** @see the PE format: "MZ", at 60 where the header is, there "PE" and the machine */
function isPe(head: Uint8Array): boolean {
  if (head.length < 64 || view(head).getUint16(0) !== 0x4d5a) return false;
  const at = view(head).getUint32(60, true);
  return at + 6 <= head.length && view(head).getUint32(at) === 0x50450000 &&
    view(head).getUint16(at + 4, true) === peMachine;
}

/** All of them. */
export const targets: readonly Target[] = [
  { triple: "x86_64-unknown-linux-gnu", ending: "", isProgram: isElf("x86_64") },
  { triple: "aarch64-unknown-linux-gnu", ending: "", isProgram: isElf("aarch64") },
  { triple: "x86_64-apple-darwin", ending: "", isProgram: isMachO("x86_64") },
  { triple: "aarch64-apple-darwin", ending: "", isProgram: isMachO("aarch64") },
  { triple: "x86_64-pc-windows-msvc", ending: ".exe", isProgram: isPe },
];
