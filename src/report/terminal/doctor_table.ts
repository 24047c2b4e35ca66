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
  const names = bad.map(({ name }) => clean(name)).join(", ");
  const verdict = bad.length === 0
    ? paragraph("All required checks passed.", look, { paint: style.green })
    : paragraph(`${plural(bad.length, "check")} failed: ${names}`, look, { paint: style.red });
  return `${table(rows, look)}\n${verdict}`;
}
