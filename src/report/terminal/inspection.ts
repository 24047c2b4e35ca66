/** One event or attempt with all that is known of it, for people. */

import type { Annotation } from "../../model.ts";
import type { InspectOutput } from "../outputs.ts";
import { annotationText } from "./_annotation.ts";
import { attemptText } from "./_attempt.ts";
import { eventText } from "./_event.ts";
import type { Look } from "./style.ts";

/** What was asked for, and what annotators say of it in full. */
export function inspection(output: InspectOutput, look: Look): string {
  const { ref, event, annotations } = output;
  // Those of an attempt's events stand with their events.
  const own = annotations.filter((annotation) => annotation.ref === ref);
  return [
    ...event === null ? attemptText(output, look) : eventText(output, event, look),
    ...annotationsText(own, look),
  ].filter((part) => part !== "").join("\n");
}

/** The inline ones first, for they are short; the hidden ones are for programs. */
function annotationsText(annotations: readonly Annotation[], look: Look): string[] {
  const of = (display: Annotation["display"]) =>
    annotations.filter((annotation) => annotation.display === display);
  return [...of("inline"), ...of("detail")].map((annotation) => annotationText(annotation, look));
}
