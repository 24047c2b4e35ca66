/** What annotators did, for people. */

import type { AnnotateOutput } from "../../schema/outputs.ts";
import { plural } from "../../text/words.ts";
import { clean } from "../../text/clean.ts";
import { type Look, styles } from "./style.ts";
import { paragraph, table } from "./table.ts";

/** A row for each annotator of each attempt. */
export function annotateTable({ attempts }: AnnotateOutput, look: Look): string {
  const { yellow } = styles(look.color);
  const rows = attempts.flatMap(({ ref, annotators }) =>
    annotators.map(({ annotator, written, removed, failed }) => {
      const gone = removed > 0 ? `, ${removed} removed` : "";
      const text = `${plural(written, "annotation")}${gone}`;
      return [
        clean(ref),
        clean(annotator),
        failed ? { text: `${text}, then it failed`, paint: yellow } : text,
      ];
    })
  );
  if (rows.length === 0) return paragraph("There is no annotator.", look);
  return table(rows, { ...look, whole: [0] });
}
