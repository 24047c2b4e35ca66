/** What to do about what a sandbox kept a command from. */

import type { Attempt, Denial } from "../model.ts";

/** Tasks of one diagnosis. */
const maxTasks = 3;

/** How to allow it, or to do without: a sentence for each limit that was met. */
export function whatToAllow({ id, denials = [] }: Attempt): string {
  const first = new Map<string, Denial>();
  for (const denial of denials) {
    if (denial.dimension === "memory" && denial.killed) continue;
    if (!first.has(denial.dimension)) first.set(denial.dimension, denial);
  }
  const tasks = [...first.values()].slice(0, maxTasks).map((denial) => taskOf(denial, id));
  return tasks.join(" ") || `See what the sandbox of ${id} allows: assay sandbox explain ${id}.`;
}

function taskOf({ dimension, subject }: Denial, id: string): string {
  const it = subject ?? "it";
  switch (dimension) {
    case "filesystem":
    case "paths_writable":
      return `Name ${it} in paths_writable of the sandbox of ${id} (filesystem = "scoped_write" or ` +
        `"workspace_only"), or let the command write under TMPDIR.`;
    case "paths_hidden":
    case "tmpfs":
      return `Name ${it} in paths_readable of the sandbox of ${id}, or let the command do without.`;
    case "network":
    case "hosts":
      return `Widen network in the sandbox of ${id} so that it reaches ${subject ?? "its host"}, ` +
        `or let the command do without.`;
    case "memory":
      return `Raise memory in the sandbox of ${id}, or let it do less at a time.`;
    case "cpu":
      return `Raise cpu in the sandbox of ${id}, or let it do less.`;
    case "pids":
      return `Raise pids in the sandbox of ${id}, or let it start fewer processes and threads.`;
    case "processes":
      return `Set processes = "visible" in the sandbox of ${id}, or let it leave others' processes alone.`;
    default:
      return `Widen ${dimension} in the sandbox of ${id}, or let the command do without.`;
  }
}
