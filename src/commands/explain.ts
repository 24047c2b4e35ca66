/** `assay explain NAME`: one runner or command as assay would run it. */

import { detect } from "../config/detect.ts";
import { ExitCode } from "../errors.ts";
import type { ConfigTable } from "../plugin.ts";
import { requiredArgument } from "./_arguments.ts";
import { tell } from "./_tell.ts";
import { projectOf, rootOf } from "./_workspace.ts";
import { findCommand } from "./run.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  const name = requiredArgument(call, "the NAME of a runner or command");
  const root = await rootOf(call);
  const project = await projectOf(call, root);
  const def = findCommand(project, name);
  const detection = def.source === "runner" ? await detect(call.io, root, def) : undefined;
  const { origin } = def;
  const report = {
    id: def.id,
    kind: def.kind,
    source: def.source,
    description: def.description ?? null,
    command: def.command,
    argv: ["sh", "-c", def.command],
    cwd: def.cwd,
    env: variablesOf(def.extensionData.env ?? {}),
    timeout_ms: def.timeoutMs,
    result_file: def.resultFile ?? null,
    result_format: def.resultFormat,
    fail_on: def.failOn,
    required: def.required,
    allow_no_tests: def.allowNoTests,
    lock: def.lock ?? null,
    sandbox: def.sandbox ?? null,
    detected: detection?.detected ?? null,
    why: detection?.why ?? "run by name",
    origin: {
      plugin: origin.plugin,
      file: origin.file,
      line: origin.line ?? null,
      dialect: origin.dialect,
    },
  };
  await tell(call, report, ({ explanation }) => explanation(report, call));
  return ExitCode.ok;
}

/** The variables of the table of the extension `env`: its keys that hold a text. */
function variablesOf(table: ConfigTable): Record<string, string> {
  const variables = Object.entries(table).filter(([, value]) => typeof value === "string");
  return Object.fromEntries(variables) as Record<string, string>;
}
