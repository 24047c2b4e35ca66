import { assert, assertEquals, assertThrows } from "@std/assert";
import { run, textOf, withFolder } from "../../tests/support.ts";
import { filterFor, hasFilter, type SeccompPolicy } from "./_seccomp.ts";

/** What a filter is asked: `struct seccomp_data`, the arguments as 64 bits. */
interface Call {
  readonly nr: number;
  readonly audit?: number;
  readonly args?: readonly bigint[];
}

const audits: Readonly<Record<string, number>> = { x86_64: 0xc000003e, aarch64: 0xc00000b7 };

/** Runs a filter as the kernel would and says what it answers: `allow` or the number of an error. */
function ask(arch: string, policy: SeccompPolicy, { nr, audit, args = [] }: Call): string | number {
  const program = new DataView(filterFor(arch, policy).buffer);
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, nr, true);
  data.setUint32(4, audit ?? audits[arch]!, true);
  args.forEach((value, index) => data.setBigUint64(16 + 8 * index, value, true));
  let loaded = 0;
  for (let at = 0; at * 8 < program.byteLength; at++) {
    const [jt, jf] = [program.getUint8(at * 8 + 2), program.getUint8(at * 8 + 3)];
    const k = program.getUint32(at * 8 + 4, true);
    switch (program.getUint16(at * 8, true)) {
      case 0x20: // BPF_LD | BPF_W | BPF_ABS
        loaded = data.getUint32(k, true);
        break;
      case 0x54: // BPF_ALU | BPF_AND | BPF_K
        loaded = (loaded & k) >>> 0;
        break;
      case 0x15: // BPF_JMP | BPF_JEQ | BPF_K
        at += loaded === k ? jt : jf;
        break;
      case 0x35: // BPF_JMP | BPF_JGE | BPF_K
        at += loaded >= k ? jt : jf;
        break;
      case 0x06: // BPF_RET | BPF_K
        return k === 0x7fff0000 ? "allow" : k - 0x00050000;
      default:
        throw new Error(`instruction ${at} is not known`);
    }
  }
  throw new Error("the filter ends without an answer");
}

const numbers: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x86_64: {
    socket: 41,
    socketpair: 53,
    ioctl: 16,
    fchmod: 91,
    setxattr: 188,
    write: 1,
    openat: 257,
  },
  aarch64: {
    socket: 198,
    socketpair: 199,
    ioctl: 29,
    fchmod: 52,
    setxattr: 5,
    write: 64,
    openat: 56,
  },
};
const [unix, inet, inet6, netlink, packet, vsock] = [1n, 2n, 10n, 16n, 17n, 40n];
const [stream, datagram, seqpacket] = [1n, 2n, 5n];
const closeOnExec = 0o2000000n;

