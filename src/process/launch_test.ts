import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Io } from "../io.ts";
import { realIo } from "../real_io.ts";
import { execute, readUsage } from "./execute.ts";
import { launcherOf } from "./launch.ts";
import type { Executed, Execution } from "./types.ts";

const io = realIo();
const isMeasured = await launcherOf(io) !== undefined;

/** Commands measured by the launcher; ignored where the machine has none, and the name says so. */
function measured(name: string, fn: () => Promise<void>): void {
  const why = isMeasured ? "" : " (ignored: no Perl, or no Linux on x86_64 or aarch64)";
  Deno.test({ name: `${name}${why}`, ignore: !isMeasured, fn });
}

interface Ended extends Executed {
  readonly out: string;
  readonly err: string;
}

async function run(
  argv: readonly string[] | string,
  more: Partial<Execution> = {},
  world: Io = io,
): Promise<Ended> {
  const dir = await Deno.makeTempDir();
  const attemptId = crypto.randomUUID();
  try {
    const executed = await execute(world, {
      argv: typeof argv === "string" ? ["sh", "-c", argv] : argv,
      cwd: dir,
      env: { PATH: Deno.env.get("PATH")!, ASSAY_ATTEMPT_ID: attemptId },
      timeoutMs: 60_000,
      attemptId,
      stdoutFile: `${dir}/stdout`,
      stderrFile: `${dir}/stderr`,
      outputCap: 1024 * 1024,
      signal: new AbortController().signal,
      usageFile: `${dir}/usage`,
      ...more,
    });
    const text = (name: "stdout" | "stderr") =>
      executed[name].kept === 0 ? Promise.resolve("") : Deno.readTextFile(`${dir}/${name}`);
    return { ...executed, out: await text("stdout"), err: await text("stderr") };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

measured("what a command used is reported, its children included", async () => {
  const { usage: { metrics } } = await run("true");
  assertEquals(Object.keys(metrics).sort(), [
    "cpu_system_ms",
    "cpu_user_ms",
    "memory_peak_bytes",
    "read_bytes",
    "written_bytes",
  ]);
  assert(metrics.memory_peak_bytes! < 30e6, JSON.stringify(metrics));
  const script = "b = bytearray(80_000_000)\nfor i in range(2_000_000): pass";
  const busy = await run(`(python3 -c '${script}'; head -c 3000000 /dev/zero > big; sync big)`);
  assertEquals(busy.exitCode, 0, busy.err);
  assert(busy.usage.metrics.memory_peak_bytes! > 80e6);
  assert(busy.usage.metrics.cpu_user_ms! > metrics.cpu_user_ms! + 10);
  assert(busy.usage.metrics.cpu_user_ms! < 30_000);
});

measured("a command ends as it would without the launcher", async () => {
  for (
    const command of [
      "exit 0",
      "exit 3",
      "exit 127",
      "exit 255",
      "kill -SEGV $$",
      "kill -TERM $$",
      "kill -KILL $$",
      "kill -USR1 0; sleep 5",
      "kill -HUP 0; sleep 5",
      "kill -ABRT $$",
      "no-such-tool-g",
      "./no-such-file",
    ]
  ) {
    assertEquals(endOf(await run(command)), endOf(await run(command, bare)), command);
  }
});

/** Without the launcher. */
const bare = { usageFile: undefined! };

/** Deno calls the shell by its path, which the shell's complaints begin with. */
function endOf({ exitCode, signal, out, err, spawnError }: Ended) {
  return { exitCode, signal, out, err: err.replace(/^\/\S*\/(?=sh: )/, ""), spawnError };
}

measured("a command finds its surroundings as without the launcher", async () => {
  const env = {
    PATH: Deno.env.get("PATH")!,
    LC_ALL: "xx_YY",
    PERL5OPT: "-Mno::such::module",
    PERL_BADLANG: "1",
    PERLLIB: "/nowhere",
    ODD: "a\nb=ü",
  };
  const command =
    "env | sort; grep -E '^(Sig|Shd)[BIC]' /proc/self/status; ulimit -a; umask; pwd -P | wc -l";
  const { out, err } = await run(command, { env, cwd: "/" });
  assertEquals(err, "", "a locale that is not there is not complained of");
  // The C library may ignore two signals of its own in what it spawns; no program can send or handle them.
  const own = (text: string) =>
    text.replace(/SigIgn:\t0{7}[01][08]0{7}\b/, `SigIgn:\t${"0".repeat(16)}`);
  assertEquals(own(out), own((await run(command, { env, cwd: "/", ...bare })).out));
  assertStringIncludes(out, "PERL5OPT=-Mno::such::module");
  assert(!out.includes("ASSAY_LAUNCH_"));
});

measured("a program that cannot be executed is reported as before", async () => {
  const missing = await run(["/no/such/program"]);
  assertEquals(missing.pid, null);
  assertEquals(missing.spawnError, {
    message: "cannot start /no/such/program: not found",
    isMissing: true,
  });
  assert((await run(["/etc/passwd"])).spawnError!.isMissing);
  const long = await run(["sh", "-c", "x".repeat(3_000_000)]);
  assertEquals([long.pid, long.spawnError!.isMissing], [null, false]);
});

measured("a limit stops the command and not the launcher alone", async () => {
  const start = performance.now();
  const { timedOut, signal, usage } = await run("sleep 100 & wait", { timeoutMs: 300 });
  assert(performance.now() - start < 4_000);
  assertEquals([timedOut, signal], [true, "SIGTERM"]);
  assert(usage.metrics.memory_peak_bytes! > 0);
});

measured("a command that ends on SIGTERM in its own way is waited for", async () => {
  const { timedOut, exitCode } = await run(
    "trap 'sleep 0.3; exit 7' TERM; while :; do sleep 0.05; done",
    { timeoutMs: 300 },
  );
  assertEquals([timedOut, exitCode], [true, 7]);
});

measured("descriptors that assay inherited reach a command, and a sandboxed one not", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/secret`, "secret");
    await Deno.writeTextFile(`${dir}/program.ts`, descriptorProgram(dir));
    const outcome = async (sandboxed: string) => {
      const deno = [Deno.execPath(), "run", "-A", "--quiet", "--no-lock", `--config=${config}`];
      const line = `exec 77<${dir}/secret; exec "$@"`;
      const { stdout } = await new Deno.Command("bash", {
        args: ["-c", line, "bash", ...deno, `${dir}/program.ts`, sandboxed],
      }).output();
      return new TextDecoder().decode(stdout);
    };
    assertEquals(await outcome(""), "secret");
    assertEquals(await outcome("1"), "closed");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

const config = new URL("../../deno.json", import.meta.url).pathname;

/** A program that executes a command which reads descriptor 77. */
function descriptorProgram(dir: string): string {
  const from = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  return `import { realIo } from ${from("../real_io.ts")};
import { execute } from ${from("./execute.ts")};
const [sandboxed] = Deno.args;
await execute(realIo(), {
  argv: ["sh", "-c", "cat /dev/fd/77 2>/dev/null || printf closed"],
  cwd: ${
    JSON.stringify(dir)
  }, env: { PATH: Deno.env.get("PATH") }, timeoutMs: 10000, attemptId: "d",
  stdoutFile: "${dir}/out", stderrFile: "${dir}/err", outputCap: 1000,
  signal: new AbortController().signal, usageFile: "${dir}/usage",
  ...(sandboxed ? { sandboxed: {} } : {}),
});
await Deno.stdout.write(await Deno.readFile("${dir}/out"));
await Deno.remove("${dir}/out");
`;
}

/** A program that executes a command under the launcher and is killed meanwhile. */
function endlessProgram(dir: string, argv: readonly string[]): string {
  const from = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  return `import { realIo } from ${from("../real_io.ts")};
import { execute } from ${from("./execute.ts")};
await execute(realIo(), {
  argv: ${JSON.stringify(argv)}, cwd: "/", env: { PATH: "/usr/bin:/bin" }, timeoutMs: 60000,
  attemptId: "e", stdoutFile: "${dir}/out", stderrFile: "${dir}/err", outputCap: 1000,
  signal: new AbortController().signal, usageFile: "${dir}/usage",
  ...(Deno.args[0] ? { sandboxed: {} } : {}),
});
`;
}

/** The processes that have a word in their arguments. */
async function processesWith(word: string): Promise<number[]> {
  const names = (await Array.fromAsync(Deno.readDir("/proc"))).map(({ name }) => Number(name));
  const found = await Promise.all(
    names.filter((pid) => pid > 0).map(async (pid) => {
      const text = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
      return text.includes(word) ? [pid] : [];
    }),
  );
  return found.flat();
}

async function until(holds: () => Promise<boolean>, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (!await holds()) {
    if (performance.now() > end) return false;
    await io.sleep(20);
  }
  return true;
}

/** How many processes of the command there are, and how many a second after assay was killed. */
async function killAssay(
  inner: (word: string) => readonly string[],
  sandboxed: string,
  count: number,
): Promise<{ before: boolean; survivors: number }> {
  const dir = await Deno.makeTempDir();
  const word = `assay-${crypto.randomUUID()}`;
  try {
    await Deno.writeTextFile(`${dir}/program.ts`, endlessProgram(dir, inner(word)));
    const flags = ["-A", "--quiet", "--no-lock", `--config=${config}`];
    const assay = new Deno.Command(Deno.execPath(), {
      args: ["run", ...flags, `${dir}/program.ts`, sandboxed],
      stdin: "null",
    }).spawn();
    const before = await until(
      async () => (await processesWith(word)).length >= count,
      20_000,
    );
    assay.kill("SIGKILL");
    await assay.status;
    await until(async () => (await processesWith(word)).length === 0, 1_000);
    const survivors = await processesWith(word);
    for (const pid of survivors) io.kill(pid, "SIGKILL");
    return { before, survivors: survivors.length };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const sleeper = (word: string) => ["sh", "-c", "sleep 30; :", word];

measured("a sandboxed command does not outlive an assay that was killed, others do", async () => {
  // The launcher and the shell.
  assertEquals(await killAssay(sleeper, "1", 2), { before: true, survivors: 0 });
  const free = await killAssay(sleeper, "", 2);
  assertEquals([free.before, free.survivors], [true, 2]);
});

const bwrap = "/usr/bin/bwrap";
const hasBwrap = await io.fs.stat(bwrap) !== undefined;

Deno.test({
  name: "what runs in a sandbox of bwrap ends with an assay that was killed",
  ignore: !isMeasured || !hasBwrap,
  async fn() {
    const inSandbox = (word: string) => [
      ...[bwrap, "--unshare-user", "--unshare-pid", "--die-with-parent", "--bind", "/", "/"],
      ...["--", ...sleeper(word)],
    ];
    // The launcher, bwrap outside and inside, the shell.
    assertEquals(await killAssay(inSandbox, "1", 4), { before: true, survivors: 0 });
    const free = await killAssay(inSandbox, "", 4);
    assertEquals([free.before, free.survivors], [true, 4]);
  },
});

measured("a launcher whose assay is gone already starts nothing sandboxed", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const launcher = (await launcherOf(io))!;
    const started = async (closesInherited: boolean) => {
      const options = { usageFile: `${dir}/usage-${closesInherited}`, closesInherited };
      const { argv, env } = launcher({ argv: ["echo", "started"], env: {} }, options);
      // Its parent is the shell, not this process.
      const { stdout } = await new Deno.Command("sh", {
        args: ["-c", '"$@"; exit $?', "sh", ...argv],
        env,
      }).output();
      return new TextDecoder().decode(stdout);
    };
    assertEquals([await started(false), await started(true)], ["started\n", ""]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

measured(
  "the file for the numbers is never written through a link, nor believed when it is one",
  async () => {
    const dir = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${dir}/victim`, "whole");
      await Deno.symlink(`${dir}/victim`, `${dir}/usage`);
      const { exitCode, usage } = await run("exit 4", { usageFile: `${dir}/usage` });
      assertEquals([exitCode, usage.metrics], [4, {}]);
      assertEquals(await Deno.readTextFile(`${dir}/victim`), "whole");
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
);

measured("a command that replaces its numbers cannot pretend that it never started", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const command = `rm ${dir}/usage; echo errno 2 > ${dir}/usage; exit 1`;
    const { pid, exitCode } = await run(command, { usageFile: `${dir}/usage` });
    assertEquals([pid !== null, exitCode], [true, 1]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

measured(
  "a command that kills its launcher and fakes its numbers leaves nothing running",
  async () => {
    const dir = await Deno.makeTempDir();
    try {
      const command = `sleep 30 >/dev/null 2>&1 & echo $! > ${dir}/pid; rm ${dir}/usage; ` +
        `echo left 0 > ${dir}/usage; kill -KILL $PPID`;
      const { signal, leftBehind } = await run(command, { usageFile: `${dir}/usage` });
      assertEquals([signal, leftBehind], ["SIGKILL", true]);
      // It may be a zombie that nothing has reaped yet.
      const pid = (await Deno.readTextFile(`${dir}/pid`)).trim();
      const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => ") Z");
      assertStringIncludes(stat, ") Z");
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
);

Deno.test("where there is no launcher, commands run without and nothing is measured", async () => {
  for (
    const part of [{ os: "freebsd" }, { arch: "riscv64" }, { fs: { ...io.fs, stat: nothing } }]
  ) {
    const other = Object.assign(Object.create(io), part) as Io;
    assertEquals(await launcherOf(other), undefined);
    const { exitCode, usage } = await run("exit 3", {}, other);
    assertEquals([exitCode, usage.metrics], [3, {}]);
  }
});

const nothing = () => Promise.resolve(undefined);

Deno.test("only numbers are read of what the launcher wrote", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const read = async (text: string) => {
      await Deno.writeTextFile(`${dir}/u`, text);
      return await readUsage(io, `${dir}/u`);
    };
    const none = { metrics: {}, left: undefined, programs: [], changed: false, oom: false };
    assertEquals(await read("cpu_user_ms 1.5\nread_bytes 0\n"), {
      ...none,
      metrics: { cpu_user_ms: 1.5, read_bytes: 0 },
    });
    assertEquals(await read("errno 13\n"), { ...none, errno: 13 });
    assertEquals(await read("changed 1\nleft 2\nprogram sleep 30\nprogram 7\n"), {
      ...none,
      ...{ left: 2, programs: ["sleep 30", "7"], changed: true },
    });
    assertEquals(await read("oom 1\nleft 0\n"), { ...none, left: 0, oom: true });
    assertEquals(await read("other 1\ncpu_user_ms -1\nread_bytes 1e9\n"), none);
    assertEquals(await read("cpu_user_ms 1\n".repeat(1000)), none);
    assertEquals(await readUsage(io, `${dir}/none`), none);
    await new Deno.Command("mkfifo", { args: [`${dir}/pipe`] }).output();
    assertEquals(await readUsage(io, `${dir}/pipe`), none);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

/** A daemon by the book, its environment cleared: it is in no group and bears no mark of ours. */
const daemon = (file: string) => `
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        with open("${file}", "w") as f:
            f.write(str(os.getpid()))
        os.dup2(os.open("/dev/null", os.O_RDWR), 1)
        os.dup2(1, 2)
        os.execve("/bin/sleep", ["sleep", "30"], {})
    os._exit(0)
while not os.path.exists("${file}") or not open("${file}").read():
    time.sleep(0.005)
`;

/** Whether a process runs; it is ended. */
function wasRunning(pid: number): boolean {
  return io.kill(pid, "SIGKILL");
}

async function leaveDaemon(world: Io): Promise<{ leftBehind: boolean; survived: boolean }> {
  const file = await Deno.makeTempFile();
  await Deno.remove(file);
  const { leftBehind } = await run(["python3", "-c", daemon(file)], {}, world);
  const pid = Number(await Deno.readTextFile(file));
  await Deno.remove(file);
  return { leftBehind, survived: wasRunning(pid) };
}

measured(
  "a daemon that hides from its group and its mark does not outlive the command",
  async () => {
    assertEquals(await leaveDaemon(io), { leftBehind: true, survived: false });
    // Without the launcher it does, as on machines that have none.
    assertEquals(await leaveDaemon({ ...io, os: "other" }), { leftBehind: false, survived: true });
  },
);
