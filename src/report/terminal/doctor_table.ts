/** What `assay doctor` found, for people. */

import type { DoctorCheck } from "../../schema/outputs.ts";
import { clean } from "../../text/clean.ts";
import { plural } from "../../text/words.ts";
import { type Look, styles } from "./style.ts";
import { paragraph, table } from "./table.ts";

/** A row per check, with what to do if it failed. */
export function doctorTable(checks: readonly DoctorCheck[], look: Look): string {
  const style = styles(look.color);
  const rows = checks.map(({ name, ok, found, hint, optional }) => [
    ok
      ? { text: "✓ ok", paint: style.green }
      : optional
      ? { text: "! warning", paint: style.yellow }
      : { text: "✗ failed", paint: style.red },
    clean(name),
    clean(ok || hint === undefined ? found : `${found}; ${hint}`),
  ]);
  const bad = checks.filter(({ ok, optional }) => !ok && !optional);
  const warned = checks.filter(({ ok, optional }) => !ok && optional).length;
  const names = bad.map(({ name }) => clean(name)).join(", ");
  const warnings = warned === 0 ? [] : [plural(warned, "warning")];
  const [paint, verdict] = bad.length > 0
    ? [style.red, [`${plural(bad.length, "check")} failed: ${names}`, ...warnings]]
    : warned > 0
    ? [style.yellow, [...warnings, "nothing required is missing"]]
    : [style.green, ["Everything is in place."]];
  return `${table(rows, look)}\n${paragraph(verdict.join("; "), look, { paint })}`;
}