for (const arch of ["x86_64", "aarch64"]) {
  const { socket, socketpair, ioctl, fchmod, setxattr, write, openat } = numbers[arch]!;
  const answers = (policy: SeccompPolicy, nr: number, ...args: bigint[]) =>
    ask(arch, policy, { nr, args });

  Deno.test(`seccomp, ${arch}: sockets by family`, () => {
    const open = (sockets: SeccompPolicy["sockets"]) =>
      [unix, inet, inet6, netlink, packet, vsock].filter((family) =>
        answers({ sockets }, socket!, family, stream) === "allow"
      );
    assertEquals(open("all"), [unix, inet, inet6, netlink, packet, vsock]);
    assertEquals(open("local"), [unix, inet, inet6, netlink]);
    assertEquals(open("unix_denied"), [inet, inet6, netlink]);
    assertEquals(open("none_allowed"), []);
    assertEquals(answers({ sockets: "none_allowed" }, socket!, inet), 97);
  });

  Deno.test(`seccomp, ${arch}: the kernel looks at 32 bits of an argument, and so does the filter`, () => {
    const high = 1n << 32n;
    assertEquals(answers({ sockets: "unix_denied" }, socket!, unix | high, stream), 97);
    assertEquals(answers({ sockets: "unix_denied" }, socket!, inet | high, stream), "allow");
    assertEquals(answers({ sockets: "all" }, ioctl!, 0n, 0x5412n | high), 1);
  });

  Deno.test(`seccomp, ${arch}: pairs that stay connected can be made where unix sockets are closed`, () => {
    for (const sockets of ["unix_denied", "none_allowed"] as const) {
      const pair = (...args: bigint[]) => answers({ sockets }, socketpair!, ...args);
      for (const type of [stream, seqpacket, stream | closeOnExec]) {
        assertEquals(pair(unix, type), "allow");
      }
      for (const type of [datagram, datagram | closeOnExec, 3n]) assertEquals(pair(unix, type), 97);
      assertEquals(pair(inet, stream), 97);
    }
    assertEquals(answers({ sockets: "local" }, socketpair!, unix, datagram), "allow");
    assertEquals(answers({ sockets: "all" }, socketpair!, unix, datagram), "allow");
  });

  Deno.test(`seccomp, ${arch}: every filter closes io_uring, terminal injection and foreign ABIs`, () => {
    for (const sockets of ["all", "local", "unix_denied", "none_allowed"] as const) {
      for (const nr of [425, 426, 427]) assertEquals(answers({ sockets }, nr), 38);
      for (const request of [0x5412n, 0x541cn]) {
        assertEquals(answers({ sockets }, ioctl!, 0n, request), 1);
      }
      assertEquals(answers({ sockets }, ioctl!, 0n, 0x5413n), "allow");
      for (const audit of [0x40000003, 0x40000028, 0]) {
        assertEquals(ask(arch, { sockets }, { nr: write!, audit }), 38);
      }
    }
    assertEquals(ask("x86_64", { sockets: "all" }, { nr: 0x40000000 + 41 }), 38);
    assertEquals(ask("x86_64", { sockets: "all" }, { nr: 0x40000000 }), 38);
  });

  Deno.test(`seccomp, ${arch}: metadata is closed when asked for, and nothing else ever`, () => {
    const shut: SeccompPolicy = { sockets: "all", denyMetadata: true };
    for (const nr of [fchmod!, setxattr!, 452, 463, 466, 469]) {
      assertEquals(answers(shut, nr), 1);
      assertEquals(answers({ sockets: "all" }, nr), "allow");
    }
    assertEquals(answers(shut, ioctl!, 0n, 0x40086602n), 1);
    assertEquals(answers({ sockets: "all" }, ioctl!, 0n, 0x40086602n), "allow");
    const closed = Array.from({ length: 600 }, (_, nr) => nr).filter((nr) =>
      answers({ sockets: "none_allowed" }, nr) !== "allow"
    );
    assertEquals(closed, [socket!, socketpair!, 425, 426, 427].sort((a, b) => a - b));
    for (const nr of [write!, openat!]) assertEquals(answers(shut, nr), "allow");
  });
}

Deno.test("seccomp: a processor without numbers has no filter", () => {
  assert(hasFilter("x86_64") && hasFilter("aarch64") && !hasFilter("riscv64"));
  assertThrows(() => filterFor("toString", { sockets: "all" }), RangeError, "toString");
});

/** Takes the filter in the file, if there is one, and says how the acts went. */
const actor = `
import ctypes, fcntl, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
class Program(ctypes.Structure):
    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_char_p)]
if len(sys.argv) > 1:
    code = open(sys.argv[1], "rb").read()
    assert libc.prctl(38, 1, 0, 0, 0) == 0
    assert libc.prctl(22, 2, ctypes.byref(Program(len(code) // 8, code))) == 0, ctypes.get_errno()
def act(name, do):
    try: do(); print(name, 0)
    except OSError as error: print(name, error.errno)
for family in (1, 2, 10, 16):
    act("socket %d" % family, lambda: socket.socket(family, socket.SOCK_DGRAM))
act("pair", lambda: socket.socketpair())
act("loose pair", lambda: socket.socketpair(type=socket.SOCK_DGRAM))
act("chmod", lambda: os.chmod(sys.argv[0], 0o600))
def uring():
    if libc.syscall(425, 1, ctypes.create_string_buffer(120)) < 0: raise OSError(ctypes.get_errno(), "")
act("uring", uring)
`;

Deno.test({
  name: "seccomp: the kernel accepts the filter and enforces it",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/actor.py`, actor);
      const acts = async (policy?: SeccompPolicy) => {
        if (policy) await Deno.writeFile(`${folder}/filter`, filterFor(Deno.build.arch, policy));
        const { code, stdout, stderr } = await run(
          ["/usr/bin/python3", `${folder}/actor.py`, ...(policy ? [`${folder}/filter`] : [])],
          { cwd: folder, env: {} },
        );
        assertEquals(code, 0, textOf(stderr));
        return textOf(stdout).trim().split("\n").map((line) => Number(line.split(" ").at(-1)));
      };
      assertEquals(await acts(), [0, 0, 0, 0, 0, 0, 0, 0]);
      assertEquals(await acts({ sockets: "all" }), [0, 0, 0, 0, 0, 0, 0, 38]);
      assertEquals(
        await acts({ sockets: "unix_denied", denyMetadata: true }),
        [97, 0, 0, 0, 0, 97, 1, 38],
      );
      assertEquals(await acts({ sockets: "none_allowed" }), [97, 97, 97, 97, 0, 97, 0, 38]);
    }),
});
