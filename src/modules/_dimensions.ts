/** Every dimension of a sandbox: what a plugin names is one of them. */

import type { Dimension } from "../plugin.ts";

export const dimensions = [
  "network",
  "hosts",
  "filesystem",
  "paths_writable",
  "paths_readable",
  "paths_hidden",
  "processes",
  "pids",
  "timeout",
  "cpu",
  "memory",
  "tmpfs",
  "env",
] as const satisfies readonly Dimension[];
