import { assertEquals, assertMatch } from "@std/assert";
import { withServedPlugin } from "../../../tests/served_plugin.ts";
import type { SandboxSpec, WrapContext } from "../../../src/plugin.ts";
import plugin from "./docker.ts";

const context = {
  options: { image: "debian:stable-slim" },
  attemptId: "A1",
  workspace: "/w",
  cwd: "/w/sub",
  liveDir: "/w/.assay/runs/R/x",
  environment: { PATH: "/bin", GREETING: "it's; here" },
} as unknown as WrapContext;

function wrapped(spec: SandboxSpec): readonly string[] {
  return plugin.engines![0]!.wrap(["sh", "-c", "a && b > f"], spec, context) as readonly string[];
}

Deno.test("docker: the command stays one argument, and values of variables stay out of the argv", () => {
  const argv = wrapped({});
  assertEquals(argv.slice(-4), ["debian:stable-slim", "sh", "-c", "a && b > f"]);
  assertEquals(argv.join(" ").includes("it's"), false);
  assertEquals(argv.includes("GREETING"), true);
});

Deno.test("docker: each dimension becomes a flag", () => {
  const readonly = wrapped({ network: "none", filesystem: "readonly", memory: 1024, pids: 5 });
  for (const flag of ["--network=none", "--read-only", "/w:/w:ro", "--memory=1024"]) {
    assertEquals(readonly.includes(flag), true, flag);
  }
  assertEquals(wrapped({ filesystem: "workspace_only" }).includes("/w:/w"), true);
  assertEquals(wrapped({}).includes("--read-only"), false);
});

Deno.test("docker: loaded by its URL, it says what it brings and what it asks for", () =>
  withServedPlugin(new URL(".", import.meta.url).pathname, {}, async ({ url, assay }) => {
    const { stdout } = await assay(0, "plugin", "add", url("docker.ts"), "--allow-run=docker");
    assertMatch(stdout, /engine.*docker/s);
    assertMatch(stdout, /DOCKER_HOST/);
    const { json } = await assay(0, "plugin", "list", "--json");
    assertEquals(json.modules[0].permissions.granted, { run: ["docker"] });
  }));
