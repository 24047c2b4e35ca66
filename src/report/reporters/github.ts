/**
 * Workflow commands of GitHub Actions, which annotate a change from a job's log:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands. GitHub shows ten errors
 * and ten warnings per step, so the verdict and the most severe come first, one per cause.
 *
 * @module
 */

import type { Diagnosis } from "../../model.ts";
import { causeOf, shoutOf } from "../terminal/_verdict_line.ts";
import { gateFindings, isGreen, placeIn } from "./_findings.ts";
import { fileName, isInProject, line, lines } from "./_text.ts";
import type { RunReport } from "./types.ts";

/** More annotations than this would only fill the log. */
const shown = 50;

type Properties = Readonly<Record<string, string | number | undefined>>;

export function* render(report: RunReport): Generator<string> {
  const { run, diagnoses } = report;
  const green = isGreen(run);
  const facts = [
    shoutOf(run).text,
    ...causeOf(run),
    `confidence ${run.confidence}`,
    `run ${run.run_id}`,
  ];
  yield command(green ? "notice" : "error", { title: `assay ${run.verb}` }, facts.join(" · "));
  for (const { rule, message, place } of gateFindings(report)) {
    yield command("error", { file: place.file, line: place.line, title: rule }, message);
  }
  for (const diagnosis of diagnoses.slice(0, shown)) {
    yield command(levelOf(diagnosis, green), propertiesOf(diagnosis), messageOf(diagnosis));
  }
  const rest = diagnoses.length - shown;
  if (rest > 0) {
    yield command("warning", { title: "assay" }, `… and ${rest} more: assay diagnose`);
  }
}

function levelOf({ severity }: Diagnosis, green: boolean): string {
  if (severity === "info") return "notice";
  return severity === "warning" || green ? "warning" : "error";
}

function propertiesOf({ file: given, title, ...place }: Diagnosis): Properties {
  const about = { title: line(title, 200) };
  const file = given && fileName(given);
  // GitHub only knows the repository's files.
  if (!file || !isInProject(file)) return about;
  const { line: from, column, end_line: to, end_column: end } = placeIn(place);
  const isOneLine = to === undefined || to === from;
  return {
    file,
    line: from,
    endLine: to,
    // Columns of a multi-line range are rejected.
    col: isOneLine ? column : undefined,
    endColumn: isOneLine && column !== undefined ? end : undefined,
    ...about,
  };
}

function messageOf({ title, task, excerpt, refs, count, file, line: at }: Diagnosis): string {
  const more = count > 1 ? ` and ${count - 1} more` : "";
  const where = file === undefined || isInProject(file)
    ? ""
    : `${line(file)}${at === undefined ? "" : `:${at}`}`;
  return [
    line(title),
    where,
    lines(excerpt ?? undefined, 2_000),
    line(task),
    refs[0] === undefined ? "" : `${line(refs[0])}${more}`,
  ].filter((part) => part !== "").join("\n");
}

function command(name: string, properties: Properties, message: string): string {
  const given = Object.entries(properties).filter(([, value]) => value !== undefined);
  const text = given.map(([key, value]) => `${key}=${property(String(value))}`).join(",");
  return `::${name}${text === "" ? "" : ` ${text}`}::${data(message)}\n`;
}

function data(text: string): string {
  return text.toWellFormed().replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** Escapes a property value. */
function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
