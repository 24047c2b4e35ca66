import { assertEquals, assertRejects } from "@std/assert";
import type { CommandSpec, ExecutionResult, ProgramResult } from "../../src/plugin.ts";
import { aSpec, services } from "./_testing.ts";
import { prepare } from "./platform.ts";

const assays = ["", "_RUN_ID", "_RUN_DIR", "_ATTEMPT_ID", "_RUNNER", "_WORKSPACE", "_RESULT_FILE"]
  .flatMap((ending) => ["--env", `ASSAY${ending}`]);

function inContainer(
  container: unknown,
  { lent = services(), env = {}, more = {} }: {
    lent?: ReturnType<typeof services>;
    env?: Record<string, string>;
    more?: Record<string, unknown>;
  } = {},
): Promise<CommandSpec> {
  const spec = aSpec({ platform: { container, ...more } });
  Object.assign(spec.env, env);
  return Promise.resolve(prepare(spec, lent));
}

Deno.test("container: an image alone", async () => {
  const lent = services();
  const { wrappers, collectors } = await inContainer("alpine:3", { lent });
  assertEquals(wrappers, [[
    ...["/usr/bin/docker", "run", "--rm", "--init", "--name", "assay-01JZ"],
    ...["--volume", "/project:/project", "--workdir", "/project/sub"],
    ...assays,
    "alpine:3",
  ]]);
  assertEquals(collectors.length, 1);
  assertEquals(lent.ran, ["/usr/bin/docker version"]);
});

Deno.test("container: every option, and all that runs in it behind the image", async () => {
  const { wrappers, shell, cwd } = await inContainer({
    image: "busy:local",
    runtime: "/opt/podman",
    volumes: ["./cache:/cache:ro", "data:/data", ".:/here", "./only"],
    network: "none",
    user: "1000:1000",
    workdir: "/w",
    init: false,
    args: ["--memory", "64m"],
  }, { more: { nice: 5, wrapper: ["time"], shell: "bash", cwd: "." } });
  assertEquals(wrappers, [
    [
      ...["/opt/podman", "run", "--rm", "--name", "assay-01JZ"],
      ...["--volume", "/project:/project", "--volume", "/project/cache:/cache:ro"],
      ...["--volume", "data:/data", "--volume", "/project:/here", "--volume", "/project/only"],
      ...["--workdir", "/w", "--network", "none", "--user", "1000:1000"],
      ...assays,
      ...["--memory", "64m", "busy:local"],
    ],
    ["nice", "-n", "5"],
    ["time"],
  ]);
  assertEquals([shell, cwd], [["bash", "-c"], "/project"]);
});

Deno.test("container: what was set for the command goes in by name, never by value", async () => {
  const lent = services({
    inherited: { PATH: "/bin", HOME: "/home/ada", TERM: "other", LC_ALL: "C" },
  });
  const env = { TOKEN: "secret", ASSAY_RUN_ID: "outer" };
  const [argv] = (await inContainer("alpine", { lent, env })).wrappers;
  const passed = argv!.filter((_, index) => argv![index - 1] === "--env");
  assertEquals(passed.slice(0, -7), ["COLUMNS", "LC_TIME", "TERM", "TOKEN"]);
  assertEquals(argv!.some((word) => word.includes("secret")), false);
});

Deno.test("container: the first engine that answers is taken", async () => {
  const lent = services({
    run: ([program]) =>
      program === "/usr/bin/docker" ? { exitCode: 1, stderr: "a\nno daemon\n" } : {},
  });
  assertEquals((await inContainer("alpine", { lent })).wrappers[0]![0], "/usr/bin/podman");
});

Deno.test("container: without an engine it is not run, and each engine's answer is reported", async () => {
  const lent = services({
    run([program]): Partial<ProgramResult> {
      if (program === "/usr/bin/podman") throw new Error("not found");
      return { exitCode: 1, stderr: "Cannot connect\nno daemon\n" };
    },
  });
  const both = await assertRejects(() => inContainer("alpine", { lent }), Error);
  assertEquals(
    both.message,
    "no container engine answers (docker: no daemon; podman: not found)",
  );
  const one = await assertRejects(
    () => inContainer({ image: "alpine", runtime: "docker" }, { lent }),
    Error,
  );
  assertEquals(one.message, "no container engine answers (docker: no daemon)");
});

Deno.test("container: a root that cannot be mounted is reported", async () => {
  const lent = { ...services(), root: "/a:b" };
  const error = await assertRejects(() => inContainer("alpine", { lent }), Error);
  assertEquals(error.message, "the project cannot be mounted: there is a colon in its path, /a:b");
});

const ended = { exitCode: 0, signal: null, timedOut: false, cancelled: false } as ExecutionResult;

/** Runs the collector after an execution, with an engine that knows the container `stays` times. */
async function collected(result: Partial<ExecutionResult>, stays: number) {
  const { collectors: [collector], ...rest } = await inContainer("alpine");
  const lent = services({
    run: ([, verb]) => ({ stdout: verb === "ps" && stays-- > 0 ? "4f5e\n" : "", stderr: "stuck" }),
  });
  await collector!.collect({ ...rest, collectors: [] }, { ...ended, ...result }, lent);
  return lent;
}

Deno.test("container: one that ended with its command is not asked for", async () => {
  assertEquals((await collected({}, 0)).ran, []);
});

Deno.test("container: one that outlived its command is killed and removed", async () => {
  for (const stopped of [{ timedOut: true }, { cancelled: true }, { signal: "SIGKILL" }]) {
    const { ran, said } = await collected(stopped, 1);
    assertEquals(ran, [
      "/usr/bin/docker ps --all --quiet --filter name=^assay-01JZ$",
      "/usr/bin/docker kill assay-01JZ",
      "/usr/bin/docker rm --force assay-01JZ",
      "/usr/bin/docker ps --all --quiet --filter name=^assay-01JZ$",
    ]);
    assertEquals(said, [
      "the container assay-01JZ was still there when the command had ended; it was removed",
    ]);
  }
  assertEquals((await collected({ timedOut: true }, 0)).said, []);
});

Deno.test("container: one that cannot be removed is reported", async () => {
  const error = await assertRejects(() => collected({ timedOut: true }, 2), Error);
  assertEquals(error.message, "the container assay-01JZ could not be removed: stuck");
});

Deno.test("container: the engine's own failure is distinguished", async () => {
  assertEquals((await collected({ exitCode: 125 }, 0)).said, [
    "/usr/bin/docker could not run the container (exit code 125): see standard error",
  ]);
});
