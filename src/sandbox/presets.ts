/** Named sandboxes. */

import type { SandboxSpec } from "../plugin.ts";

const second = 1000;
const minute = 60 * second;
const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;

/** The names, the tightest first. */
export const presetNames = [
  "readonly",
  "test",
  "build",
  "integration",
  "unrestricted",
  "none",
] as const;

/** The name of a preset. */
export type PresetName = (typeof presetNames)[number];

/** Each preset's limits; a preset does not name what it leaves open. */
export const presets: Readonly<Record<PresetName, SandboxSpec>> = {
  readonly: {
    network: "none",
    filesystem: "readonly",
    processes: "isolated",
    timeout: 30 * second,
    cpu: 15 * second,
    memory: 256 * mebibyte,
  },
  test: {
    network: "none",
    filesystem: "readonly",
    processes: "isolated",
    timeout: minute,
    cpu: 30 * second,
    memory: 512 * mebibyte,
  },
  build: {
    network: "none",
    filesystem: "workspace_only",
    processes: "isolated",
    timeout: 5 * minute,
    cpu: 2 * minute,
    memory: 2 * gibibyte,
  },
  integration: {
    network: "localhost",
    filesystem: "workspace_only",
    timeout: 10 * minute,
    cpu: 5 * minute,
    memory: 4 * gibibyte,
  },
  unrestricted: { timeout: 30 * minute },
  none: {},
};
