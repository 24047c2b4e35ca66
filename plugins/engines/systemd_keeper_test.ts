import { assertEquals, assertMatch } from "@std/assert";
import { run, textOf, withFolder } from "../../tests/support.ts";
import keeper from "./systemd_keeper.pl" with { type: "text" };
import { statsOf } from "./systemd.ts";

/** Control groups as files that no one changes; keys are paths under the folder, `@` in a text is the folder. */
type Tree = Readonly<Record<string, string>>;

const unified: Tree = {
  "proc/cgroup": "0::/user.slice/a.scope\n",
  "proc/mountinfo": "30 20 0:25 / @/my\\040groups rw - cgroup2 cgroup2 rw\n",
  "my groups/user.slice/a.scope/memory.max": "1048576\n",
  "my groups/user.slice/a.scope/memory.peak": "4096\n",
  "my groups/user.slice/a.scope/memory.events": "low 0\noom 3\noom_kill 2\noom_group_kill 0\n",
  "my groups/user.slice/a.scope/memory.swap.max": "0\n",
  "my groups/user.slice/a.scope/pids.max": "5\n",
  "my groups/user.slice/a.scope/pids.peak": "4\n",
  "my groups/user.slice/a.scope/pids.events": "max 7\n",
  "my groups/user.slice/a.scope/cpu.stat": "usage_usec 1234\nuser_usec 1\n",
};

/** As in a container: what is mounted is a part of the hierarchy. */
const legacy: Tree = {
  "proc/cgroup": "5:cpu,cpuacct:/box/a.scope\n4:memory:/box/a.scope\n3:pids:/box/a.scope\n",
  "proc/mountinfo": "31 20 0:26 /box @/m rw - cgroup cgroup rw,memory\n" +
    "32 20 0:27 /box @/p rw - cgroup cgroup rw,pids\n" +
    "33 20 0:28 /other @/x rw - cgroup cgroup rw,cpu,cpuacct\n" +
    "34 20 0:28 /box @/c rw - cgroup cgroup rw,cpu,cpuacct\n",
  "m/a.scope/memory.limit_in_bytes": "1048576\n",
  "m/a.scope/memory.max_usage_in_bytes": "8192\n",
  "m/a.scope/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
  "p/a.scope/pids.max": "5\n",
  "p/a.scope/pids.events": "max 0\n",
  "c/a.scope/cpuacct.usage": "5000000\n",
};

interface Kept {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function keep(tree: Tree, limits: readonly string[], line = "exit 3"): Promise<Kept> {
  return withFolder(async (folder) => {
    for (const [path, text] of Object.entries(tree)) {
      await Deno.mkdir(`${folder}/${path}/..`.replace(/\/[^/]+\/\.\.$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text.replaceAll("@", folder));
    }
    const argv = ["perl", "-e", keeper, "-", `${folder}/proc`, "a.scope", ...limits, "--"];
    const env = { PATH: Deno.env.get("PATH") ?? "", GIVEN: "1", OTHER: "2" };
    const { code, stdout, stderr } = await run([...argv, "sh", "-c", line], { cwd: folder, env });
    return { code, stdout: textOf(stdout), stderr: textOf(stderr) };
  });
}

const all = ["memory=1048576", "pids=5", "cpu=9000000"];

Deno.test("keeper: the unified hierarchy", async () => {
  const { code, stdout } = await keep(unified, all);
  assertEquals(code, 3);
  assertEquals(statsOf(stdout), {
    cpu_over: 0,
    cpu_used: 1234,
    left: 0,
    memory_peak: 4096,
    oom_kills: 2,
    pids_peak: 3,
    pids_refused: 7,
    swap_open: 0,
  });
});

Deno.test("keeper: hierarchies by controller, and only the part that is the scope's", async () => {
  const { code, stdout } = await keep(legacy, all);
  assertEquals(code, 3);
  const { cpu_used, memory_peak, oom_kills, pids_refused, pids_peak } = statsOf(stdout);
  assertEquals(
    { cpu_used, memory_peak, oom_kills, pids_refused, pids_peak },
    { cpu_used: 5000, memory_peak: 8192, oom_kills: 1, pids_refused: 0, pids_peak: undefined },
  );
});

const refusals: readonly (readonly [string, Tree, string])[] = [
  ["memory=1048575", unified, "memory"],
  ["memory=1048575", legacy, "memory"],
  ["pids=4", unified, "processes"],
  ["pids=4", legacy, "processes"],
  ["memory=1", { ...unified, "my groups/user.slice/a.scope/memory.max": "max\n" }, "memory"],
  ["cpu=1", { ...unified, "my groups/user.slice/a.scope/cpu.stat": "" }, "processor time"],
  ["cpu=1", { ...legacy, "c/a.scope/cpuacct.usage": "" }, "processor time"],
  // The limits of a group around the scope are not the scope's.
  ["pids=5", { ...unified, "proc/cgroup": "0::/user.slice\n" }, "processes"],
];

for (const [limit, tree, what] of refusals) {
  const kind = tree["proc/cgroup"]!.startsWith("0::") ? "unified" : "by controller";
  Deno.test(`keeper: nothing is run when ${limit} is not what the kernel holds (${kind})`, async () => {
    const { code, stdout, stderr } = await keep(tree, [limit], "echo on");
    assertEquals([code, stdout], [125, ""]);
    assertMatch(stderr, new RegExp(`^assay: the command was not run: the ${what} of its scope`));
  });
}

Deno.test("keeper: the command's variables are put right", async () => {
  const { stdout } = await keep(unified, ["unset=GIVEN", "set=OTHER=a=b"], "echo $GIVEN,$OTHER");
  assertMatch(stdout, /^,a=b\n/);
});

Deno.test("keeper: a time that is used up is reported, though no one is listed to be killed", async () => {
  const { code, stdout } = await keep(unified, ["cpu=1"], "sleep 0.3; exit 4");
  assertEquals([code, statsOf(stdout).cpu_over], [4, 1]);
});
