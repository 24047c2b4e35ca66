import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { withServedPlugin } from "../../../tests/served_plugin.ts";
import type { SandboxSpec, WrapContext, Wrapped } from "../../../src/plugin.ts";
import { wrappedOf } from "../../../src/sandbox/wrapped.ts";
import plugin from "./docker.ts";

const context = {
  options: { image: "debian:stable-slim" },
  os: "linux",
  attemptId: "A1",
  workspace: "/w",
  cwd: "/w/sub",
  liveDir: "/w/.assay/runs/R/x",
  tmpDir: "/tmp/t",
  protectedPaths: ["/w/.assay", "/w/.git"],
  environment: { PATH: "/bin", GREETING: "it's; here", TMPDIR: "/tmp/t" },
  facts: {},
} as unknown as WrapContext;

const inner = ["sh", "-c", "a && b > f"];
const engine = plugin.engines![0]!;

function wrapped(spec: SandboxSpec, more: Partial<WrapContext> = {}): readonly string[] {
  const made = engine.wrap(inner, spec, { ...context, ...more }) as Wrapped;
  return wrappedOf(made, inner).argv;
}

/** What is bound, and whether it may be written. */
function bound(spec: SandboxSpec, more: Partial<WrapContext> = {}): Record<string, boolean> {
  const mounts = wrapped(spec, more).filter((each) => each.startsWith("type=bind,"));
  return Object.fromEntries(mounts.map((mount) => {
    const [, src, dst, rest = ""] = /^type=bind,src=([^,]*),dst=([^,]*)(.*)$/.exec(mount)!;
    assertEquals(src, dst);
    return [dst, rest === ""];
  }));
}

Deno.test("docker: the command stays one argument, and values of variables stay out of the argv", () => {
  const argv = wrapped({});
  assertEquals(argv.slice(-4), ["debian:stable-slim", ...inner]);
  assertEquals(argv.join(" ").includes("it's"), false);
  assertEquals(argv.includes("GREETING"), true);
});

Deno.test("docker: each dimension becomes a flag, and none that was not asked for", () => {
  const flags = wrapped({ network: "none", memory: 1024, pids: 5, cpu: 1500, tmpfs: ["/tmp"] });
  const asked = [
    "--network=none",
    "--memory=1024",
    "--memory-swap=1024",
    "--pids-limit=6",
    "--ulimit=cpu=2:2",
    "--tmpfs",
  ];
  for (const flag of asked) assertEquals(flags.includes(flag), true, flag);
  for (const flag of asked) assertEquals(wrapped({}).includes(flag), false, flag);
  assertEquals(wrapped({ filesystem: "readonly" }).includes("--read-only"), true);
  assertEquals(wrapped({}).includes("--read-only"), false);
});

const own = { "/w/.assay/runs/R/x": true, "/tmp/t": true };

Deno.test("docker: what may be written", () => {
  assertEquals(bound({}), { "/w": true, ...own });
  assertEquals(Object.keys(bound({}, { environment: {} })), ["/w", "/w/.assay/runs/R/x"]);
  assertEquals(bound({ filesystem: "readonly" }), { "/w": false, "/w/.assay": false, ...own });
  assertEquals(bound({ filesystem: "workspace_only" }), { "/w": true, "/w/.assay": false, ...own });
  assertEquals(bound({ filesystem: "scoped_write", paths_writable: ["/w/out", "/var/x"] }), {
    ...{ "/w": false, "/w/.assay": false, "/w/out": true, "/var/x": true },
    ...own,
  });
  assertEquals(bound({ filesystem: "scoped_write", paths_writable: ["/w"] })["/w"], true);
  assertEquals(bound({ filesystem: "readonly" }, { resultFile: "/w/r.xml" })["/w/r.xml"], true);
});

Deno.test("docker: a path that would mean something else in a flag is refused", () => {
  for (const path of ["/a,readonly=false", "/a:/b", '/a"b', "/a\nb", "/"]) {
    const spec = { filesystem: "scoped_write", paths_writable: [path] } as const;
    assertThrows(() => wrapped(spec), Error, "cannot be mounted");
    assertThrows(() => wrapped({ tmpfs: [path] }), Error, "cannot be mounted");
  }
});

Deno.test("docker: podman is told to make no exceptions and to copy nothing", () => {
  const spec = { filesystem: "readonly", tmpfs: ["/tmp"] } as const;
  const podman = wrapped(spec, { facts: { isPodman: true } });
  assertEquals(podman.includes("--read-only-tmpfs=false"), true);
  assertEquals(podman.includes("/tmp:rw,exec,mode=1777,notmpcopyup"), true);
  assertEquals(wrapped(spec).join(" ").includes("copyup"), false);
});

Deno.test("docker: it says what it misses and where it gives less", async () => {
  const review = async (spec: SandboxSpec) => {
    const { missing = {}, caveats = {} } = await engine.review!(spec, {});
    return [Object.keys(missing), Object.keys(caveats)];
  };
  assertEquals(await review({}), [[], []]);
  assertEquals(await review({ network: "hosts", hosts: ["a"] }), [["network"], []]);
  assertEquals(await review({ network: "localhost", memory: 1024 }), [["memory"], ["network"]]);
  const most = { network: "none", filesystem: "readonly", cpu: 1, memory: 2 ** 30 } as const;
  assertEquals(await review(most), [[], ["network", "filesystem", "cpu"]]);
});

Deno.test("docker: it says what it leaves writable in a writable project", async () => {
  const says = async (spec: SandboxSpec) =>
    (await engine.review!(spec, {})).caveats!.filesystem!.includes(".git");
  assertEquals(await says({ filesystem: "workspace_only" }), true);
  assertEquals(await says({ filesystem: "scoped_write", paths_writable: ["/w"] }), true);
  assertEquals(await says({ filesystem: "readonly" }), false);
});

Deno.test("docker: options that would be flags or paths of the project are refused", () => {
  for (const options of [{}, { image: "--privileged" }, { image: "a", runtime: "./docker" }]) {
    assertThrows(() => wrapped({}, { options }), Error, "the option");
  }
});

Deno.test("docker: loaded by its URL, it says what it provides and what it asks for", () =>
  withServedPlugin(new URL(".", import.meta.url).pathname, {}, async ({ url, assay }) => {
    const { stdout } = await assay(
      0,
      "plugin",
      "add",
      url("docker.ts"),
      "--yes",
      "--allow-run=docker",
    );
    assertMatch(stdout, /engine.*docker/s);
    assertMatch(stdout, /DOCKER_HOST/);
    const { json } = await assay(0, "plugin", "list", "--json");
    assertEquals(json.modules[0].permissions.granted, { run: ["docker"] });
  }));
