/**
 * Acts by their system calls, each tried first without limits and then confined: as root, as an ordinary user,
 * by the sources and by the compiled program.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { SandboxSpec } from "../../src/plugin.ts";
import { realIo } from "../../src/real_io.ts";
import { run, testUnless, textOf, withFolder } from "../support.ts";
import { bundle } from "../tools/bundle.ts";
import { compile } from "../tools/compile.ts";
import { engineHost } from "../../plugins/engines/_testing.ts";
import { landlock } from "../../plugins/engines/landlock.ts";

const python = "/usr/bin/python3";
const actor = new URL("_landlock_actor.py", import.meta.url).pathname;
const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

const writing = [
  ...["create outside", "create beside by a longer name", "append outside"],
  ...["read and write outside", "empty on opening", "truncate", "unnamed file outside"],
  ...["by a symbolic link", "by a hard link", "by /proc/self/cwd", "move out", "move in"],
  ...["exchange", "make a folder", "remove a folder", "remove a file", "make a symbolic link"],
  ...["make a pipe", "by a shell", "by a child in a session of its own"],
  ...["by an inherited descriptor", "by the root of a process outside"],
  ...["by the working directory of a process outside", "bind in a user namespace"],
];

/** By which a command would have another process act for it. */
const meddling = [
  ...["memory of a process outside", "trace a process outside", "descriptor of a process outside"],
  ...["environment of a process outside", "signal a process outside"],
];

const asRoot = [
  ...["mount", "mount in a user namespace", "chroot", "open by handle", "load a module"],
  ...["write /proc/sys", "write /sys", "character device in the workspace"],
  "block device in the workspace",
];

const metadata = ["chmod", "chown", "times", "attributes", "flags"];

const sockets = [
  ...["tcp", "abstract unix socket", "unix socket by path", "udp", "tcp over IPv6", "netlink"],
  ...["vsock", "kernel crypto", "a reconnected datagram pair"],
];

const rawSockets = ["ping", "raw", "packet"];
const waysRound = ["io_uring", "push terminal input"];

const harmless = [
  ...["write where TMPDIR is", "write the evidence", "write the report", "write /dev/null"],
  ...["read outside", "signal a child", "a pair of streams"],
];

const workspace = ["write in the workspace"];
const ownPaths = ["write a path of its own", "write a file of its own"];

/** What some machines cannot do even without limits: the act then proves nothing, and the test says so. */
const machineMayLack = [
  ...["unnamed file outside", "bind in a user namespace", "mount", "mount in a user namespace"],
  ...["open by handle", "load a module", "write /proc/sys", "write /sys", "attributes", "flags"],
  ...["character device in the workspace", "block device in the workspace", "io_uring", "vsock"],
  ...["kernel crypto", "tcp over IPv6", "ping", "raw", "packet", "push terminal input", "chroot"],
  ...["trace a process outside", "descriptor of a process outside"],
  "memory of a process outside",
];

/** A way to be somebody, and to start assay as him. */
interface Who {
  readonly prefix: readonly string[];
  readonly uid: number;
}

const ordinary: Who = {
  prefix: ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
  uid: 65534,
};
const me: Who = { prefix: [], uid: isRoot ? 0 : -1 };

type Outcome = Readonly<Record<string, string>>;

/** Makes the workspace and what is around it, belonging to the one who acts. */
async function setStage(folder: string, { uid }: Who): Promise<void> {
  const names = ["it's a workspace", "it's a workspace too", "outside", "tmp", "live", "extra"];
  for (const name of [...names, "outside/empty"]) await Deno.mkdir(`${folder}/${name}`);
  const files = ["outside/old", "outside/moved", "outside/removed", "report.xml", "extra file"];
  for (const name of files) await Deno.writeTextFile(`${folder}/${name}`, "old");
  if (uid > 0) await run(["chown", "-R", `${uid}:${uid}`, folder], { cwd: "/", env: {} });
}

