/** Annotator `blame`: the last commit of a problem's line, from `git blame`. */

import type { NewAnnotation, RunContext } from "../../src/plugin.ts";
import { firstProblems, hasSourceLine, linesOf, readSource, sourceLine } from "./_problems.ts";

/** Files per call: each starts git once. */
const fileLimit = 200;

/** Whatever the git configuration, git prompts no one and runs no helpers. */
const git = ["git", "-c", "core.fsmonitor=false"];
const env = { GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" };

/** A line is known, and the project is in git. */
export async function shouldAnnotate(context: RunContext): Promise<boolean> {
  if (!await hasSourceLine(context)) return false;
  try {
    const { exitCode } = await context.run([...git, "rev-parse", "--is-inside-work-tree"], { env });
    return exitCode === 0;
  } catch (error) {
    if (context.signal.aborted) throw error;
    // git is not installed.
    return false;
  }
}

/** Adds who last changed each problem's line. */
export async function annotate(context: RunContext): Promise<void> {
  const problems = (await firstProblems(context)).flatMap((event) => {
    const place = sourceLine(event);
    return place === undefined ? [] : [{ event, ...place }];
  });
  const files = Map.groupBy(problems, ({ file }) => file);
  if (files.size > fileLimit) context.warn(`only the first ${fileLimit} files were looked at`);
  for (const [file, each] of [...files].slice(0, fileLimit)) {
    const commits = await blame(context, file, [...new Set(each.map(({ line }) => line))]);
    for (const { event, line } of each) {
      const commit = commits.get(line);
      if (commit) context.addAnnotation(event, annotationOf(commit, file, line));
    }
  }
}

/** The last commit of each of these lines; nothing for files outside the root or unknown to git. */
async function blame(
  context: RunContext,
  file: string,
  lines: readonly number[],
): Promise<ReadonlyMap<number, Commit>> {
  const source = await readSource(context, file);
  if (source === undefined) return new Map();
  // For one missing line, git reports none of the others.
  const last = linesOf(source).length;
  const ranges = lines.filter((line) => line >= 1 && line <= last)
    .flatMap((line) => ["-L", `${line},${line}`]);
  if (ranges.length === 0) return new Map();
  const argv = [...git, "blame", "--porcelain", "--no-textconv", ...ranges, "--", file];
  const { exitCode, stdout } = await context.run(argv, { env });
  return exitCode === 0 ? readBlame(stdout) : new Map();
}

function annotationOf(commit: Commit, file: string, line: number): NewAnnotation {
  const { hash, author, date, summary } = commit;
  return {
    type: "blame",
    display: "inline",
    text: hash === null
      ? "not committed yet"
      : `last changed in ${hash.slice(0, 7)} by ${author}, ${date.slice(0, 10)}: ${summary}`,
    data: hash === null
      ? { file, line, commit: null }
      : { file, line, commit: hash, author, date, summary },
  };
}

// What `git blame --porcelain` prints: https://git-scm.com/docs/git-blame#_the_porcelain_format

/** Who last changed a line. */
interface Commit {
  /** `null`: the line is not committed yet. */
  readonly hash: string | null;
  readonly author: string;
  /** ISO 8601 in UTC. */
  readonly date: string;
  /** First line of its message. */
  readonly summary: string;
}

/** Characters kept of a name and of a summary. */
const longest = 200;

/** `<hash> <line then> <line now> [<lines>]`; a hash of SHA-1 or SHA-256. */
const header = /^([0-9a-f]{40}(?:[0-9a-f]{24})?) \d+ (\d+)/;

/** The commit of each line by its number. Details of a commit only come with its first line. */
export function readBlame(output: string): ReadonlyMap<number, Commit> {
  const facts = new Map<string, Map<string, string>>();
  const hashes = new Map<number, string>();
  let current: Map<string, string> | undefined;
  for (const line of output.split("\n")) {
    const [, hash, number] = header.exec(line) ?? [];
    if (hash !== undefined) {
      current = facts.get(hash) ?? new Map();
      facts.set(hash, current);
      hashes.set(Number(number), hash);
    } else if (!line.startsWith("\t")) {
      const blank = line.indexOf(" ");
      if (blank > 0) current?.set(line.slice(0, blank), line.slice(blank + 1));
    }
  }
  return new Map(
    Array.from(hashes, ([line, hash]) => [line, commitOf(hash, facts.get(hash)!)]),
  );
}

function commitOf(hash: string, facts: ReadonlyMap<string, string>): Commit {
  const seconds = Number(facts.get("author-time"));
  const date = new Date(Number.isSafeInteger(seconds) ? seconds * 1000 : NaN);
  return {
    hash: /^0+$/.test(hash) ? null : hash,
    author: (facts.get("author") ?? "").slice(0, longest),
    date: Number.isNaN(date.getTime()) ? "" : date.toISOString(),
    summary: (facts.get("summary") ?? "").slice(0, longest),
  };
}
