/** Stages "diagnose" and "gate": what the evidence of a new or stored run says. */

import { join } from "@std/path";
import type { Project } from "../config/types.ts";
import { messageOf } from "../errors.ts";
import { type Acceptance, readAcceptance } from "../verdict/acceptance.ts";
import { diagnose } from "../verdict/diagnose.ts";
import { evaluateGates, type GateResult } from "../verdict/gates.ts";
import { type Io, textOf } from "../io.ts";
import {
  type Annotation,
  type Artifact,
  type Attempt,
  type Coverage,
  type Diagnosis,
  type Event,
  kinds,
  type Reason,
  type Run,
} from "../model.ts";
import type { Store } from "../store/types.ts";
import { isWithin } from "../text/paths.ts";

/** Where the evidence is. */
export interface JudgeContext {
  readonly io: Io;
  readonly project: Project;
  readonly store: Store;
}

/** The working tree to compare the run's with. */
export interface TreeNow extends Partial<Pick<Run, "bytes" | "definitions">> {
  readonly tree: string | null;
  /** Files known to have changed while the commands ran. */
  readonly changed?: readonly string[];
  /** Of a stored run: why it was not fresh when it ended. */
  readonly failed?: string | undefined;
}

/** What a stored run was about; unknown where its record does not say. */
export function coverageOf({ coverage }: Run): Coverage {
  return coverage ?? { present: kinds, skipped: kinds, partial: true };
}

/** How much of the end of each stream a diagnosis looks at, in bytes. */
const tailBytes = 64 * 1024;

/** Events looked at per attempt: more say nothing new, and a report may hold a million. */
const diagnosedEvents = 1_000;

/** Sources larger than this are not excerpted. */
const sourceLimit = 4 * 1024 * 1024;

/** What is wrong with a run, the most blocking first; nothing for a run that passed. */
export async function diagnoseRun(
  run: Run,
  { io, project, store }: JudgeContext,
): Promise<readonly Diagnosis[]> {
  if (run.attempts.every(isClean)) return [];
  const events = new Map<Attempt, readonly Event[]>();
  for (const attempt of run.attempts) {
    const options = { problems: true, limit: diagnosedEvents };
    events.set(attempt, await store.events(attempt.attempt_id, options));
  }
  const diagnoses = await diagnose({
    run,
    eventsOf: (attempt) => events.get(attempt) ?? [],
    readSource: (path) => readSource(io, project.root, path),
    readOutput: (attempt) => readOutput(io, project.root, attempt),
  });
  return withAnnotations(diagnoses, run, store);
}

function isClean({ verdict, diagnostics }: Attempt): boolean {
  return verdict === "pass" && diagnostics === 0;
}

/** The text of a file inside the root, or nothing: an excerpt never shows anything outside. */
async function readSource(io: Io, root: string, path: string): Promise<string | undefined> {
  const full = join(root, path);
  const info = await io.fs.stat(full);
  if (!info?.isFile || info.size > sourceLimit) return undefined;
  return isWithin(await io.fs.realPath(full), root) ? await io.fs.readText(full) : undefined;
}

async function readOutput(io: Io, root: string, attempt: Attempt): Promise<{ text: string }> {
  const files = [attempt.output_file, attempt.stderr_file].filter((file) => file !== null);
  const texts = await Promise.all(files.map((file) => readTail(io, join(root, file))));
  return { text: texts.filter((text) => text !== "").join("\n") };
}

async function readTail(io: Io, path: string): Promise<string> {
  const info = await io.fs.stat(path);
  if (!info?.isFile) return "";
  const start = Math.max(0, info.size - tailBytes);
  return await textOf(await io.fs.openRead(path, start));
}

type Fact = "tree" | "bytes" | "definitions";

/** What a git tree does not say, for people. */
const facts = [
  ["bytes", "files that git does not store as they are, or their modes (bytes)"],
  ["definitions", "the configuration, a manifest or a plugin (definitions)"],
] as const;

