import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { factsOf } from "../../plugins/engines/_systemd_scope.ts";
import type { ConfigTable } from "../../src/plugin.ts";
import { withFolder } from "../support.ts";
import { engineHost, runHeld } from "../../plugins/engines/_testing.ts";
import { systemd } from "../../plugins/engines/systemd.ts";

/** A program that runs its arguments next to a real systemd. */
const beside = Deno.env.get("ASSAY_SYSTEMD");
const missing = beside
  ? undefined
  : "needs ASSAY_SYSTEMD, a program that runs one beside a systemd";

const mebibyte = 1024 * 1024;

/** Hogs stop by themselves: at 400 MiB, 200 processes, a few seconds. */
const acts = {
  hog: `perl -e 'my $x = "x" x (400 << 20); print "grown"'`,
  forks: `perl -e 'my @born; for (1 .. 200) { my $p = fork; last if !defined $p; ` +
    `if (!$p) { sleep 5; exit } push @born, $p } kill 9, @born; print scalar @born'`,
  busy: `perl -e 'do { 1 for 1 .. 100_000 } until (times)[0] > 1; print "done"'`,
  // Each burns little and leaves its parent, so that no one but the scope counts them together.
  busyChildren:
    `perl -e 'for (1 .. 30) { if (!fork) { if (!fork) { do { 1 for 1 .. 9_999 } until (times)[0] > 0.05; ` +
    `exit } exit } wait } sleep 2; print "done"'`,
};

