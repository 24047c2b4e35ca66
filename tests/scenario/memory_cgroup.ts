/**
 * A real memory limit for one scenario, by a control group of either version, so that the kernel's
 * out-of-memory killer can be seen at work.
 *
 * @module
 */

interface Layout {
  readonly root: string;
  readonly limit: string;
  /** The file that limits swap, and what makes it add nothing to a memory limit. */
  readonly swap: string;
  readonly noSwap: (bytes: number) => number;
}

const layouts: readonly Layout[] = [
  {
    root: "/sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    swap: "memory.memsw.limit_in_bytes",
    noSwap: (bytes) => bytes,
  },
  { root: "/sys/fs/cgroup", limit: "memory.max", swap: "memory.swap.max", noSwap: () => 0 },
];

function isUsable({ root, limit }: Layout): boolean {
  const probe = `${root}/assay-probe-${Deno.pid}`;
  try {
    Deno.mkdirSync(probe);
  } catch {
    // No such hierarchy, or not ours to change.
    return false;
  }
  try {
    return Deno.statSync(`${probe}/${limit}`).isFile;
  } catch {
    // The group was made, but the memory controller is not handed down to it.
    return false;
  } finally {
    Deno.removeSync(probe);
  }
}

/** The first hierarchy where a group with a memory limit can be made. */
function usableLayout(): Layout | undefined {
  return layouts.find(isUsable);
}

/** Where memory control groups can be made, or nothing. */
export function memoryCgroupRoot(): string | undefined {
  return usableLayout()?.root;
}

/** Makes a group with a limit in MiB; returns its folder. */
export function makeMemoryCgroup(name: string, mebibytes: number): string {
  const layout = usableLayout();
  if (!layout) throw new Error("no writable memory cgroup");
  const group = `${layout.root}/${name}`;
  Deno.mkdirSync(group);
  const bytes = mebibytes * 1024 * 1024;
  Deno.writeTextFileSync(`${group}/${layout.limit}`, String(bytes));
  try {
    Deno.writeTextFileSync(`${group}/${layout.swap}`, String(layout.noSwap(bytes)));
  } catch {
    // Without swap accounting there is no such file, and nothing to limit.
  }
  return group;
}

/** Removes a group once the kernel has let go of its processes. */
export async function removeMemoryCgroup(group: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      return Deno.removeSync(group);
    } catch (error) {
      if (attempt === 49) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
