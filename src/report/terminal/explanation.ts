/** One runner or command for people. */

import type { ExplainOutput } from "../outputs.ts";
import { changeRows } from "./_spec_changes.ts";
import { clean } from "./clean.ts";
import { shellLine } from "./shell_line.ts";
import { type Look, styles } from "./style.ts";
import { table } from "./table.ts";
import { plural } from "./words.ts";

/** A name and what there is to say. */
type Row = readonly [string, string];

/** Every setting of it that says something, and where it was written. */
export function explanation(output: ExplainOutput, look: Look): string {
  const style = styles(look.color);
  const rows = rowsOf(output).map(([name, text]) => [
    { text: clean(name), paint: style.dim },
    clean(text),
  ]);
  return `${style.bold(clean(`${output.id} · ${output.kind} ${output.source}`))}\n` +
    table(rows, { ...look, indent: 2 });
}

function rowsOf(output: ExplainOutput): Row[] {
  const { origin, sandbox } = output;
  const line = origin.line === null ? "" : `:${origin.line}`;
  return [
    ...given("about", output.description),
    ["command", output.command],
    ...output.prepared.extensions.flatMap(changeRows),
    ...preparedRows(output),
    ["in", output.prepared.cwd],
    ["applies", applies(output)],
    ["report", reportText(output)],
    ["fails on", `${output.fail_on} and above`],
    ["stops after", `${output.prepared.timeout_ms / 1000} s`],
    ["required", output.required ? "yes" : "no"],
    ...given("no tests", output.allow_no_tests ? "allowed" : null),
    ...given("files", output.files && filesText(output.files)),
    ...given("lock", output.lock),
    ...given("sandbox", sandbox && sandboxText(sandbox)),
    ["written in", `${origin.file}${line} (plugin ${origin.plugin}, dialect "${origin.dialect}")`],
  ];
}

function given(name: string, text: string | null): Row[] {
  return text === null || text === "" ? [] : [[name, text]];
}

function preparedRows({ prepared: { argv, failed, warnings } }: ExplainOutput): Row[] {
  return [
    failed === null ? ["runs as", shellLine(argv)] : ["does not run", failed],
    ...warnings.map((warning): Row => ["warning", warning]),
  ];
}

function applies({ detected, why }: ExplainOutput): string {
  return detected === null ? why : `${detected ? "yes" : "no"}: ${why}`;
}

function reportText({ result_format: format, result_file: file }: ExplainOutput): string {
  if (format === "exit-code") return "none: the exit code decides";
  return `${format} ${file === null ? "on standard output" : `in ${file}`}`;
}

function filesText({ globs, matching, batches }: ExplainOutput["files"] & object): string {
  const count = matching === null
    ? ""
    : `: ${plural(matching, "file")}${
      batches !== null && batches > 1 ? ` in ${batches} batches` : ""
    }`;
  return globs.join(" ") + count;
}

function sandboxText(sandbox: ExplainOutput["sandbox"] & object): string {
  const declared = Object.entries(sandbox.declared).map(([name, value]) => `${name} = ${value}`);
  const preset = sandbox.preset === undefined ? [] : [`preset ${sandbox.preset}`];
  return [...preset, ...declared, `what is not enforced: ${sandbox.on_uncovered}`].join(", ");
}
