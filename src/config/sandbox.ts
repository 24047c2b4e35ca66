/** A sandbox as declared: a preset's values filled in, what restricts nothing left out. */

import type { presetNames, Sandbox } from "./sandbox_schema.ts";
import type { SandboxSetting } from "./types.ts";

/** Each preset's limits; a dimension that is not named is not restricted. */
const presets: Readonly<Record<(typeof presetNames)[number], Readonly<Record<string, string>>>> = {
  readonly: {
    network: "none",
    filesystem: "readonly",
    timeout: "30s",
    memory: "256m",
    cpu: "15s",
    processes: "isolated",
  },
  test: {
    network: "none",
    filesystem: "readonly",
    timeout: "60s",
    memory: "512m",
    cpu: "30s",
    processes: "isolated",
  },
  build: {
    network: "none",
    filesystem: "workspace_only",
    timeout: "5m",
    memory: "2g",
    cpu: "2m",
    processes: "isolated",
  },
  integration: {
    network: "localhost",
    filesystem: "workspace_only",
    timeout: "10m",
    memory: "4g",
    cpu: "5m",
  },
  unrestricted: { timeout: "30m" },
  none: {},
};

/** Values that restrict nothing. */
const open: Readonly<Record<string, string>> = {
  network: "unrestricted",
  filesystem: "unrestricted",
  processes: "visible",
  env: "inherit",
};

/** The setting as the pipeline takes it. */
export function sandboxSetting(sandbox: Sandbox): SandboxSetting {
  if (typeof sandbox === "string") {
    return { preset: sandbox, on_uncovered: "warn", declared: { ...presets[sandbox] } };
  }
  const { preset, on_uncovered = "warn", engines, allowed_hosts, ...dimensions } = sandbox;
  const hosts = [...dimensions.hosts ?? [], ...allowed_hosts ?? []];
  const declared: Record<string, string> = { ...preset && presets[preset] };
  for (const [name, value] of Object.entries({ ...dimensions, hosts })) {
    const given = Array.isArray(value) ? value.join(", ") : String(value);
    if (open[name] === given) delete declared[name];
    else if (given !== "" || name === "env") declared[name] = given;
  }
  return {
    ...(preset === undefined ? {} : { preset }),
    on_uncovered,
    declared,
    ...(engines === undefined ? {} : { engines }),
  };
}
