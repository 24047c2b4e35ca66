import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseDuration, parseSize } from "../config/units.ts";
import { presets } from "./presets.ts";
import {
  activeDimensions,
  declares,
  dimensionNamed,
  dimensions,
  dimensionText,
  dimensionTexts,
  withoutOpen,
} from "./spec.ts";

Deno.test("only what restricts something is active", () => {
  assertEquals(
    activeDimensions({
      network: "unrestricted",
      hosts: [],
      filesystem: "unrestricted",
      paths_hidden: [],
      processes: "visible",
      tmpfs: [],
      env: "inherit",
    }),
    [],
  );
  assertEquals(
    activeDimensions({ env: [], memory: 1, tmpfs: ["/tmp"], network: "none", pids: 3 }),
    ["network", "tmpfs", "pids", "memory", "env"],
  );
  assertEquals(withoutOpen({ network: "unrestricted", pids: 3, hosts: [] }), { pids: 3 });
});

Deno.test("the presets are those of the documentation", () => {
  assertEquals(
    Object.fromEntries(Object.entries(presets).map(([name, spec]) => [name, dimensionTexts(spec)])),
    {
      readonly: {
        network: "none",
        filesystem: "readonly",
        processes: "isolated",
        timeout: "30s",
        cpu: "15s",
        memory: "256m",
      },
      test: {
        network: "none",
        filesystem: "readonly",
        processes: "isolated",
        timeout: "1m",
        cpu: "30s",
        memory: "512m",
      },
      build: {
        network: "none",
        filesystem: "workspace_only",
        processes: "isolated",
        timeout: "5m",
        cpu: "2m",
        memory: "2g",
      },
      integration: {
        network: "localhost",
        filesystem: "workspace_only",
        timeout: "10m",
        cpu: "5m",
        memory: "4g",
      },
      unrestricted: { timeout: "30m" },
      none: {},
    },
  );
});

Deno.test("the text of a dimension", () => {
  assertEquals(dimensionText("timeout", { timeout: 5_400_500 }), "1h 30m 1s");
  assertEquals(dimensionText("memory", { memory: 1500 }), "1500");
  assertEquals(dimensionText("hosts", { hosts: ["a", "b:1"] }), "a, b:1");
  assertEquals(dimensionText("pids", {}), "");
});

Deno.test("sizes and times read back as they were", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 21 - 1 }), (seconds) => {
    const text = dimensionText("cpu", { cpu: 1000 * seconds });
    assertEquals(parseDuration(text.replaceAll(" ", "")), 1000 * seconds);
  }));
  const size = fc.oneof(
    fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    fc.tuple(fc.integer({ min: 1, max: 4096 }), fc.nat({ max: 4 })).map(([n, p]) => n * 1024 ** p),
  );
  fc.assert(fc.property(size, (memory) => {
    assertEquals(parseSize(dimensionText("memory", { memory })), memory);
  }));
});

Deno.test("an engine may say process and time; anything else it says stands for itself or for nothing", () => {
  const engine = { capabilities: ["process", "time", "memory"] } as const;
  assertEquals(dimensions.filter((each) => declares(engine, each)), [
    "processes",
    "timeout",
    "memory",
  ]);
  assertEquals(["processes", "time", "toString", "tim"].map(dimensionNamed), [
    "processes",
    "timeout",
    undefined,
    undefined,
  ]);
});
