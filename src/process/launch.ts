/** Commands are started by a launcher that measures them, where the machine has what it needs. */

import type { Io } from "../io.ts";
import program from "./launch.pl" with { type: "text" };
import { mayRun, programAt } from "./programs.ts";

/** What is started. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What else the launcher is given. */
export interface LaunchOptions {
  /** Where its numbers go, see {@linkcode readUsage}: an absolute path where nothing exists yet. */
  readonly usageFile: string;
  /**
   * For a sandboxed command: closes the descriptors that assay itself inherited, such as those of the shell that
   * started it, and ends the command when assay ends, in whatever way.
   */
  readonly closesInherited?: boolean;
  /** The command's report, absolute: the launcher reports whether it changed after the command ended. */
  readonly resultFile?: string | undefined;
  /** Written to standard output after a zero byte when the command ended and left processes behind. */
  readonly endMark?: string | undefined;
}

/** Puts the launcher in front of a command. */
export type Launcher = (launch: Launch, options: LaunchOptions) => Launch;

/**
 * Where Perl is, if a system has it. `PATH` is not used: it may name folders that a sandboxed command can
 * write to (`node_modules/.bin`), and the launcher runs outside of the sandbox.
 */
const places = [
  "/usr/bin/perl",
  "/bin/perl",
  "/usr/local/bin/perl",
  "/run/current-system/sw/bin/perl",
];

const found = new WeakMap<Io, Promise<Launcher | undefined>>();

/** The launcher of this machine, or `undefined`: then nothing is measured. Looked for once. */
export function launcherOf(io: Io): Promise<Launcher | undefined> {
  const launcher = found.get(io) ?? find(io);
  found.set(io, launcher);
  return launcher;
}

async function find(io: Io): Promise<Launcher | undefined> {
  const script = io.os === "linux" ? launchScript(io.arch) : undefined;
  if (script === undefined) return undefined;
  for (const perl of places) {
    if (mayRun(io, perl) && await programAt(io, perl)) {
      return launcherWith(perl, script, await ownPid(io));
    }
  }
  return undefined;
}

/** The pid of assay, if `/proc` shows it; else nothing. */
async function ownPid(io: Io): Promise<string> {
  const path = await io.fs.realPath("/proc/self").catch(() => "");
  return /^\/proc\/(\d+)$/.exec(path)?.[1] ?? "";
}

function launcherWith(perl: string, script: string, pid: string): Launcher {
  return (
    { argv, env },
    { usageFile, closesInherited = false, resultFile = "", endMark = "" },
  ) => ({
    // `-f`: no code of the site's own; `-X`: no warnings, standard error is the command's.
    argv: [
      ...[perl, "-f", "-X", "-e", script, "--"],
      ...[usageFile, closesInherited ? "1" : "", pid, resultFile, endMark, ...argv],
    ],
    env: environmentOf(env),
  });
}

/** `PERL5OPT` and the like are only for the command, and so is its locale, which Perl would load. */
function environmentOf(env: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(env).map(([name, value]) =>
    [/^(?:PERL|LC_|LANG)/.test(name) ? setAside + name : name, value] as const
  );
  return Object.fromEntries(entries);
}

/** Numbers of system calls that Perl has no function for, by architecture; from the kernel's tables. */
const calls: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x86_64: {
    ...{ close: 3, rt_sigprocmask: 14, getrusage: 98, setsid: 112, prctl: 157, statx: 332 },
    close_range: 436,
  },
  aarch64: {
    ...{ close: 57, rt_sigprocmask: 135, getrusage: 165, setsid: 157, prctl: 167, statx: 291 },
    close_range: 436,
  },
};

/** Names for Perl's variables while the launcher runs, which they must not affect. */
const setAside = "ASSAY_LAUNCH_";

/** The script for an architecture, or `undefined` where the numbers are not known. */
function launchScript(arch: string): string | undefined {
  const numbers = calls[arch];
  if (numbers === undefined) return undefined;
  return Object.entries(numbers).reduce(
    (text, [name, number]) =>
      text.replaceAll(new RegExp(`\\b${name.toUpperCase()}\\b`, "g"), String(number)),
    program.replace(/^#.*\n/gm, "").replaceAll("SET_ASIDE", setAside).trim(),
  );
}
