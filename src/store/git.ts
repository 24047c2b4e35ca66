import { messageOf } from "../errors.ts";
import { type Io, isNotFound, textOf } from "../io.ts";
import { programEnvironment, programOf } from "../programs.ts";
import { shellLine } from "../text/shell.ts";

/** What a git command said. */
export interface GitResult {
  readonly code: number;
  readonly stdout: string;
  /** The line of standard error that says why it failed. */
  readonly why: string;
}

/** How git is started. */
export interface GitMode {
  readonly settings: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
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

async function cleanEnvironment(io: Io): Promise<Record<string, string>> {
  const entries = Object.entries(await programEnvironment(io));
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
const watchful: GitMode = {
  settings: [
    // A clone may hold a folder that looks like a repository, with a configuration that names programs.
    ["safe.bareRepository", "explicit"],
    ["core.fsmonitor", "false"],
    // No program of the repository's own is started because assay looked.
    ["core.hooksPath", "/dev/null"],
    ["core.splitIndex", "false"],
    ["core.trustctime", "true"],
    ["core.checkStat", "default"],
    ["core.safecrlf", "false"],
    ["core.looseCompression", "0"],
  ].flatMap(([key, value]) => ["-c", `${key}=${value}`]),
};

/** As ever, and with more settings and variables. */
export function watchfulWith({ settings, env }: Required<GitMode>): GitMode {
  return { settings: [...watchful.settings, ...settings], env };
}

/** Git that tells where its hooks are. It must be asked for nothing that starts one. */
export const withHooks: GitMode = { settings: ["-c", "safe.bareRepository=explicit"] };

/** Git in the folder `cwd`. Where there is none that may be started, it says so as if it had failed. */
export function gitIn(
  io: Io,
  cwd: string,
  mode: GitMode = watchful,
): Git {
  return async (args, env = {}) => {
    const git = await foundOrWhy(io, "git");
    if ("why" in git) return { code: 127, stdout: "", ...git };
    const base = await cleanEnvironment(io);
    const argv = [git.path, ...mode.settings, ...args];
    const { code, stdout, stderr } = await output(io, argv, cwd, { ...base, ...mode.env, ...env });
    return { code, stdout, why: whyOf(stderr, code) };
  };
}

/**
 * Two commands of git in the folder `cwd`, one after the other, by one shell: to start a process costs assay
 * more than it costs git. Neither may print a NUL in `first`'s output or on standard error.
 *
 * @returns `undefined` when the shell did not come to run both: it, or git, may be missing
 */
export async function gitsIn(
  io: Io,
  cwd: string,
  first: readonly string[],
  second: readonly string[],
  mode: GitMode = watchful,
): Promise<[GitResult, GitResult] | undefined> {
  const [shell, git] = [await foundOrWhy(io, "sh"), await foundOrWhy(io, "git")];
  if ("why" in shell || "why" in git) return undefined;
  const [one, two] = [first, second].map((args) =>
    shellLine([git.path, ...mode.settings, ...args])
  );
  const script = `${one}; printf '\\000%s\\000' "$?"; printf '\\000' >&2; ${two}`;
  const env = { ...await cleanEnvironment(io), ...mode.env };
  const { code, stdout, stderr } = await output(io, [shell.path, "-c", script], cwd, env);
  const [, said, its, rest] = /^([^\0]*)\0(\d+)\0(.*)$/s.exec(stdout) ?? [];
  const [whyFirst, whySecond] = stderr.split("\0");
  if (rest === undefined || whySecond === undefined || noSuchProgram.includes(code)) {
    return undefined;
  }
  return [
    { code: Number(its), stdout: said!, why: whyOf(whyFirst!, Number(its)) },
    { code, stdout: rest, why: whyOf(whySecond, code) },
  ];
}

function foundOrWhy(io: Io, name: string): Promise<{ path: string } | { why: string }> {
  return programOf(io, name).then((path) => ({ path }), (error) => {
    if (isNotFound(error)) return { why: messageOf(error) };
    throw error;
  });
}

/** What a shell exits with when a program cannot be executed, or is not there. */
const noSuchProgram: readonly number[] = [126, 127];

interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function output(
  io: Io,
  argv: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Output> {
  const child = io.spawn(argv, { cwd, env, group: false });
  const [stdout, stderr, { code }] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    child.status,
  ]);
  return { code, stdout, stderr };
}

/** The line of standard error that says why git failed. */
function whyOf(stderr: string, code: number): string {
  const lines = stderr.split("\n").filter((line) => line !== "");
  // The last word is git's own; errors before it are often a filter's.
  const why = lines.find((line) => line.startsWith("fatal: ")) ??
    lines.find((line) => line.startsWith("error: ")) ?? lines[0] ?? `exit code ${code}`;
  return why.replace(/^(fatal|error): /, "");
}