/** Listens and waits outside: on TCP, on unix sockets by name and by path, and as a process of the same user. */
const outsider = `
import os, socket, sys
abstract, folder = sys.argv[1:]
open_sockets = []
def listening(family, address, kind=socket.SOCK_STREAM):
    s = socket.socket(family, kind)
    s.bind(address)
    if kind == socket.SOCK_STREAM: s.listen(9)
    open_sockets.append(s)
    return s
listening(socket.AF_UNIX, "\\0" + abstract)
os.chdir(folder)
listening(socket.AF_UNIX, "streams")
listening(socket.AF_UNIX, "datagrams", socket.SOCK_DGRAM)
print(listening(socket.AF_INET, ("127.0.0.1", 0)).getsockname()[1], flush=True)
sys.stdin.read()
`;

type Confine = (argv: readonly string[], folder: string) => Promise<readonly string[]>;

/** Plays acts on a stage of their own, next to a process that is outside; `confine` wraps what acts. */
function play(acts: readonly string[], who: Who, confine: Confine): Promise<Outcome> {
  return withFolder(async (folder) => {
    await Deno.chmod(folder, 0o755);
    await setStage(folder, who);
    const abstract = `assay-${crypto.randomUUID()}`;
    const argv = [...who.prefix, python, "-c", outsider, abstract, `${folder}/outside`];
    const child = new Deno.Command(argv[0]!, {
      args: argv.slice(1),
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    const port = textOf((await reader.read()).value!).trim();
    const script = await Deno.readTextFile(actor);
    const acting = await confine([python, "-c", script, JSON.stringify(acts)], folder);
    const inheriting = ["sh", "-c", 'exec 9>>"$0"; exec "$@"', `${folder}/outside/old`];
    const { code, stdout, stderr } = await run([...who.prefix, ...inheriting, ...acting], {
      cwd: `${folder}/it's a workspace`,
      env: { ...environment, PORT: port, ABSTRACT: abstract, HELPER: `${child.pid}` },
    });
    await reader.cancel();
    await child.stdin.close();
    await child.status;
    if (code !== 0) throw new Error(`exit ${code}: ${textOf(stderr)}`);
    return JSON.parse(textOf(stdout));
  });
}

const environment = { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: "/nonexistent" };

/** What the engine is asked to hold, and what then must not be done, and what must. */
interface Case {
  readonly spec: (folder: string) => SandboxSpec;
  readonly denied: readonly string[];
  readonly done: readonly string[];
}

const paths_writable = (folder: string) => [`${folder}/extra`, `${folder}/extra file`, "/missing"];

const cases: Readonly<Record<string, Case>> = {
  readonly: {
    spec: () => ({ filesystem: "readonly" }),
    denied: [...writing, ...meddling, ...workspace, ...ownPaths, ...metadata, ...waysRound],
    done: [...harmless, ...sockets],
  },
  workspace_only: {
    spec: (folder) => ({ filesystem: "workspace_only", paths_writable: paths_writable(folder) }),
    denied: [...writing, ...meddling, ...waysRound],
    done: [...harmless, ...workspace, ...ownPaths, ...sockets, ...metadata],
  },
  scoped_write: {
    spec: (folder) => ({ filesystem: "scoped_write", paths_writable: paths_writable(folder) }),
    denied: [...writing, ...meddling, ...workspace, ...waysRound],
    done: [...harmless, ...ownPaths, ...sockets],
  },
  "no network": {
    spec: () => ({ network: "none" }),
    denied: [...sockets, ...rawSockets, ...meddling, ...waysRound],
    done: [...harmless, ...workspace, ...ownPaths, ...metadata, "create outside", "by a shell"],
  },
  both: {
    spec: () => ({ network: "none", filesystem: "workspace_only" }),
    denied: [...writing, ...sockets, ...rawSockets, ...meddling, ...waysRound, ...ownPaths],
    done: [...harmless, ...workspace],
  },
};

/** How assay is started again, where the one who acts can read it. */
type Start = (folder: string) => Promise<readonly string[]>;

async function check(which: string, who: Who, start: Start): Promise<void> {
  const { spec, denied, done } = cases[which]!;
  const tried = [...denied, ...(who.uid === 0 && which !== "no network" ? asRoot : [])];
  const control = await play(tried, who, (argv) => Promise.resolve(argv));
  const proving = tried.filter((act) => control[act] === "done");
  const mustProve = tried.filter((act) => !machineMayLack.includes(act));
  assertEquals(mustProve.filter((act) => !proving.includes(act)), [], JSON.stringify(control));
  await withFolder(async (programs) => {
    await Deno.chmod(programs, 0o755);
    const self = await start(programs);
    const { facts = {} } = await landlock.probe!({ ...engineHost(), self });
    const confined = await play([...proving, ...done], who, async (argv, folder) => {
      const context = { ...contextOf(folder, self), facts };
      const wrapped = await landlock.wrap(argv, spec(folder), context);
      assert(Array.isArray(wrapped));
      return wrapped;
    });
    const escaped = proving.filter((act) => confined[act] === "done");
    assertEquals(escaped, [], "escapes");
    const able = done.filter((act) => !machineMayLack.includes(act));
    assertEquals(able.filter((act) => confined[act] !== "done"), [], JSON.stringify(confined));
  });
}

function contextOf(folder: string, self: readonly string[]) {
  return {
    ...engineHost(),
    self,
    attemptId: "1",
    commandName: "check",
    workspace: `${folder}/it's a workspace`,
    cwd: `${folder}/it's a workspace`,
    liveDir: `${folder}/live`,
    tmpDir: `${folder}/tmp`,
    protectedPaths: [`${folder}/it's a workspace/.assay`, `${folder}/cache/assay`],
    descriptorsClosed: false,
    resultFile: `${folder}/report.xml`,
    filesDir: `${folder}/files`,
    environment,
  };
}

Deno.test(
  "landlock: what would open a protected path is an error, unless it names that",
  async () => {
    const folder = "/nowhere";
    const context = { ...contextOf(folder, ["/bin/assay"]), facts: { abi: 6 } };
    const wrap = async (spec: SandboxSpec) => await landlock.wrap(["true"], spec, context);
    const cache = `${folder}/cache`;
    for (const filesystem of ["readonly", "workspace_only", "scoped_write"] as const) {
      for (const path of ["/", folder, cache, `${cache}/assay/probe`]) {
        const spec = { filesystem, paths_writable: [path] };
        await assertRejects(() => wrap(spec), Error, "decides what is run outside");
        await wrap({ paths_writable: [path], network: "none" });
      }
      for (const path of [`${cache}/assay`, `${cache}/other`, `${cache}/assay.txt`]) {
        await wrap({ filesystem, paths_writable: [path] });
      }
    }
    const own = [context.workspace];
    await wrap({ filesystem: "workspace_only", paths_writable: own });
    const scoped: SandboxSpec = { filesystem: "scoped_write", paths_writable: own };
    await assertRejects(() => wrap(scoped), Error, "outside");
    await wrap({ ...scoped, paths_writable: [...own, `${own}/.assay`] });
    const { caveats } = await landlock.review!({ filesystem: "workspace_only" }, {});
    assertMatch(caveats!.filesystem!, /other files that decide which programs run outside/);
  },
);

/** From the sources, by a Deno that everyone may run. */
const fromSources: Start = async (folder) => {
  const [deno, ...rest] = realIo().self;
  await Deno.copyFile(deno!, `${folder}/deno`);
  await Deno.chmod(`${folder}/deno`, 0o755);
  return [`${folder}/deno`, ...rest];
};

const compiled: Start = async (folder) => {
  const program = await compile(await bundle(`${folder}/dist`));
  return [program];
};

const missing = Deno.build.os !== "linux"
  ? "Landlock is a part of Linux"
  : await Deno.stat(python).then(() => undefined, () => `needs ${python}`);
const missingUser = missing ?? (isRoot ? undefined : "needs root, to become an ordinary user");
const missingRuntime = Deno.env.get("ASSAY_COMPILE_DENO") && Deno.env.get("DENORT_BIN")
  ? undefined
  : "needs ASSAY_COMPILE_DENO and DENORT_BIN";

for (const which of Object.keys(cases)) {
  testUnless(missing, `landlock: ${which}`, () => check(which, me, fromSources));
  testUnless(
    missingUser,
    `landlock: ${which}, as an ordinary user`,
    () => check(which, ordinary, fromSources),
  );
}

testUnless(
  missing ?? missingRuntime,
  "landlock: the compiled program confines too",
  () => check("both", me, compiled),
);

testUnless(
  missingUser ?? missingRuntime,
  "landlock: the compiled program confines an ordinary user",
  () => check("both", ordinary, compiled),
);
