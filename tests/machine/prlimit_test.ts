import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { SandboxSpec } from "../../src/plugin.ts";
import { engineHost, type Held, runHeld } from "../../plugins/engines/_testing.ts";
import { prlimit } from "../../plugins/engines/prlimit.ts";
import { testUnless, withFolder } from "../support.ts";

const mebibyte = 1024 * 1024;

/**
 * Hogs stop by themselves: at 400 MiB, 200 processes, a few seconds. The kernel counts a process's time for its limit
 * by ticks, of which a busy machine misses some, so they have more of it than the limit by far.
 */
const acts = {
  hog: `perl -e 'my $x = "x" x (400 << 20); print "grown"'`,
  forks: `perl -e 'my @born; for (1 .. 200) { my $p = fork; last if !defined $p; ` +
    `if (!$p) { sleep 5; exit } push @born, $p } kill 9, @born; print scalar @born'`,
  busy: `perl -e 'do { 1 for 1 .. 100_000 } until (times)[0] > 4; print "done"'`,
  stubborn: `perl -e '$SIG{XCPU} = "IGNORE"; do { 1 for 1 .. 100_000 } until (times)[0] > 5; ` +
    `print "done"'`,
};

async function succeeds(argv: readonly string[]): Promise<boolean> {
  return (await engineHost().run(argv).catch(() => ({ exitCode: 1 }))).exitCode === 0;
}

const ordinary = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
const inBwrap = ["bwrap", "--bind", "/", "/", "--unshare-user", "--cap-drop", "ALL"].concat(
  ["--dev", "/dev", "--proc", "/proc"],
);
const isRoot = Deno.uid() === 0;
const hasBwrap = await succeeds([...inBwrap, "true"]);
const canRaise = await succeeds(["prlimit", "--core=0:0", "prlimit", "--core=1:1", "true"]);

/** Who runs a command, and what makes it so. */
const places: readonly { name: string; prefix: readonly string[]; missing?: string }[] = [
  { name: "the user who runs the tests", prefix: [] },
  {
    name: "an ordinary user",
    prefix: ordinary,
    ...(isRoot ? {} : { missing: "needs root, to become another" }),
  },
  { name: "in bwrap", prefix: inBwrap, ...(hasBwrap ? {} : { missing: "needs bwrap" }) },
  {
    name: "an ordinary user in bwrap",
    prefix: [...ordinary, ...inBwrap],
    ...(isRoot && hasBwrap ? {} : { missing: "needs root and bwrap" }),
  },
];

Deno.test("prlimit: without a limit of processor time the same ends well", async () => {
  const free = await runHeld(prlimit, {}, acts.busy);
  assertEquals([free.stdout, free.denials], ["done", []]);
});