/** Applies the gates. `now` is the working tree's, given when freshness is to be judged. */
export async function gateRun(
  run: Pick<Run, "state" | "verb" | "attempts" | "unneeded" | Fact>,
  { present, skipped }: Omit<Coverage, "partial">,
  { io, project }: Pick<JudgeContext, "io" | "project">,
  now?: TreeNow,
): Promise<GateResult> {
  return evaluateGates({
    present,
    skipped,
    state: run.state,
    attempts: run.attempts,
    unneeded: run.unneeded ?? [],
    scope: run.verb === "verify" ? "whole" : run.verb === "hook" ? "change" : "command",
    today: new Date(io.now()).toISOString().slice(0, 10),
    settings: { ...project.gates, fresh: now !== undefined },
    acceptance: await acceptanceOf(io, project),
    fresh: now && {
      ...{ now: now.tree, then: run.tree, changed: now.changed ?? [], failed: now.failed },
      others: facts.filter(([fact]) => now[fact] !== undefined && now[fact] !== run[fact])
        .map(([, what]) => what),
    },
  });
}

async function acceptanceOf(io: Io, { root, gates }: Project): Promise<Acceptance | undefined> {
  if (gates.acceptance === undefined) return undefined;
  try {
    return readAcceptance(await io.fs.readText(join(root, gates.acceptance)));
  } catch (error) {
    return { error: `cannot read ${gates.acceptance}: ${messageOf(error)}` };
  }
}

// Whether the evidence of a stored run is still what it was.

/**
 * The run, in which every passed attempt becomes unknown if its outputs or report are gone or no longer have the
 * recorded hash: what can no longer be shown is not evidence.
 */
export async function withEvidence(io: Io, root: string, run: Run): Promise<Run> {
  const attempts = await Promise.all(run.attempts.map(async (attempt): Promise<Attempt> => {
    if (attempt.verdict !== "pass") return attempt;
    const problems = await Promise.all(attempt.artifacts.map((each) => problemOf(io, root, each)));
    const reasons = problems.filter((problem) => problem !== undefined);
    return reasons.length === 0 ? attempt : { ...attempt, verdict: "unknown", reasons };
  }));
  return { ...run, attempts };
}

async function problemOf(io: Io, root: string, artifact: Artifact): Promise<Reason | undefined> {
  const path = join(root, artifact.path);
  const info = await io.fs.stat(path);
  // A stream without a byte has no file.
  if (info === undefined && artifact.bytes === 0) return undefined;
  if (!info?.isFile) {
    return { code: "report_missing", message: `the evidence ${artifact.path} is gone` };
  }
  const { sha256 } = await io.fs.sha256(path);
  if (sha256 === artifact.sha256) return undefined;
  return {
    code: "report_malformed",
    message: `the evidence ${artifact.path} is not what it was (its SHA-256 differs)`,
  };
}

// Public annotations, put where they are shown. They decide nothing.

/** The diagnoses with the annotations of the events they refer to; {@linkcode ofAttempts} has the rest. */
function withAnnotations(
  diagnoses: readonly Diagnosis[],
  run: Pick<Run, "attempts">,
  store: Pick<Store, "annotations">,
): readonly Diagnosis[] {
  if (diagnoses.length === 0) return diagnoses;
  const said = new Map<string, Annotation[]>();
  for (const { attempt_id, ref } of run.attempts) {
    for (const annotation of store.annotations(attempt_id, { displays: ["inline"] })) {
      if (annotation.ref === ref) continue;
      const same = said.get(annotation.ref);
      if (same) same.push(annotation);
      else said.set(annotation.ref, [annotation]);
    }
  }
  if (said.size === 0) return diagnoses;
  return diagnoses.map((diagnosis) => {
    const annotations = diagnosis.refs.flatMap((ref) => said.get(ref) ?? []);
    return annotations.length === 0 ? diagnosis : { ...diagnosis, annotations };
  });
}

/** Annotations of the run's attempts as a whole. */
export function ofAttempts(
  run: Pick<Run, "attempts">,
  store: Pick<Store, "annotations">,
): readonly Annotation[] {
  return run.attempts.flatMap(({ attempt_id }) =>
    store.annotations(attempt_id, { index: 0, displays: ["inline"] })
  );
}
