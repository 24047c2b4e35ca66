/** One runner or command for people. */

import type { AppliedExtension, Change, SpecChanges } from "../../model.ts";
import type { ExplainOutput } from "../../schema/outputs.ts";
import { shellLine } from "../../text/shell.ts";
import { plural } from "../../text/words.ts";
import { clean } from "../../text/clean.ts";
import { type Look, styles } from "./style.ts";
import { table } from "./table.ts";

/** A name and what there is to say. */
type Row = readonly [string, string];

/** Every setting of it that says something, and where it was written. */
export function explanation(output: ExplainOutput, look: Look): string {
  const style = styles(look.color);
  const rows = rowsOf(output).map(([name, text]) => [
    { text: clean(name), paint: style.dim },
    clean(text),
  ]);
  return `${style.bold(clean(`${output.name} · ${output.kind} ${output.source}`))}\n` +
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

// What an extension changed of a command, in rows of a table.

/** One row for each change, before and after; one row for an extension that changed nothing. */
function changeRows({ extension, changes }: AppliedExtension): [string, string][] {
  const texts = changeTexts(changes);
  const rows = texts.length > 0 ? texts : ["changes nothing"];
  return rows.map((text, index) => [index === 0 ? `by ${extension}` : "", text]);
}

function changeTexts(changes: SpecChanges): string[] {
  const { command, cwd, timeout_ms, shell, wrappers, env, collectors } = changes;
  return [
    ...changed("command", command, (text) => text),
    ...changed("folder", cwd, (text) => text),
    ...changed("limit", timeout_ms, (ms) => `${ms / 1000} s`),
    ...changed("shell", shell, shellLine),
    ...changed("in front", wrappers, (all) => all.map(shellLine).join(" ") || "nothing"),
    ...(env ? listed("sets", env.set) : []),
    ...(env ? listed("takes away", env.unset) : []),
    ...(collectors ? [`looks at the result with ${plural(collectors, "collector")}`] : []),
  ];
}

function changed<T>(what: string, change: Change<T> | undefined, say: (value: T) => string) {
  return change ? [`${what}: ${say(change.before)} → ${say(change.after)}`] : [];
}

function listed(what: string, names: readonly string[]): string[] {
  return names.length > 0 ? [`${what} ${names.join(", ")}`] : [];
}
