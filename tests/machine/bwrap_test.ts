import { assert, assertEquals, assertRejects } from "@std/assert";
import type { SandboxSpec, WrapContext } from "../../src/plugin.ts";
import { type Finished, run, textOf, withFolder } from "../support.ts";
import { engineHost } from "../../plugins/engines/_testing.ts";
import { bwrap } from "../../plugins/engines/bwrap.ts";

const program = "/usr/bin/bwrap";
const ignore = Deno.build.os !== "linux" || !isThere(program) || !isThere("/usr/bin/python3");
const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/** Who the acts are done as: root's own files are a different matter from those of an ordinary user. */
const users = isRoot ? { root: [], "an ordinary user": nobody } : { "an ordinary user": [] };

/** A project, what is around it, and a process outside. */
interface Stage {
  readonly folder: string;
  /** Runs Python in the workspace, with `d` the folder and `pid` a process outside. */
  act(python: string, spec?: SandboxSpec): Promise<Finished>;
  readonly said: readonly string[];
}

const prelude = `
import ctypes, errno, os, signal, socket, sys, time
libc = ctypes.CDLL(None, use_errno=True)
d, pid = sys.argv[1], int(sys.argv[2])
def call(result):
    if result < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
def write(path):
    with open(path, "a") as file: file.write("x")
def read(path):
    with open(path) as file: assert file.read() == "text\\n", path
`;

/** Leaves descriptors of a folder outside to what it starts, as a careless parent of assay's does. */
const inheriting = (folder: string) => [
  ...["/bin/bash", "-c", 'exec 7<"$0/outside" 15<"$0/outside"; exec "$@"', folder],
];

function onStage<T>(prefix: readonly string[], body: (stage: Stage) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    const made =
      `cd "$0" && mkdir -p ws/.assay/runs/1 ws/.git/hooks ws/.codeloop ws/a/secrets cache/assay ws/out tmp files outside \
      hidden/open memory && for file in ws/file ws/.assay/x.toml ws/settings.toml cache/assay/probe ws/a/secrets/key outside/file ws/.git/config ws/.git/index \
      hidden/secret hidden/open/shown memory/old report; do echo text > "$file"; done
      [ -z "$1" ] || chown -R 65534:65534 .`;
    await run(["sh", "-c", made, folder, prefix[0] ?? ""], {
      cwd: folder,
      env: Deno.env.toObject(),
    });
    const outside = new Deno.Command("setpriv", {
      args: [...prefix.slice(1), "sleep", "60"],
      cwd: "/",
      env: { LEAK: "in its environment" },
    });
    const neighbour = outside.spawn();
    while (await Deno.readTextFile(`/proc/${neighbour.pid}/comm`) !== "sleep\n") await delay();
    const said: string[] = [];
    try {
      return await body({
        folder,
        said,
        async act(python, spec) {
          const inner = ["/usr/bin/python3", "-c", prelude + python, folder, `${neighbour.pid}`];
          const argv = spec ? await wrappedArgv(inner, spec, folder, prefix, said) : inner;
          return reached([...inheriting(folder), ...prefix, ...argv], `${folder}/ws`);
        },
      });
    } finally {
      neighbour.kill("SIGKILL");
      await neighbour.status;
    }
  });
}

/** Runs it, again when bwrap lost one of the machine's mounts while it copied them, as the pipeline does. */
async function reached(argv: readonly string[], cwd: string): Promise<Finished> {
  for (let left = 2;; left--) {
    const finished = await run(argv, { cwd, env: { PATH: "/usr/bin:/bin" } });
    const lost = /^bwrap: Can't bind mount .* No such file/.test(textOf(finished.stderr));
    if (!lost || left === 0) return finished;
  }
}

/** Until a program has become another, which is a matter of a millisecond. */
const delay = () => new Promise((resolve) => setTimeout(resolve, 1));

async function wrappedArgv(
  inner: readonly string[],
  spec: SandboxSpec,
  folder: string,
  prefix: readonly string[],
  said: string[],
): Promise<readonly string[]> {
  const context = contextOf(folder, prefix, said);
  const made = await bwrap.wrap(inner, spec, context);
  const { argv, files = {} } = "argv" in made ? made : { argv: made };
  for (const [name, bytes] of Object.entries(files)) {
    await Deno.writeFile(`${context.filesDir}/${name}`, bytes);
  }
  return argv;
}

