/** Annotator `blame`: the last commit of a problem's line, as `git blame` tells it. */

import type { Event, NewAnnotation, RunContext } from "../../src/plugin.ts";
import { type Commit, readBlame } from "./_blame_output.ts";
import { firstProblems, hasSourceLine, linesOf, readSource, sourceLine } from "./_problems.ts";

/** Files asked about in one call: each is one start of git. */
const fileLimit = 200;

/** Whatever configures git, it asks nobody and runs nobody's helpers. */
const git = ["git", "-c", "core.fsmonitor=false"];
const env = { GIT_TERMINAL_PROMPT: "0", GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" };

/** Something is known of a line, and the project is in git. */
export async function shouldAnnotate(context: RunContext): Promise<boolean> {
  if (!await hasSourceLine(context)) return false;
  try {
    const { exitCode } = await context.run([...git, "rev-parse", "--is-inside-work-tree"], { env });
    return exitCode === 0;
  } catch (error) {
    if (context.signal.aborted) throw error;
    // There is no git here, so nobody can be asked.
    return false;
  }
}

/** Adds who last changed each problem's line. */
export async function annotate(context: RunContext): Promise<void> {
  const files = byFile(await firstProblems(context));
  if (files.size > fileLimit) context.warn(`only the first ${fileLimit} files were looked at`);
  for (const [file, events] of [...files].slice(0, fileLimit)) {
    const commits = await blame(context, file, [...events.keys()]);
    for (const [line, each] of events) {
      const commit = commits.get(line);
      if (!commit) continue;
      for (const event of each) context.addAnnotation(event, annotationOf(commit, file, line));
    }
  }
}

/** The problems of each line of each file. */
function byFile(problems: readonly Event[]): Map<string, Map<number, Event[]>> {
  const files = new Map<string, Map<number, Event[]>>();
  for (const event of problems) {
    const place = sourceLine(event);
    if (place === undefined) continue;
    const lines = files.get(place.file) ?? new Map<number, Event[]>();
    files.set(place.file, lines);
    lines.set(place.line, [...lines.get(place.line) ?? [], event]);
  }
  return files;
}

/** The last commit of each of these lines; nothing of a file outside the root, or that git does not hold. */
async function blame(
  context: RunContext,
  file: string,
  lines: readonly number[],
): Promise<ReadonlyMap<number, Commit>> {
  const source = await readSource(context, file);
  if (source === undefined) return new Map();
  // One line that is not there, and git says nothing of the others.
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
