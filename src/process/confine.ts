/**
 * Limits this process and becomes the command. Either all limits hold or nothing is run: a command
 * that ran with fewer would pass for confined.
 *
 * @module
 */

import {
  addressOf,
  checked,
  cString,
  lastError,
  type Libc,
  openLibc,
  type SystemError,
} from "./_libc.ts";

/** As in shells and `env`: the limits failed, the program cannot be run, it does not exist. */
const exitCode = { unconfined: 125, notRunnable: 126, notFound: 127 } as const;

const notFound = 2;
const encoder = new TextEncoder();

/** Does `ORDER -- argv…`; never returns. Exits with 125, and a message, when a limit cannot be set. */
export function confine(args: readonly string[]): never {
  try {
    if (Deno.build.os !== "linux") throw new Error("it works on Linux alone");
    const { order, argv } = readCall(args);
    const libc = openLibc();
    applyLimits(libc, order);
    const error = exec(libc, argv);
    end(error, error.errno === notFound ? exitCode.notFound : exitCode.notRunnable);
  } catch (error) {
    end(error, exitCode.unconfined);
  }
}

/** The filter comes last: it may forbid calls that the others need. */
function applyLimits(libc: Libc, order: Order): void {
  closeInherited(libc);
  forbidNewPrivileges(libc);
  const ruleset = order.landlock && makeRuleset(libc, order.landlock);
  dropCapabilities(libc);
  if (ruleset !== undefined) restrictSelf(libc, ruleset);
  restoreSignals(libc);
  if (order.seccomp) installFilter(libc, order.seccomp);
  if (order.report) write(Deno.stdout, `${JSON.stringify(report(libc))}\n`);
}

function end(error: unknown, code: number): never {
  const message = error instanceof Error ? error.message : String(error);
  try {
    write(Deno.stderr, `assay: confine: ${message}\n`);
  } finally {
    Deno.exit(code);
  }
}

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes = encoder.encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
}

const setSeccomp = 22;
const filterMode = 2n;

/**
 * Has the kernel ask a filter before every system call of this thread and of all that it starts, permanently.
 *
 * @see seccomp(2)
 */
function installFilter(libc: Libc, filter: Uint8Array<ArrayBuffer>): void {
  const program = new DataView(new ArrayBuffer(16));
  program.setUint16(0, filter.length / 8, true);
  program.setBigUint64(8, addressOf(filter), true);
  const installed = libc.call.prctlBuffer(setSeccomp, filterMode, program.buffer, 0n, 0n);
  checked(libc, "the kernel rejected the system call filter", installed);
}

const closeRangeCall = 436n;
const closeOnExec = 4;
const brokenPipe = 13;
const setMask = 2;

/** Has the program inherit standard input, output and error, and no other descriptor. */
function closeInherited(libc: Libc): void {
  const closed = libc.call.closeRange(closeRangeCall, 3, 0xffffffff, closeOnExec);
  checked(libc, "cannot close inherited descriptors", closed);
}

/** Undoes what Deno did at its start: programs expect to be ended by a pipe that nothing reads. */
function restoreSignals(libc: Libc): void {
  libc.call.signal(brokenPipe, 0n);
  // A signal set is 128 bytes on every Linux; 8 of them count.
  const none = new Uint8Array(128);
  checked(libc, "cannot reset the signal mask", libc.call.sigprocmask(setMask, none, null));
}

/** Becomes the program, found on the search path. Returns only on failure, with the reason. */
function exec(libc: Libc, argv: readonly string[]): SystemError {
  const words = argv.map(cString);
  const addresses = new BigUint64Array([...words.map(addressOf), 0n]);
  libc.call.execvp(words[0]!, addresses);
  return lastError(libc, `cannot run ${argv[0]}`);
}

/** Families of stream sockets that are tried, by `AF_*`. */
const families = { unix: 1, inet: 2 } as const;

/** What a probe wants to know, seen from where the program will run. */
interface KernelReport {
  /** Version of the kernel's Landlock; 0 when it has none. */
  readonly abi: number;
  /** Whether a socket of a family can be made: 0, or the error's number. */
  readonly sockets: Readonly<Record<keyof typeof families, number>>;
}

/** Tries what no standard program can try. */
function report(libc: Libc): KernelReport {
  return {
    abi: landlockAbi(libc),
    sockets: { unix: trySocket(libc, families.unix), inet: trySocket(libc, families.inet) },
  };
}

function trySocket({ call, errno }: Libc, family: number): number {
  const descriptor = call.socket(family, 1, 0);
  if (descriptor < 0) return errno();
  call.close(descriptor);
  return 0;
}

// Gives up what a process could use to undo or bypass its limits.
//
// @see capabilities(7), `linux/capability.h`

/** Options of prctl(2). */
const option = { dropBounding: 24, readBounding: 23, noNewPrivileges: 38, ambient: 47 } as const;

const clearAllAmbient = 4n;
const capabilityVersion3 = 0x20080522;
const maySetCapabilities = 8;

/** Programs that are set-user-ID or have file capabilities grant none from now on. */
function forbidNewPrivileges(libc: Libc): void {
  const set = libc.call.prctl(option.noNewPrivileges, 1n, 0n, 0n, 0n);
  checked(libc, "cannot forbid new privileges", set);
}

/**
 * Drops every capability: those of root load kernel modules, write devices and trace any process. Without new
 * privileges root gets none back when it starts a program.
 */