function contextOf(folder: string, prefix: readonly string[], said: string[]): WrapContext {
  return {
    ...engineHost(prefix, said),
    attemptId: "1",
    commandName: "it",
    workspace: `${folder}/ws`,
    cwd: `${folder}/ws`,
    liveDir: `${folder}/ws/.assay/runs/1`,
    tmpDir: `${folder}/tmp`,
    protectedPaths: [
      ...[".assay", ".git", ".codeloop", ".bird", "settings.toml"].map((name) =>
        `${folder}/ws/${name}`
      ),
      `${folder}/cache/assay`,
    ],
    resultFile: `${folder}/report`,
    filesDir: `${folder}/files`,
    environment: {},
    descriptorsClosed: false,
    facts: { program, disableUserns: true },
  };
}

/** An act: Python that raises when it cannot be done. */
interface Act {
  readonly spec: (folder: string) => SandboxSpec;
  /** Must work without a sandbox and fail in it. */
  readonly denied?: Readonly<Record<string, string>>;
  /** Must work in the sandbox. */
  readonly allowed?: Readonly<Record<string, string>>;
  /** Denied acts that only root can do at all. */
  readonly deniedToRoot?: Readonly<Record<string, string>>;
}

/** Makes namespaces of its own and mounts control groups in them. */
const mountCgroups = `call(libc.unshare(0x12020000))
call(libc.mount(b"none", (d + "/tmp").encode(), b"cgroup2", 0, None)); os.listdir(d + "/tmp")`;

const unixServer = (path: string) =>
  `s = socket.socket(socket.AF_UNIX); s.bind(${path}); s.listen()`;

