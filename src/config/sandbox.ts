/** A sandbox as declared: a preset's values filled in, what restricts nothing left out. */

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
  const spec = sandboxSpec(table);
  return {
    ...(preset === undefined ? {} : { preset }),
    on_uncovered,
    declared: dimensionTexts(spec),
    spec,
    ...(engines === undefined ? {} : { engines }),
  };
}

/** What a table declares: its preset with its changes. */
function sandboxSpec({ preset = "none", ...changes }: SandboxTable): SandboxSpec {
  return withoutOpen({ ...presets[preset], ...parsed(changes) });
}

/** The keys of the table that are dimensions, parsed. */
function parsed(table: Omit<SandboxTable, "preset">): SandboxSpec {
  const { engines: _engines, on_uncovered: _policy, ...dimensions } = table;
  const { allowed_hosts = [], hosts = [], timeout, cpu, memory, tmpfs, env, ...plain } = dimensions;
  const numbers = {
    timeout: timeout === undefined ? undefined : parseDuration(timeout),
    cpu: cpu === undefined ? undefined : parseDuration(cpu),
    memory: memory === undefined ? undefined : parseSize(memory),
  };
  return {
    ...plain,
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)),
    hosts: [...new Set([...hosts, ...allowed_hosts])],
    tmpfs: tmpfs === true ? ["/tmp"] : tmpfs ?? [],
    ...(env === undefined ? {} : { env: envOf(env) }),
  };
}

/** An empty list passes on what `clean` does. */
function envOf(env: NonNullable<SandboxSpec["env"]>): NonNullable<SandboxSpec["env"]> {
  return env.length === 0 ? "clean" : env;
}