for (const { name, prefix, missing } of places) {
  const held = (spec: SandboxSpec, line: string): Promise<Held> =>
    runHeld(prlimit, spec, line, { prefix });

  testUnless(
    missing,
    `prlimit, ${name}: what it says it holds is all but root's pids`,
    async () => {
      const probe = await prlimit.probe!(engineHost(prefix));
      const user = (await engineHost(prefix).run(["id", "-u"])).stdout.trim();
      assertEquals(probe.works, true);
      assertEquals(Object.keys(probe.missing ?? {}), user === "0" ? ["pids"] : []);
      if (user === "0") assertMatch(probe.missing!.pids!, /does not limit root's processes/);
      else assertEquals(probe.facts!.counted, "command");
    },
  );

  testUnless(missing, `prlimit, ${name}: memory of one process`, async () => {
    const { exitCode, stdout } = await held({ memory: 64 * mebibyte }, acts.hog);
    assert(exitCode !== 0, "the hog ended well");
    assertEquals(stdout, "");
    assertEquals((await held({}, acts.hog)).stdout, "grown");
  });

  testUnless(missing, `prlimit, ${name}: processor time, known by its signal`, async () => {
    const stopped = await held({ cpu: 900 }, `${acts.busy}; exit $?`);
    assertEquals([stopped.exitCode, stopped.stdout], [152, ""]);
    assertEquals(stopped.denials.map(({ dimension, killed }) => [dimension, killed]), [
      ["cpu", true],
    ]);
    assertEquals((await held({ cpu: 900 }, acts.stubborn)).stdout, "");
  });

  testUnless(
    missing,
    `prlimit, ${name}: a limit cannot be raised, alone or from a new namespace`,
    async () => {
      const raise = "prlimit --pid $$ --data=unlimited";
      const line = `${raise} 2>&1; ulimit -d unlimited 2>&1; ` +
        `unshare --user --map-root-user sh -c '${raise}' 2>&1; ulimit -H -d`;
      const { stdout } = await held({ memory: 64 * mebibyte }, `(${line}); ulimit -H -d`);
      assertEquals(stdout.trim().split("\n").at(-1), "65536");
      assertMatch(stdout, /Operation not permitted/);
      const lower = await held(
        { memory: 64 * mebibyte },
        "prlimit --pid $$ --data=1048576; ulimit -H -d",
      );
      assertEquals(lower.stdout, "1024\n");
    },
  );

  testUnless(
    missing,
    `prlimit, ${name}: exit codes are the command's, and there are no core files`,
    async () => {
      for (const code of [0, 1, 152, 255]) {
        assertEquals((await held({ memory: 64 * mebibyte }, `exit ${code}`)).exitCode, code);
      }
      assertEquals((await held({ memory: 64 * mebibyte }, "ulimit -H -c")).stdout, "0\n");
    },
  );
}

for (const prefix of [ordinary, [...ordinary, ...inBwrap]]) {
  const where = prefix.includes("bwrap") ? " in bwrap" : "";
  const missing = isRoot && hasBwrap ? undefined : "needs root and bwrap";

  testUnless(missing, `prlimit, an ordinary user${where}: exactly so many processes`, async () => {
    // The shell is one, perl the second; bwrap's own first process may be another.
    const { stdout } = await runHeld(prlimit, { pids: 10 }, `${acts.forks}; :`, { prefix });
    assert(stdout === "8" || (where !== "" && stdout === "7"), stdout);
    const nested = `unshare --user --map-root-user ${acts.forks}; :`;
    const deeper = await runHeld(prlimit, { pids: 10 }, nested, { prefix });
    // In bwrap there may be no further namespace.
    assert(deeper.stdout === "8" || (where !== "" && Number(deeper.stdout) <= 8), deeper.stdout);
    assertEquals((await runHeld(prlimit, {}, acts.forks, { prefix })).stdout, "200");
  });
}

testUnless(
  canRaise ? undefined : "needs a root that may raise limits, with CAP_SYS_RESOURCE",
  "prlimit: a root that may raise limits loses the right to",
  async () => {
    const line = "prlimit --pid $$ --data=unlimited; ulimit -H -d";
    const { stdout } = await runHeld(prlimit, { memory: 64 * mebibyte }, line);
    assertEquals(stdout, "65536\n");
  },
);

testUnless(
  isRoot ? undefined : "needs root, whose namespaces have every capability",
  "prlimit: CAP_SYS_RESOURCE is dropped where it is held",
  async () => {
    // A new user namespace gives it, for that namespace.
    const prefix = ["unshare", "--user", "--map-root-user"];
    const line = "sed -n 's/^Cap\\(Prm\\|Bnd\\):\\t//p' /proc/self/status";
    const bit = (text: string) =>
      text.trim().split("\n").map((each) => (BigInt(`0x${each}`) >> 24n) & 1n);
    const free = await engineHost(prefix).run(["sh", "-c", line]);
    assertEquals(bit(free.stdout), [1n, 1n]);
    const { stdout } = await runHeld(prlimit, { memory: 64 * mebibyte }, line, { prefix });
    assertEquals(bit(stdout), [0n, 0n]);
  },
);

Deno.test("prlimit: what runs on node and deno still runs", async () => {
  const spec = { memory: 1024 * mebibyte, cpu: 60_000 };
  const line = `${Deno.execPath()} eval 'console.log("on")'`;
  assertEquals((await runHeld(prlimit, spec, line)).stdout.trim(), "on");
});

Deno.test("prlimit: the caveats are of what is declared, and name what is left out", async () => {
  const { caveats = {} } = await prlimit.review!({ memory: 1, pids: 1 }, { counted: "user" });
  assertEquals(Object.keys(caveats), ["memory", "pids"]);
  assertMatch(caveats.memory!, /not of all together; shared memory/);
  assertMatch(caveats.pids!, /all processes and threads of the user/);
});

Deno.test("prlimit: programs that do nothing prove nothing", async () => {
  await assertRejects(
    async () => {
      await prlimit.probe!(engineHost(["true"]));
    },
    Error,
    "did not start",
  );
});

Deno.test("prlimit: a limit that is not set is found out", async () => {
  // A `prlimit` that only runs the command.
  const script = 'while [ "${1#--}" != "$1" ]; do shift; done; exec "$@"';
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/prlimit`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const host = engineHost();
    const program = async (name: string) =>
      name === "prlimit" ? `${folder}/prlimit` : await host.program(name);
    const probe = prlimit.probe!({ ...host, program });
    const said = await Promise.resolve(probe).then(({ works }) => works, () => false);
    assertEquals(said, false);
  });
});