const groups: Readonly<Record<string, Act>> = {
  "filesystem = readonly": {
    spec: () => ({ filesystem: "readonly" }),
    denied: {
      "write in the workspace": `write("file")`,
      "create in the workspace": `write("new")`,
      "write in .assay": `write(".assay/x.toml")`,
      "change a mode": `os.chmod("file", 0o777)`,
      "through the root of a process outside": `write(f"/proc/{pid}/root{d}/outside/file")`,
      "through the folder of a process outside": `os.listdir(f"/proc/{pid}/cwd/")`,
    },
    allowed: {
      "evidence, report and TMPDIR":
        `write(".assay/runs/1/x"); write(d + "/report"); write(d + "/tmp/x")`,
      "devices": `write("/dev/null"); os.urandom(1); open("/dev/zero").close(); os.openpty()`,
      "shared memory of its own": `write("/dev/shm/x"); assert os.listdir("/dev/shm") == ["x"]`,
      "read": `read("file"); read(d + "/outside/file"); open("/proc/self/status").close()`,
      "see processes": `os.kill(pid, 0)`,
      "the network as it is": `socket.socket(socket.AF_UNIX); socket.socket(40)`,
      "file owners": `assert os.stat("file").st_uid == os.getuid() != 1`,
    },
    deniedToRoot: {
      "settings of the kernel": `open("/proc/sys/kernel/domainname", "r+").close()`,
      "control groups": mountCgroups,
    },
  },
  "filesystem = workspace_only": {
    spec: (d) => ({
      filesystem: "workspace_only",
      processes: "isolated",
      paths_writable: [d + "/memory", d + "/cache", d + "/ws/.git/hooks"],
    }),
    denied: {
      "write in .git": `write(".git/new")`,
      "send git elsewhere": `write(".git/commondir")`,
      "replace git's index": `os.rename("file", ".git/index")`,
      "write a configuration": `write("settings.toml")`,
      "replace a configuration": `os.rename("file", "settings.toml")`,
      "write another's settings": `write(".codeloop/x")`,
      "write in assay's cache": `write(d + "/cache/assay/probe")`,
      "replace assay's cache": `os.rename(d + "/cache/assay", d + "/cache/other")`,
      "write outside": `write(d + "/outside/file")`,
      "through a link": `os.symlink(d + "/outside", "link"); write("link/file")`,
      "through ..": `write("../outside/file")`,
      "a hard link to outside": `os.link(d + "/outside/file", "name")`,
      "rename from outside": `os.rename(d + "/outside/file", "name")`,
      "rename to outside": `os.rename("file", d + "/outside/name")`,
      "reopened for writing": `f = open(d + "/outside/file"); write(f"/proc/self/fd/{f.fileno()}")`,
      "write in .assay": `write(".assay/x.toml")`,
      "replace .assay": `os.rename(".assay", "other")`,
      "make a hook": `write(".git/hooks/pre-commit")`,
      "write git's configuration": `write(".git/config")`,
      "replace git's configuration": `os.rename("file", ".git/config")`,
      "replace .git": `os.rename(".git", "other")`,
      "a descriptor that was inherited": `def create(fd):
    try: os.close(os.open("new", os.O_CREAT | os.O_WRONLY, dir_fd=fd)); return True
    except OSError: return False
if not any([create(fd) for fd in (7, 15)]): raise OSError()`,
    },
    allowed: {
      "see git": `read(".git/index"); read("settings.toml")`,
      "write beside what is protected": `write(d + "/cache/new"); write("settings.toml.new")`,
      "write in the workspace": `write("file"); write("new"); os.rename("new", "a/new")`,
      "write in a writable path": `write(d + "/memory/old")`,
      "evidence and report": `write(".assay/runs/1/x"); write(d + "/report")`,
      "no descriptor but its own": `assert all(int(fd) < 4 for fd in os.listdir("/proc/self/fd"))`,
    },
    deniedToRoot: {
      "settings of the kernel": `open("/proc/sys/kernel/domainname", "r+").close()`,
      "any other file of /proc": `open("/proc/self/oom_score_adj", "r+").close()`,
    },
  },
  "protected paths that are named": {
    spec: (d) => ({
      filesystem: "workspace_only",
      paths_writable: [d + "/ws/.git", d + "/ws/settings.toml", d + "/cache/assay"],
    }),
    denied: { "another one": `write(".assay/x.toml")`, "beside one": `write(d + "/cache/new")` },
    allowed: {
      "commit": `write(".git/new"); os.rename(".git/new", ".git/index"); write(".git/hooks/x")`,
      "a configuration": `write("settings.toml")`,
      "assay's cache": `write(d + "/cache/assay/probe"); write(d + "/cache/assay/new")`,
    },
  },
  "protected paths around a scope": {
    spec: (d) => ({ filesystem: "scoped_write", paths_writable: [d] }),
    denied: {
      "write in .assay": `write(".assay/x.toml")`,
      "write in .git": `write(".git/commondir")`,
      "replace the workspace": `os.rename(d + "/ws", d + "/other")`,
      "write in assay's cache": `write(d + "/cache/assay/probe")`,
    },
    allowed: {
      "all else": `write("new"); write(d + "/new"); write(".assay/runs/1/x"); write(d + "/tmp/x")`,
    },
  },
  "filesystem = scoped_write": {
    spec: (d) => ({
      filesystem: "scoped_write",
      paths_writable: [d + "/ws/out", d + "/outside/file"],
    }),
    denied: { "write beside": `write("new")`, "write beside a file": `write(d + "/outside/new")` },
    allowed: { "write in the scope": `write("out/new"); write(d + "/outside/file")` },
  },
  "paths_hidden": {
    spec: (d) => ({
      filesystem: "workspace_only",
      paths_hidden: [d + "/hidden", d + "/ws/a/secrets/key", d + "/none"],
      paths_readable: [d + "/hidden/open"],
    }),
    denied: {
      "read in a folder": `read(d + "/hidden/secret")`,
      "read a file": `read("a/secrets/key")`,
      "replace a file": `os.unlink("a/secrets/key")`,
      "rename the folder it is in": `os.rename("a/secrets", "a/other")`,
      "rename the folder above": `os.rename("a", "b")`,
      "write in a hidden folder": `write(d + "/hidden/new")`,
      "write what is readable": `write(d + "/hidden/open/shown")`,
      "through the root of a process outside": `read(f"/proc/{pid}/root{d}/hidden/secret")`,
      "mounts of its own": mountCgroups,
    },
    allowed: {
      "read in a readable folder": `read(d + "/hidden/open/shown")`,
      "see nothing else": `assert os.listdir(d + "/hidden") == ["open"]`,
      "write beside": `write("a/secrets/new"); write("a/new")`,
    },
  },
  "tmpfs": {
    spec: (d) => ({ tmpfs: [d] }),
    denied: { "see what is there": `read(d + "/outside/file")` },
    allowed: { "write there and in the workspace": `write(d + "/x"); write("new")` },
  },
  "processes = isolated": {
    spec: () => ({ processes: "isolated" }),
    denied: {
      "signal": `os.kill(pid, 0)`,
      "see": `assert os.path.exists(f"/proc/{pid}"), pid`,
      "its environment": `assert "LEAK" in open(f"/proc/{pid}/environ").read()`,
      "attach": `call(libc.ptrace(16, pid, 0, 0)); libc.ptrace(17, pid, 0, 0)`,
    },
    allowed: {
      "write anywhere": `write(d + "/outside/file")`,
      "its own": `os.kill(os.getpid(), 0)`,
    },
  },
  "network = none": {
    spec: () => ({ network: "none" }),
    denied: {
      "the machine's interfaces": `assert len(socket.if_nameindex()) > 1`,
      "a unix socket": `socket.socket(socket.AF_UNIX)`,
      "a pair that can be reconnected": `socket.socketpair(type=socket.SOCK_DGRAM)`,
      "the hypervisor": `socket.socket(40)`,
      "io_uring": `call(libc.syscall(425, 1, ctypes.create_string_buffer(120)))`,
    },
    allowed: {
      "a loopback of its own": `s = socket.create_server(("127.0.0.1", 0))
socket.create_connection(s.getsockname())`,
      "connected pairs": `socket.socketpair()`,
      "write anywhere": `write(d + "/outside/file"); os.kill(pid, 0)`,
    },
  },
  "network = localhost": {
    spec: () => ({ network: "localhost" }),
    denied: {
      "the machine's interfaces": `assert len(socket.if_nameindex()) > 1`,
      "the hypervisor": `socket.socket(40)`,
    },
    allowed: {
      "unix sockets": unixServer(`d + "/tmp/s"`),
      "a loopback": `s = socket.create_server(("127.0.0.1", 0))
socket.create_connection(s.getsockname())`,
    },
  },
};

