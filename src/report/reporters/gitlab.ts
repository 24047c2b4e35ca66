/**
 * GitLab Code Quality: the part of Code Climate's format required by
 * https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format. Paths must be in the
 * repository.
 *
 * @module
 */

import { type Finding, findings } from "./_findings.ts";
import { isInProject } from "./_text.ts";
import { jsonText } from "../../text/clean.ts";
import type { RunReport } from "./types.ts";

export function* render(report: RunReport): Generator<string> {
  let before = "[\n";
  for (const finding of findings(report)) {
    yield `${before}${jsonText(issueOf(finding, report))}`;
    before = ",\n";
  }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}

function issueOf(finding: Finding, report: RunReport) {
  const { level, rule, message, fingerprint, place } = finding;
  const isInside = isInProject(place.file);
  return {
    description: isInside ? message : `${message} (${place.file})`,
    check_name: rule,
    fingerprint,
    severity: severityOf(finding),
    location: {
      path: isInside ? place.file : report.place.file,
      lines: { begin: (isInside ? place.line : report.place.line) ?? 1 },
    },
    ...(level === "error" ? { categories: ["Bug Risk"] } : {}),
  };
}

function severityOf({ level, isUnknown }: Finding): string {
  if (level === "error") return isUnknown ? "blocker" : "critical";
  return level === "warning" ? "minor" : "info";
}
