/** A diagnosis before its excerpt is read. */

import type { Attempt, Diagnosis, DiagnosisSeverity, Frame } from "../model.ts";

/** Where the excerpt is to come from: the first of these that gives one. */
export interface ExcerptSources {
  /** The file of the diagnosis around its line. */
  readonly atPlace: boolean;
  /** A text that came with the events. */
  readonly text?: string;
  /** The end of the command's output. */
  readonly ofOutput: boolean;
}

/** A diagnosis without its excerpt. */
export interface Draft extends Omit<Diagnosis, "excerpt"> {
  readonly attempt: Attempt;
  /** It says why the command did not pass, and not only what else was found. */
  readonly explains: boolean;
  readonly sources: ExcerptSources;
}

/** Severities, the most blocking first. */
export const severities: readonly DiagnosisSeverity[] = ["blocker", "critical", "warning", "info"];

/** What is wrong with a command that is not required stands in nobody's way. */
export function severityFor(
  { required }: Attempt,
  severity: DiagnosisSeverity,
): DiagnosisSeverity {
  return required || severity === "info" ? severity : "warning";
}

/** What a problem of a command of this kind is called when nothing more is known of it. */
export function categoryOf({ kind }: Attempt): "build" | "test" | "lint" {
  return kind;
}

/** Code that came with a tool or a library: nobody repairs it there. */
const foreign =
  /^(?:\/|[a-z][a-z0-9+.-]*:|\.\.(?:\/|$)|<)|(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor|\.venv|venv|\.tox|\.cargo|\.bundle)\//i;

/** The innermost frame inside the project; frames come with the innermost first. */
export function ownFrame(frames: readonly Frame[] | undefined): Frame | undefined {
  return frames?.find(({ file }) => !foreign.test(file));
}
