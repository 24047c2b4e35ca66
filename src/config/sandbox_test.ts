import { assertEquals } from "@std/assert";
import { sandboxSetting } from "./sandbox.ts";

Deno.test("a preset declares its limits, and what it leaves open is not declared", () => {
  assertEquals(sandboxSetting("integration"), {
    preset: "integration",
    on_uncovered: "warn",
    declared: {
      network: "localhost",
      filesystem: "workspace_only",
      timeout: "10m",
      memory: "4g",
      cpu: "5m",
    },
    spec: {
      network: "localhost",
      filesystem: "workspace_only",
      timeout: 600_000,
      memory: 4 * 1024 ** 3,
      cpu: 300_000,
    },
  });
  const none = sandboxSetting("none");
  assertEquals([none.declared, none.spec], [{}, {}]);
});

Deno.test("a table changes its preset, and open values take a limit back", () => {
  assertEquals(
    sandboxSetting({
      preset: "readonly",
      network: "unrestricted",
      processes: "visible",
      memory: 1000,
      cpu: "90s",
      timeout: 0.5,
      env: "inherit",
      paths_hidden: [],
      engines: ["bwrap"],
      on_uncovered: "fail",
    }),
    {
      preset: "readonly",
      on_uncovered: "fail",
      declared: { filesystem: "readonly", timeout: "500ms", memory: "1000", cpu: "1m 30s" },
      spec: { filesystem: "readonly", timeout: 500, memory: 1000, cpu: 90_000 },
      engines: ["bwrap"],
    },
  );
});

Deno.test("lists arrive as they were written, allowed_hosts as hosts", () => {
  const { declared, spec } = sandboxSetting({
    network: "hosts",
    hosts: ["a", "b:1"],
    allowed_hosts: ["b:1", "c"],
    filesystem: "scoped_write",
    paths_writable: ["out", "~/.cache"],
    paths_hidden: ["~"],
    tmpfs: ["/var/tmp"],
    env: ["NPM_*", "CI"],
    pids: 7,
  });
  assertEquals(spec, {
    network: "hosts",
    hosts: ["a", "b:1", "c"],
    filesystem: "scoped_write",
    paths_writable: ["out", "~/.cache"],
    paths_hidden: ["~"],
    tmpfs: ["/var/tmp"],
    pids: 7,
    env: ["NPM_*", "CI"],
  });
  assertEquals(declared.hosts, "a, b:1, c");
  assertEquals(declared.env, "NPM_*, CI");
});

Deno.test("tmpfs = true is /tmp, and an empty list of variables is clean", () => {
  const { spec, declared } = sandboxSetting({ tmpfs: true, env: [] });
  assertEquals(spec, { tmpfs: ["/tmp"], env: "clean" });
  assertEquals(declared, { tmpfs: "/tmp", env: "clean" });
});
