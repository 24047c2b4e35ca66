/**
 * System call filters in the kernel's format: `struct sock_filter[]`, little endian. They close what
 * namespaces and Landlock leave open: sockets by family, and ways around a socket filter.
 *
 * @see seccomp(2), `linux/filter.h`, `linux/seccomp.h`
 * @module
 */

/** What a filter closes, in addition to what every filter closes (see {@linkcode filterFor}). */
export interface SeccompPolicy {
  /**
   * Sockets that can be made; the others fail with `EAFNOSUPPORT`.
   *
   * - `all`: every family.
   * - `local`: IP, netlink and unix, for a separate network namespace. Families that no network namespace confines,
   * such as `AF_VSOCK` to the hypervisor, are closed.
   * - `unix_denied`: IP and netlink.
   * - `none_allowed`: none.
   *
   * If unix sockets are closed, pairs of connected streams can still be made, as they lead nowhere else;
   * one end of a datagram pair could be reconnected to any path, so such pairs are closed.
   */
  readonly sockets: "all" | "local" | "unix_denied" | "none_allowed";
  /** Calls that change the mode, owner, times and attributes of files fail with `EPERM`. Default false. */
  readonly denyMetadata?: boolean;
}

/** One instruction of `struct sock_filter`. */
interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** Numbers of an architecture: `linux/audit.h` and `asm/unistd.h`. */
interface Architecture {
  readonly audit: number;
  readonly socket: number;
  readonly socketpair: number;
  readonly ioctl: number;
  readonly metadata: readonly number[];
  /** Calls from this number on are of another ABI. */
  readonly foreignFrom?: number;
}

/** The same everywhere: fchmodat2, setxattrat, removexattrat, file_setattr. */
const newMetadata = [452, 463, 466, 469];

const architectures: Readonly<Record<string, Architecture>> = {
  x86_64: {
    audit: 0xc000003e,
    socket: 41,
    socketpair: 53,
    ioctl: 16,
    metadata: [
      ...[90, 91, 268], // chmod, fchmod, fchmodat
      ...[92, 93, 94, 260], // chown, fchown, lchown, fchownat
      ...[132, 235, 261, 280], // utime, utimes, futimesat, utimensat
      ...[188, 189, 190, 197, 198, 199], // setxattr, removexattr, each with l… and f…
      ...newMetadata,
    ],
    foreignFrom: 0x40000000, // x32
  },
  aarch64: {
    audit: 0xc00000b7,
    socket: 198,
    socketpair: 199,
    ioctl: 29,
    metadata: [
      ...[52, 53], // fchmod, fchmodat
      ...[54, 55], // fchownat, fchown
      88, // utimensat
      ...[5, 6, 7, 14, 15, 16], // setxattr, removexattr, each with l… and f…
      ...newMetadata,
    ],
  },
};

/** io_uring_setup, io_uring_enter, io_uring_register: they make sockets and write without the system calls. */
const uring = [425, 426, 427];

const errno = { EPERM: 1, ENOSYS: 38, EAFNOSUPPORT: 97 } as const;

const family = { unix: 1, inet: 2, inet6: 10, netlink: 16 } as const;

const familiesOf: Readonly<Record<"local" | "unix_denied" | "none_allowed", readonly number[]>> = {
  local: [family.unix, family.inet, family.inet6, family.netlink],
  unix_denied: [family.inet, family.inet6, family.netlink],
  none_allowed: [],
};

/** SOCK_STREAM and SOCK_SEQPACKET, which cannot be reconnected. */
const lastingTypes = [1, 5];

/** TIOCSTI and TIOCLINUX inject input into a terminal. */
const terminalRequests = [0x5412, 0x541c];

/** FS_IOC_SETFLAGS, FS_IOC32_SETFLAGS, FS_IOC_SETVERSION, FS_IOC32_SETVERSION, FS_IOC_FSSETXATTR, FS_IOC_ENABLE_VERITY. */
const metadataRequests = [
  ...[0x40086602, 0x40046602, 0x40087602, 0x40047602],
  ...[0x401c5820, 0x40806685],
];