function dropCapabilities(libc: Libc): void {
  const held = readCapabilities(libc);
  if (held.every((word) => word === 0)) return;
  checked(
    libc,
    "cannot drop the ambient capabilities",
    libc.call.prctl(option.ambient, clearAllAmbient, 0n, 0n, 0n),
  );
  if ((held[0]! & (1 << maySetCapabilities)) !== 0) dropBoundingSet(libc);
  const dropped = libc.call.capset(header(), new Uint32Array(6));
  checked(libc, "cannot drop the capabilities", dropped);
  if (readCapabilities(libc).some((word) => word !== 0)) {
    throw new Error("the capabilities were dropped and are still there");
  }
}

/** Only capabilities that the kernel has can be read: the first that cannot marks the end. */
function dropBoundingSet(libc: Libc): void {
  const { prctl } = libc.call;
  for (let each = 0n; prctl(option.readBounding, each, 0n, 0n, 0n) >= 0; each++) {
    const dropped = prctl(option.dropBounding, each, 0n, 0n, 0n);
    checked(libc, `cannot drop the capability ${each} for good`, dropped);
  }
}

/** Two times effective, permitted, inheritable: 32 capabilities each. */
function readCapabilities(libc: Libc): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(6);
  checked(libc, "cannot read the capabilities", libc.call.capget(header(), words));
  return words;
}

function header(): Uint32Array<ArrayBuffer> {
  return new Uint32Array([capabilityVersion3, 0]);
}

// Landlock: a set of rights that the kernel takes from this thread and everything it starts.
//
// @see https://docs.kernel.org/userspace-api/landlock.html and `linux/landlock.h`

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

/** The rights that a rule for anything but a folder may hold. */
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
    if (bit < 0) throw new Error(`the order names "${name}", which is not a Landlock right`);
    return sum | (1 << bit);
  }, 0);
}

/** The version of the kernel's Landlock; 0 when it has none or it is switched off. */
function landlockAbi({ call: { landlockCreate } }: Libc): number {
  return Math.max(0, landlockCreate(call.create, null, 0n, versionFlag));
}

/** Makes the ruleset; returns its descriptor. Throws when the kernel does not know all of it. */
function makeRuleset(libc: Libc, order: LandlockOrder): number {
  if (landlockAbi(libc) === 0) throw new Error("the kernel has no Landlock, or it is switched off");
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

/** Grants rights on a path and all below it. Missing or unreachable paths are left out. */
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

/** Binds this thread to a ruleset, permanently. */
function restrictSelf(libc: Libc, ruleset: number): void {
  const restricted = libc.call.landlockRestrict(call.restrict, ruleset, 0);
  checked(libc, "Landlock did not confine the process", restricted);
}

// The order of the hidden verb, and its parser: whatever is not understood is refused.

/** Rights on files, TCP and scopes that are taken away, and the paths where some are given back. */
interface LandlockOrder {
  /** Rights on files that are taken away everywhere, by the kernel's names in lower case. */
  readonly fs: readonly string[];
  readonly net: readonly string[];
  readonly scopes: readonly string[];
  /** Rights given back, and the paths they apply to. */
  readonly rules: readonly (readonly [rights: readonly string[], paths: readonly string[]])[];
}

/** The limits of one program. */
interface Order {
  readonly landlock?: LandlockOrder;
  /** `struct sock_filter[]`. */
  readonly seccomp?: Uint8Array<ArrayBuffer>;
  /** Say on standard output, before the program runs, what the kernel has and lets this process do. */
  readonly report: boolean;
}

/** The verb's arguments: the order and the program it is for. */
interface Call {
  readonly order: Order;
  readonly argv: readonly string[];
}

type Table = Readonly<Record<string, unknown>>;

/** Reads `ORDER -- argv…`; throws when anything in it is invalid. */
function readCall(args: readonly string[]): Call {
  const [text, separator, ...argv] = args;
  if (text === undefined || separator !== "--" || argv.length === 0) {
    throw new Error("it is assay's own way to start a command, and called in no other way");
  }
  return { order: readOrder(JSON.parse(text)), argv };
}

function readOrder(value: unknown): Order {
  const { landlock, seccomp, report = false } = table(value, ["landlock", "seccomp", "report"]);
  if (typeof report !== "boolean") throw new Error("the order's report must be true or false");
  return {
    ...(landlock === undefined ? {} : { landlock: readLandlock(landlock) }),
    ...(seccomp === undefined ? {} : { seccomp: readFilter(seccomp) }),
    report,
  };
}

function readLandlock(value: unknown): LandlockOrder {
  const { fs, net, scopes, rules } = table(value, ["fs", "net", "scopes", "rules"]);
  return {
    fs: texts(fs),
    net: texts(net),
    scopes: texts(scopes),
    rules: list(rules).map((rule) => {
      const [rights, paths, ...more] = list(rule);
      if (more.length > 0) throw new Error("a rule of the order has more than rights and paths");
      return [texts(rights), texts(paths)] as const;
    }),
  };
}

/** Base64 of whole instructions, 8 bytes each, at least one. */
function readFilter(value: unknown): Uint8Array<ArrayBuffer> {
  if (typeof value !== "string") throw new Error("the order's seccomp must be text");
  const bytes = Uint8Array.from(atob(value), (char) => char.charCodeAt(0));
  if (bytes.length === 0 || bytes.length % 8 !== 0) {
    throw new Error(`the order's filter has ${bytes.length} bytes, not a multiple of 8`);
  }
  return bytes;
}

function table(value: unknown, keys: readonly string[]): Table {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("the order does not contain the expected table");
  }
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) throw new Error(`the order has an unknown key "${unknown}"`);
  return value as Table;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new Error("the order does not contain the expected list");
  }
  return value;
}

function texts(value: unknown): readonly string[] {
  return list(value).map((each) => {
    if (typeof each !== "string") {
      throw new Error("a list in the order contains a value that is not a string");
    }
    return each;
  });
}
