/** A sandbox as declared: a preset's values filled in, and anything that restricts nothing left out. */

import type { SandboxSpec } from "../plugin.ts";
import { presets } from "../sandbox/presets.ts";
import { dimensionTexts, withoutOpen } from "../sandbox/spec.ts";
import type { Sandbox, SandboxTable } from "./sandbox_schema.ts";
import type { SandboxSetting } from "./types.ts";
import { parseDuration, parseSize } from "./units.ts";

/** The setting as the pipeline takes it. The schema has checked the sandbox. */
export function sandboxSetting(sandbox: Sandbox): SandboxSetting {
  const table = typeof sandbox === "string" ? { preset: sandbox } : sandbox;
  const { preset, on_uncovered = "warn", engines } = table;
  const { preset: _preset, ...changes } = table;
  const spec = withoutOpen({ ...presets[preset ?? "none"], ...parsed(changes) });
  return {
    ...(preset === undefined ? {} : { preset }),
    on_uncovered,
    declared: dimensionTexts(spec),
    spec,
    ...(engines === undefined ? {} : { engines }),
  };
}

/** The keys of the table that are dimensions, parsed. */
function parsed(table: Omit<SandboxTable, "preset">): SandboxSpec {
  const { engines: _engines, on_uncovered: _policy, ...dimensions } = table;
  const { allowed_hosts = [], hosts = [], timeout, cpu, memory, tmpfs, env, ...plain } = dimensions;
  return {
    ...plain,
    ...timeout === undefined ? {} : { timeout: parseDuration(timeout)! },
    ...cpu === undefined ? {} : { cpu: parseDuration(cpu)! },
    ...memory === undefined ? {} : { memory: parseSize(memory)! },
    hosts: [...new Set([...hosts, ...allowed_hosts])],
    tmpfs: tmpfs === true ? ["/tmp"] : tmpfs ?? [],
    // An empty list passes on the same variables as `clean`.
    ...(env === undefined ? {} : { env: env.length === 0 ? "clean" : env }),
  };
}
