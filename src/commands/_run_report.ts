/** A run and what is known of it, as reporters are given it. */

import type { CommandDef, Project } from "../config/types.ts";
import type { Annotation, Attempt, Diagnosis, Run } from "../model.ts";
import type { RunReport } from "../report/reporters/mod.ts";
import { isInProject } from "../report/reporters/_text.ts";
import type { Store } from "../store/types.ts";

/** What a run is told from. */
export interface Told {
  readonly run: Run;
  readonly diagnoses: readonly Diagnosis[];
  readonly annotations: readonly Annotation[];
}

/** The one record that every reporter is made from. */
export function runReport(told: Told, project: Project, store: Store): RunReport {
  const place = configurationOf(told.run, project);
  return {
    ...told,
    place,
    placeOf: (attempt) => placeOf(attempt, project) ?? place,
    events: ({ attempt_id }, options = {}) => store.eventPages(attempt_id, options),
  };
}

type FilePlace = RunReport["place"];

/** A file that a person would open to mend what is amiss with the whole of it. */
function configurationOf({ attempts }: Run, project: Project): FilePlace {
  const own = project.files.find((file) => isInProject(file) && file !== ".assay/lock.json");
  if (own !== undefined) return { file: own };
  const places = attempts.map((attempt) => placeOf(attempt, project));
  return places.find((place) => place !== undefined) ?? { file: ".assay/config.toml" };
}

function placeOf({ name: id }: Attempt, { runners, commands }: Project): FilePlace | undefined {
  const def = [...runners, ...commands].find((each) => each.id === id);
  if (!def) return undefined;
  const { file, line } = def.origin;
  if (file !== "built-in" && isInProject(file)) {
    return { file, ...line === undefined ? {} : { line } };
  }
  const detected = detectedBy(def);
  return detected === undefined ? undefined : { file: detected };
}

/** The file that a built-in runner applies for, where it is named and no pattern. */
function detectedBy({ detect }: CommandDef): string | undefined {
  const names = detect.map((each) => typeof each === "string" ? each : each.file);
  return names.find((name) => isInProject(name) && !/[*?[{]/.test(name));
}
