/** What annotators say for all to see, put where it is shown. It is shown, and decides nothing. */

import type { Annotation, Diagnosis, Run } from "../model.ts";
import type { Store } from "../store/types.ts";

/** The diagnoses with what is said of the events they refer to; {@linkcode ofAttempts} has the rest. */
export function withAnnotations(
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

/** What is said of the run's attempts as a whole. */
export function ofAttempts(
  run: Pick<Run, "attempts">,
  store: Pick<Store, "annotations">,
): readonly Annotation[] {
  return run.attempts.flatMap(({ attempt_id }) =>
    store.annotations(attempt_id, { index: 0, displays: ["inline"] })
  );
}