for (const [user, prefix] of Object.entries(users)) {
  for (const [group, { spec, denied, allowed, deniedToRoot }] of Object.entries(groups)) {
    const all = { ...denied, ...(user === "root" ? deniedToRoot : {}) };
    for (const [name, python] of Object.entries(all)) {
      Deno.test({
        name: `bwrap, ${group}, as ${user}: denied: ${name}`,
        ignore,
        async fn() {
          for (const isControl of [true, false]) {
            await onStage(prefix, async ({ folder, act }) => {
              const { code, stderr } = await act(python, isControl ? undefined : spec(folder));
              const text = textOf(stderr);
              assertEquals(code, isControl ? 0 : 1, text);
              if (!isControl) assert(/Error/.test(text) && !/bwrap:/.test(text), text);
            });
          }
        },
      });
    }
    Deno.test({
      name: `bwrap, ${group}, as ${user}: allowed`,
      ignore,
      fn: () =>
        onStage(prefix, async ({ folder, act }) => {
          for (const [name, python] of Object.entries(allowed ?? {})) {
            const { code, stderr } = await act(python, spec(folder));
            assertEquals(code, 0, `${name}: ${textOf(stderr)}`);
          }
        }),
    });
  }
}

const test = (name: string, body: (stage: Stage) => Promise<void>) =>
  Deno.test({ name: `bwrap: ${name}`, ignore, fn: () => onStage([], body) });

const passes = ({ code, stderr }: Finished) => assertEquals(code, 0, textOf(stderr));

test("what is written in an empty folder is forgotten", async ({ folder, act }) => {
  passes(await act(`write(d + "/memory/new")`, { tmpfs: [`${folder}/memory`] }));
  passes(await act(`assert os.listdir(d + "/memory") == ["old"]`));
});

test("a workspace in /tmp is there when /tmp is empty", async ({ folder, act }) => {
  const spec: SandboxSpec = { tmpfs: [folder.split("/").slice(0, 2).join("/")], network: "none" };
  for (const filesystem of ["workspace_only", "unrestricted"] as const) {
    passes(await act(`write("new"); write(".assay/runs/1/x")`, { ...spec, filesystem }));
  }
  const seen = `read("file"); assert not os.path.exists(d + "/outside")`;
  passes(await act(seen, { ...spec, filesystem: "readonly" }));
});

test("spaces, quotes, newlines and dashes in paths", async ({ folder, act }) => {
  const odd = `${folder}/ws/-a 'b' "c"\n$(d) \\e`;
  await Deno.mkdir(`${odd}/in`, { recursive: true });
  await Deno.writeTextFile(`${odd}/key`, "text\n");
  const spec: SandboxSpec = {
    filesystem: "readonly",
    paths_hidden: [`${odd}/key`, `${odd}/in`],
    paths_writable: [odd],
  };
  const python = `odd = [each for each in os.listdir() if each.startswith("-a")][0]
write(odd + "/new"); assert os.listdir(odd + "/in") == []
try: read(odd + "/key")
except PermissionError: sys.exit(0)
sys.exit(1)`;
  passes(await act(python, spec));
});