async function childOf(pid: number): Promise<number | undefined> {
  const text = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`).catch(() => "");
  const last = text.trim().split(" ").at(-1);
  return last ? Number(last) : undefined;
}

/** The process that ends a chain of children and is a `cat`. */
async function findCat(pid: number): Promise<number | undefined> {
  for (let each: number | undefined = pid; each !== undefined; each = await childOf(each)) {
    const name = await Deno.readTextFile(`/proc/${each}/comm`).catch(() => "");
    if (name === "cat\n") return each;
  }
  return undefined;
}

/** Starts a systemd, hands over the argv that enters its namespaces, and ends it. */
async function withSystemd(body: (prefix: string[]) => Promise<void>): Promise<void> {
  const child = new Deno.Command(beside!, { args: ["cat"], stdin: "piped", stdout: "piped" })
    .spawn();
  const input = child.stdin.getWriter();
  const reader = child.stdout.getReader();
  try {
    await input.write(new TextEncoder().encode("ready"));
    await reader.read();
    const cat = await findCat(child.pid);
    assert(cat, "the program beside systemd is not to be found");
    await body(["nsenter", "-t", String(cat), "-m", "-p", "-u", "-i", "-C", "--wd=/"]);
  } finally {
    await input.close();
    await reader.cancel();
    await child.status;
  }
}

async function steps(t: Deno.TestContext, prefix: string[]): Promise<void> {
  const probe = await systemd.probe!(engineHost(prefix));
  const facts = (probe.facts ?? {}) as ConfigTable;
  const held = (spec: Parameters<typeof systemd.wrap>[1], line: string, env = {}) =>
    runHeld(systemd, spec, line, { prefix, facts, env });
  const scopes = async () =>
    (await engineHost(prefix).run(["systemctl", "list-units", "--all", "--plain", "assay-*"]))
      .stdout;

  await t.step("the probe holds every capability", () => {
    assertEquals({ works: probe.works, missing: probe.missing }, { works: true, missing: {} });
  });

  await t.step("memory: a hog is killed, and the kernel's counter is the evidence", async () => {
    const { exitCode, stdout, denials, metrics } = await held({ memory: 64 * mebibyte }, acts.hog);
    assertEquals([exitCode, stdout], [137, ""]);
    assertEquals(denials, [{
      dimension: "memory",
      evidence: "the kernel killed 1 process of its scope for memory; it may use 67108864 bytes",
      killed: true,
    }]);
    assertEquals(metrics.oom_kills, 1);
    assert(metrics.memory_peak_bytes! > 60 * mebibyte, String(metrics.memory_peak_bytes));
    assert(metrics.memory_peak_bytes! <= 64 * mebibyte, String(metrics.memory_peak_bytes));
  });

  await t.step("memory: many processes together are limited", async () => {
    const line =
      `for i in 1 2 3 4; do perl -e 'my $x = "x" x (24 << 20); sleep 2; print "grown"' & done; wait`;
    const { stdout, denials } = await held({ memory: 64 * mebibyte }, line);
    assertEquals(denials.map(({ dimension }) => dimension), ["memory"]);
    assert(stdout.split("grown").length < 5, stdout);
  });

  await t.step(
    "memory: the command continues when a process of it was killed, and it is reported",
    async () => {
      const { exitCode, denials } = await held({ memory: 64 * mebibyte }, `${acts.hog}; exit 0`);
      assertEquals([exitCode, denials.length], [0, 1]);
    },
  );

  await t.step("pids: the command has exactly as many as it may", async () => {
    // The shell is one, perl the second.
    const { stdout, denials, metrics } = await held({ pids: 10 }, `${acts.forks}; :`);
    assertEquals(stdout, "8");
    assertEquals(denials.map(({ dimension }) => dimension), ["pids"]);
    assertEquals(metrics.pids_peak, 10);
  });

  await t.step("cpu: a busy loop is stopped", async () => {
    const { exitCode, stdout, denials, metrics, durationMs } = await held({ cpu: 300 }, acts.busy);
    assertEquals([exitCode, stdout], [137, ""]);
    assertEquals(denials.map(({ dimension, killed }) => [dimension, killed]), [["cpu", true]]);
    assert(metrics.cpu_ms! >= 300 && metrics.cpu_ms! < 600, String(metrics.cpu_ms));
    assert(durationMs < 5000, String(durationMs));
  });

  await t.step("cpu: children that each burn a little are counted together", async () => {
    const { exitCode, stdout, denials } = await held({ cpu: 300 }, acts.busyChildren);
    assertEquals([exitCode, stdout, denials.length], [137, "", 1]);
  });

  await t.step("cpu: each process is limited when nothing watches", async () => {
    const line = `kill -STOP $PPID; ${acts.busy.replace("> 1", "> 4")}; kill -CONT $PPID; exit 7`;
    // nsenter stops itself when its child is stopped; with a shell between them it does not notice.
    const between = [...prefix, "sh", "-c", '"$@"; exit $?', "sh"];
    const options = { prefix: between, facts };
    const { exitCode, stdout } = await runHeld(systemd, { cpu: 300 }, line, options);
    assertEquals([exitCode === 7 || exitCode === 137, stdout], [true, ""]);
  });

  await t.step("all three at once hold, each as if alone", async () => {
    const spec = { memory: 64 * mebibyte, pids: 10, cpu: 2000 };
    const line =
      `${acts.forks}; echo; ${acts.hog}; perl -e 'do { 1 for 1 .. 100_000 } until (times)[0] > 3; print "done"'`;
    const { stdout, denials } = await held(spec, line);
    assertEquals(stdout, "8\n");
    assertEquals(denials.map(({ dimension }) => dimension), ["memory", "pids", "cpu"]);
  });

  await t.step("the same acts are free without limits", async () => {
    const free = `${acts.hog}; ${acts.forks}; ${acts.busy}; ${acts.busyChildren}`;
    const { exitCode, stdout, denials } = await held({}, free);
    assertEquals([exitCode, stdout, denials], [0, "grown200donedone", []]);
  });

  await t.step("exit codes and signals are the command's", async () => {
    const spec = { memory: 64 * mebibyte, pids: 10, cpu: 5000 };
    for (const code of [0, 1, 125, 255]) {
      assertEquals((await held(spec, `exit ${code}`)).exitCode, code);
    }
    for (const [name, number] of [["TERM", 15], ["SEGV", 11], ["KILL", 9]] as const) {
      const { exitCode, stderr } = await held(spec, `kill -${name} $$`);
      assertEquals([exitCode, stderr], [128 + number, ""]);
    }
  });

  await t.step("words, variables and the folder come through as they are", async () => {
    const line = `printf '%s|' "$GIVEN" "$INVOCATION_ID" 'a %n $HOME' "$(basename "$PWD")"`;
    const { stdout } = await held({ cpu: 5000 }, line, { GIVEN: "x y$Z" });
    assertMatch(stdout, /^x y\$Z\|\|a %n \$HOME\|[^|]+\|$/);
    const own = await held({}, line, { INVOCATION_ID: "mine" });
    assertMatch(own.stdout, /^\|mine\|/);
  });

  await t.step("a signal to the group ends the command, and what it used is reported", async () => {
    const line =
      `perl -e 'select undef, undef, undef, .3; kill "-TERM", getpgrp' & sleep 5; echo on`;
    const { exitCode, metrics } = await runHeld(systemd, { pids: 10 }, line, {
      prefix: [...prefix, "setsid", "--wait"],
      facts,
    });
    assertEquals(exitCode, 143);
    assertEquals(typeof metrics.pids_peak, "number");
  });

  await t.step("a daemon that left its session is gone with the scope", async () => {
    const daemon = `env -i setsid sh -c 'sleep 77 >/dev/null 2>&1 & exit' >/dev/null 2>&1; echo on`;
    for (const spec of [{ pids: 10 }, { cpu: 5000 }]) {
      const { stdout, exitCode } = await held(spec, daemon);
      assertEquals([exitCode, stdout], [0, "on\n"]);
      const { stdout: left } = await engineHost(prefix).run(["ps", "-eo", "args"]);
      assert(!left.includes("sleep 77"), left);
    }
  });

  await t.step(
    "a command that kills its keeper has ended, with all that was in its scope",
    async () => {
      const { exitCode, signal, said, stdout } = await held(
        { cpu: 5000 },
        "sleep 78 >/dev/null 2>&1 & kill -KILL $PPID; sleep 0.2; echo on",
      );
      assert(exitCode !== 0 && signal !== "SIGTERM", `${exitCode} ${signal}`);
      assertEquals(said.length, 1, `${stdout}`);
      const { stdout: left } = await engineHost(prefix).run(["ps", "-eo", "args"]);
      assert(!left.includes("sleep 78"), left);
    },
  );

  await t.step("nothing is run when the scope could not be limited", async () => {
    const broken = { ...systemd, wrap: unlimited };
    const { exitCode, stdout, stderr } = await runHeld(broken, { memory: mebibyte }, "echo on", {
      prefix,
      facts,
    });
    assertEquals([exitCode, stdout], [125, ""]);
    assertMatch(stderr, /the command was not run: the memory of its scope is not limited/);
  });

  await t.step("no scope is left", async () => {
    // systemd hears of an empty scope a moment after its last process ended.
    const isFree = async () => /\b0 loaded units/.test(await scopes());
    for (let tries = 0; tries < 50 && !await isFree(); tries++) await delay(100);
    assertMatch(await scopes(), /\b0 loaded units/);
  });
}

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("systemd: programs that do nothing prove nothing", async () => {
  assertEquals((await systemd.probe!(engineHost(["true"]))).works, false);
});

Deno.test("systemd: a scope without limits is found out", async () => {
  // A `systemd-run` that only runs the command.
  const script = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"';
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/systemd-run`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const host = engineHost();
    const program = (name: string) =>
      name === "systemd-run" ? Promise.resolve(`${folder}/systemd-run`) : host.program(name);
    const { works, missing } = await systemd.probe!({ ...host, program });
    assertEquals([works, Object.keys(missing!)], [false, ["memory", "pids", "cpu"]]);
  });
});

/** The engine's argv as if systemd had ignored the limit. */
const unlimited: typeof systemd.wrap = async (argv, spec, context) => {
  const wrapped = await systemd.wrap(argv, spec, context);
  assert("argv" in wrapped);
  return { ...wrapped, argv: wrapped.argv.filter((word) => !word.includes("MemoryMax=")) };
};

Deno.test({
  name: `systemd: scopes${missing ? ` (ignored: ${missing})` : ""}`,
  ignore: missing !== undefined,
  fn: (t) => withSystemd((prefix) => steps(t, prefix)),
});

Deno.test("systemd: options that the probe cannot have found are not used", () => {
  for (const known of [undefined, [], ["--property=OOMPolicy=continue"]]) {
    factsOf(known === undefined ? {} : { options: known });
  }
  for (const options of [["--", "sh"], ["--uid=0"], "--shell", [[]]]) {
    assertThrows(() => factsOf({ options }), Error, "unknown options");
  }
});
