/** What was read from a report, for people. */

import type { Event } from "../../model.ts";
import type { ParseOutput } from "../../schema/outputs.ts";
import { plural } from "../../text/words.ts";
import { clean } from "../../text/clean.ts";
import { placeText } from "./_diagnosis.ts";
import { colorOf, type Look, markCell, marks, styles } from "./style.ts";
import { paragraph, sections, table } from "./table.ts";
import { severitiesText, testsText } from "./words.ts";

const shown = 20;

/**
 * The counts, the first problems, and the verdict of a command that exits 0 with this report.
 *
 * @param events the first events that are problems
 */
export function parseSummary(result: ParseOutput, events: readonly Event[], look: Look): string {
  const style = styles(look.color);
  const verdict = [markCell(marks[result.verdict], style), "if the command exits with 0"];
  return sections([
    countsText(result, look),
    problemsText(result, events.slice(0, shown), look),
    table([verdict], look),
  ]);
}

function countsText({ format, complete, tests, error, ...rest }: ParseOutput, look: Look): string {
  const { severities, suite_errors: suiteErrors, declared } = rest;
  const found = severitiesText(severities);
  const claims = Object.entries(declared ?? {}).map(([name, count]) => `${count} ${name}`);
  const rows = [
    ["format", clean(format)],
    ["read", complete ? "completely" : clean(error?.message ?? "not completely")],
    ["tests", tests.total === 0 ? "none" : `${tests.total}: ${testsText(tests)}`],
    ...(suiteErrors > 0 ? [["outside tests", plural(suiteErrors, "error")]] : []),
    ...(found === "" ? [] : [["diagnostics", found]]),
    ...(claims.length > 0 ? [["declared", claims.join(", ")]] : []),
  ];
  return table(rows, look);
}

function problemsText(
  { tests, suite_errors, diagnostics }: ParseOutput,
  events: readonly Event[],
  look: Look,
): string {
  if (events.length === 0) return "";
  const style = styles(look.color);
  const rows = events.map((event) => [
    {
      text: clean(event.status),
      paint: style[colorOf(event.status)],
    },
    placeText(event),
    clean([event.rule ?? event.name, event.message].filter((part) => part).join(": ")),
  ]);
  const rest = tests.failed + tests.errored + suite_errors + diagnostics - events.length;
  const more = `… and ${rest} more: --json --events shows all`;
  return table(rows, look) + (rest > 0 ? paragraph(more, look) : "");
}
