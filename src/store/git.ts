import { type Io, textOf } from "../io.ts";

/** What a git command said. */
export interface GitResult {
  readonly code: number;
  readonly stdout: string;
  /** The line of standard error that says why it failed. */
  readonly why: string;
}

/** Starts git in one folder. */
export type Git = (
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
) => Promise<GitResult>;

/**
 * Variables by which a caller of git says what it works on are left out: inside a hook they name an index
 * that is being built, where the tree must be the one on disk at the root. What configures git stays.
 */
const kept =
  /^GIT_(CONFIG_(COUNT|KEY_\d+|VALUE_\d+|GLOBAL|SYSTEM|NOSYSTEM)|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|EXEC_PATH)$/;

function cleanEnvironment(io: Io): Record<string, string> {
  const entries = Object.entries(io.environment());
  return {
    ...Object.fromEntries(entries.filter(([name]) => !name.startsWith("GIT_") || kept.test(name))),
    // Never write to the user's index, not even what git learned about its files.
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
  };
}

/**
 * Settings under which git sees every change: no daemon or hook that knows better than the disk, changes
 * of a file's inode time count, line endings are no reason to stop.
 */
const watchful: readonly string[] = [
  ["core.fsmonitor", "false"],
  // No program of the repository's own is started because assay looked.
  ["core.hooksPath", "/dev/null"],
  ["core.splitIndex", "false"],
  ["core.trustctime", "true"],
  ["core.checkStat", "default"],
  ["core.safecrlf", "false"],
  ["core.looseCompression", "0"],
].flatMap(([key, value]) => ["-c", `${key}=${value}`]);

/** Git that tells where its hooks are. It must be asked for nothing that starts one. */
export const withHooks = { settings: [] as readonly string[] };

/** Git in the folder `cwd`. Throws an error for which `isNotFound` holds when there is no git. */
export function gitIn(
  io: Io,
  cwd: string,
  { settings }: { readonly settings: readonly string[] } = { settings: watchful },
): Git {
  const base = cleanEnvironment(io);
  return async (args, env = {}) => {
    const child = io.spawn(["git", ...settings, ...args], {
      cwd,
      env: { ...base, ...env },
      group: false,
    });
    const [stdout, stderr, { code }] = await Promise.all([
      textOf(child.stdout),
      textOf(child.stderr),
      child.status,
    ]);
    const lines = stderr.split("\n").filter((line) => line !== "");
    // The last word is git's own; errors before it are often a filter's.
    const why = lines.find((line) => line.startsWith("fatal: ")) ??
      lines.find((line) => line.startsWith("error: ")) ?? lines[0] ?? `exit code ${code}`;
    return { code, stdout, why: why.replace(/^(fatal|error): /, "") };
  };
}