test("a daemon does not outlive an isolated command", async ({ folder, act }) => {
  const daemon = `
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in (0, 1, 2): os.close(fd)
        time.sleep(0.5); write("outlived")
    os._exit(0)
os.wait()`;
  const outlives = async (spec?: SandboxSpec) => {
    passes(await act(daemon, spec));
    passes(await act(`time.sleep(0.9)`));
    return isThere(`${folder}/ws/outlived`);
  };
  assertEquals(await outlives({ processes: "isolated" }), false);
  assertEquals(await outlives({ processes: "visible" }), true);
});

test("no server of the machine can be reached without network", async ({ folder, act }) => {
  using tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = tcp.addr as Deno.NetAddr;
  using _unix = Deno.listen({ transport: "unix", path: `${folder}/socket` });
  using _abstract = Deno.listen({ transport: "unix", path: `\0${folder}` });
  const tries = [
    `socket.create_connection(("127.0.0.1", ${port}))`,
    `socket.socket(socket.AF_UNIX).connect(d + "/socket")`,
    `socket.socket(socket.AF_UNIX).connect("\\0" + d)`,
  ];
  for (const python of tries) {
    passes(await act(python));
    assertEquals((await act(python, { network: "none" })).code, 1, python);
  }
  const local: SandboxSpec = { network: "localhost" };
  const codes = await Promise.all(tries.map(async (python) => (await act(python, local)).code));
  assertEquals(codes, [1, 0, 1]);
});

test("the command's exit code, output and folder are its own", async ({ folder, act }) => {
  const spec: SandboxSpec = { network: "none", filesystem: "readonly", processes: "isolated" };
  const { code, stdout, stderr } = await act(
    `print(os.getcwd()); print("to stderr", file=sys.stderr); sys.exit(7)`,
    spec,
  );
  assertEquals([code, textOf(stdout), textOf(stderr)], [7, `${folder}/ws\n`, "to stderr\n"]);
});

test("a writable path that is not there is reported, an empty folder that is not there is an error", async ({ folder, said, act }) => {
  const none = `${folder}/none`;
  passes(await act("", { filesystem: "scoped_write", paths_writable: [none] }));
  assertEquals(said.length, 1);
  assert(said[0]!.includes(none));
  await assertRejects(() => act("", { tmpfs: [none] }), Error, none);
  await Deno.symlink(`${folder}/hidden`, none);
  await assertRejects(() => act("", { paths_hidden: [none] }), Error, "symbolic link");
});

test("a protected path that is a link, or reached by one, is an error where anything is written", async ({ folder, act }) => {
  const spec: SandboxSpec = { filesystem: "workspace_only" };
  await Deno.symlink(`${folder}/hidden`, `${folder}/ws/.bird`);
  await assertRejects(() => act("", spec), Error, "symbolic link");
  passes(await act("", { filesystem: "readonly" }));
  passes(await act(`write(".git/new")`, { network: "none" }));
  await Deno.remove(`${folder}/ws/.bird`);
  passes(await act("", spec));
  await Deno.rename(`${folder}/cache`, `${folder}/elsewhere`);
  await Deno.symlink(`${folder}/elsewhere`, `${folder}/cache`);
  await assertRejects(() => act("", spec), Error, "symbolic link");
});

test("a writable path in a protected one stays closed, and that is reported", async ({ folder, said, act }) => {
  const hooks = `${folder}/ws/.git/hooks`;
  passes(await act("", { filesystem: "workspace_only", paths_writable: [hooks] }));
  assertEquals(said.length, 1);
  assert(said[0]!.includes(`${folder}/ws/.git,`), said[0]);
});

test("a program that the probe cannot have found is not started", async ({ folder, act }) => {
  passes(await act("", { filesystem: "readonly" }));
  for (const other of [`${folder}/bwrap`, "bwrap", "/usr/bin/../../tmp/bwrap", undefined, ["sh"]]) {
    const facts = other === undefined ? {} : { program: other };
    const context = { ...contextOf(folder, [], []), facts };
    await assertRejects(
      async () => await bwrap.wrap(["true"], { filesystem: "readonly" }, context),
      Error,
      "no bwrap of the system",
    );
  }
});
