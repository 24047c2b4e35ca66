/** One runner or command for people. */

import type { AppliedExtension, Change, SpecChanges } from "../../model.ts";
import type { ExplainOutput } from "../../schema/outputs.ts";
import { shellLine } from "../../text/shell.ts";
import { plural } from "../../text/words.ts";
import { clean } from "../../text/clean.ts";
import { type Look, styles } from "./style.ts";
import { argvText, chainText } from "./sandbox.ts";
import { type Fact, factTable, sections } from "./table.ts";

/** All its settings, and where it was defined; with `--argv` the full command line too. */
export function explanation(output: ExplainOutput, look: Look, withArgv = false): string {
  const { prepared: { argv, failed } } = output;
  const title = clean(`${output.name} · ${[output.kind ?? [], output.source].flat().join(" ")}`);
  return sections([
    `${styles(look.color).bold(title)}\n${factTable(factsOf(output), look)}`,
    withArgv ? argvText(argv, failed, look) : "",
  ]);
}

function factsOf(output: ExplainOutput): Fact[] {
  const { origin, sandbox, prepared: { engines, failed, warnings } } = output;
  const line = origin.line === null ? "" : `:${origin.line}`;
  return [
    ["about", output.description],
    ["command", output.command],
    ...output.prepared.extensions.flatMap(changeRows),
    ["runs as", failed === null && engines.length > 0 ? chainText(engines) : null],
    ["cannot run", failed],
    ...warnings.map((warning): Fact => ["warning", warning]),
    ["folder", output.prepared.cwd],
    ["applies", applies(output)],
    ["report", reportText(output)],
    ["fails on", output.result_format === "exit-code" ? null : `${output.fail_on} and above`],
    ["timeout", limitText(output.prepared.timeout_ms)],
    ["required", output.required ? "yes" : "no"],
    ["no tests", output.allow_no_tests ? "allowed" : null],
    ["files", output.files && filesText(output.files)],
    ["lock", output.lock],
    ["sandbox", sandbox && sandboxText(sandbox)],
    [
      "defined in",
      `${origin.file}${line}${origin.dialect === "commands" ? "" : ` (plugin ${origin.plugin})`}`,
    ],
  ];
}

/** As written in configuration: `10m`, `90s`. */
function limitText(ms: number): string {
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms / 1000}s`;
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
  return [...preset, ...declared, `on_uncovered = ${sandbox.on_uncovered}`].join(", ");
}

// What an extension changed in a command, as table rows.

/** One row per change, before and after; one row for an extension that changed nothing. */
function changeRows({ extension, changes }: AppliedExtension): [string, string][] {
  const texts = changeTexts(changes);
  const rows = texts.length > 0 ? texts : ["no changes"];
  return rows.map((text, index) => [index === 0 ? `by ${extension}` : "", text]);
}

export function changeTexts(changes: SpecChanges): string[] {
  const { command, cwd, timeout_ms, shell, wrappers, env, collectors } = changes;
  return [
    ...changed("command", command, (text) => text),
    ...changed("folder", cwd, (text) => text),
    ...changed("timeout", timeout_ms, limitText),
    ...changed("shell", shell, shellLine),
    ...changed("prefix", wrappers, (all) => all.map(shellLine).join(" ") || "nothing"),
    ...(env ? listed("sets", env.set) : []),
    ...(env ? listed("unsets", env.unset) : []),
    ...(collectors ? [`adds ${plural(collectors, "collector")}`] : []),
  ];
}

function changed<T>(what: string, change: Change<T> | undefined, say: (value: T) => string) {
  return change ? [`${what}: ${say(change.before)} → ${say(change.after)}`] : [];
}

function listed(what: string, names: readonly string[]): string[] {
  return names.length > 0 ? [`${what} ${names.join(", ")}`] : [];
}