/** Offsets in `struct seccomp_data`; of an argument the low 32 bits, all that these calls look at. */
const at = { nr: 0, arch: 4, arg0: 16, arg1: 24 } as const;

const make = (code: number, k: number, jt = 0, jf = 0): Instruction => ({ code, jt, jf, k });
const load = (offset: number) => make(0x20, offset);
const and = (mask: number) => make(0x54, mask);
const answer = (action: number) => make(0x06, action);
const allow = answer(0x7fff0000);
const fail = (error: keyof typeof errno) => answer(0x00050000 | errno[error]);

/** Runs `body` if the loaded value is `k`, and continues after it otherwise. */
function when(k: number, body: readonly Instruction[]): Instruction[] {
  return [make(0x15, k, 0, body.length), ...body];
}

/** Runs `body` for each of several values. */
function whenAny(values: readonly number[], body: readonly Instruction[]): Instruction[] {
  return values.flatMap((value) => when(value, body));
}

/** Everything of another ABI fails: its calls have other numbers and would pass for others. */
function ownAbiAlone({ audit, foreignFrom }: Architecture): Instruction[] {
  const foreign = fail("ENOSYS");
  return [
    ...[load(at.arch), make(0x15, audit, 1, 0), foreign],
    load(at.nr),
    ...(foreignFrom === undefined ? [] : [make(0x35, foreignFrom, 0, 1), foreign]),
  ];
}

function socketRules(
  { socket, socketpair }: Architecture,
  sockets: SeccompPolicy["sockets"],
): Instruction[] {
  if (sockets === "all") return [];
  const families = familiesOf[sockets];
  const closed = fail("EAFNOSUPPORT");
  const lasting = [load(at.arg1), and(0xf), ...whenAny(lastingTypes, [allow])];
  const pairs = families.includes(family.unix) ? [allow] : [...lasting, closed];
  return [
    ...when(socket, [load(at.arg0), ...whenAny(families, [allow]), closed]),
    ...when(socketpair, [load(at.arg0), ...when(family.unix, pairs), closed]),
  ];
}

function ioctlRules({ ioctl }: Architecture, denyMetadata: boolean): Instruction[] {
  const requests = [...terminalRequests, ...(denyMetadata ? metadataRequests : [])];
  return when(ioctl, [load(at.arg1), ...whenAny(requests, [fail("EPERM")]), allow]);
}

function bytesOf(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  program.forEach(({ code, jt, jf, k }, index) => {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, jt);
    view.setUint8(index * 8 + 3, jf);
    view.setUint32(index * 8 + 4, k, true);
  });
  return bytes;
}

/** Whether there are filters for an architecture, by Deno's name for it. */
export function hasFilter(arch: string): boolean {
  return Object.hasOwn(architectures, arch);
}

/**
 * The filter for an architecture. Every filter closes io_uring (`ENOSYS`), the terminal requests `TIOCSTI` and
 * `TIOCLINUX` (`EPERM`), and all calls of a foreign ABI, such as those of 32-bit programs (`ENOSYS`).
 *
 * @throws {RangeError} when {@linkcode hasFilter} does not hold for `arch`.
 */
export function filterFor(arch: string, policy: SeccompPolicy): Uint8Array {
  const machine = hasFilter(arch) ? architectures[arch] : undefined;
  if (machine === undefined) throw new RangeError(`There is no filter for the processor ${arch}`);
  const { sockets, denyMetadata = false } = policy;
  return bytesOf([
    ...ownAbiAlone(machine),
    ...socketRules(machine, sockets),
    ...whenAny(uring, [fail("ENOSYS")]),
    ...ioctlRules(machine, denyMetadata),
    ...(denyMetadata ? whenAny(machine.metadata, [fail("EPERM")]) : []),
    allow,
  ]);
}
