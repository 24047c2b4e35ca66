import { isOnPath } from "../support.ts";
import { memoryCgroupRoot } from "./memory_cgroup.ts";

function isRoot(): boolean {
  return Deno.uid() === 0;
}

/** Proved by doing: a container's root may lack the right to mount. */
function canMount(): boolean {
  if (!isRoot()) return false;
  const folder = Deno.makeTempDirSync();
  try {
    const mount = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder];
    const { success } = new Deno.Command("mount", { args: mount, stderr: "null" }).outputSync();
    return success && new Deno.Command("umount", { args: [folder] }).outputSync().success;
  } finally {
    Deno.removeSync(folder);
  }
}

/** What a scenario may ask of the machine: whether it is so, and the words when it is not. */
const conditions: Readonly<
  Record<string, { holds: (argument: string) => boolean; missing: (argument: string) => string }>
> = {
  root: { holds: isRoot, missing: () => "needs root" },
  mount: { holds: canMount, missing: () => "needs root that may mount" },
  "memory-cgroup": {
    holds: () => memoryCgroupRoot() !== undefined,
    missing: () => "needs a writable memory cgroup",
  },
  tool: { holds: (name) => isOnPath(name), missing: (name) => `needs ${name} on PATH` },
  os: { holds: (name) => Deno.build.os === name, missing: (name) => `needs ${name}` },
};

/** Why a scenario with these conditions (`root`, `!root`, `tool:git`) cannot run here, or nothing. */
export function unmet(names: readonly string[]): string | undefined {
  const reasons = names.flatMap((condition) => {
    const negated = condition.startsWith("!");
    const [name, argument = ""] = condition.slice(negated ? 1 : 0).split(":", 2);
    const known = conditions[name ?? ""];
    if (!known) throw new Error(`unknown condition [${condition}]`);
    if (known.holds(argument) !== negated) return [];
    return [negated ? `not where it ${known.missing(argument)}` : known.missing(argument)];
  });
  return reasons.length > 0 ? reasons.join(", ") : undefined;
}
