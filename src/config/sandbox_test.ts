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
  });
  assertEquals(sandboxSetting("none").declared, {});
});

Deno.test("a table changes its preset, and open values take a limit back", () => {
  assertEquals(
    sandboxSetting({
      preset: "readonly",
      network: "unrestricted",
      processes: "visible",
      memory: 1024,
      hosts: ["a"],
      allowed_hosts: ["b"],
      env: [],
      paths_hidden: [],
      engines: ["bwrap"],
      on_uncovered: "fail",
    }),
    {
      preset: "readonly",
      on_uncovered: "fail",
      declared: {
        filesystem: "readonly",
        timeout: "30s",
        memory: "1024",
        cpu: "15s",
        env: "",
        hosts: "a, b",
      },
      engines: ["bwrap"],
    },
  );
});
