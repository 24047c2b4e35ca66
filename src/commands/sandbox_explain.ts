/** `assay sandbox explain NAME`: what is declared and which engine enforces it; with `--argv` the exact argv. */

import { relative } from "@std/path";
import { type CommandDef, type SandboxSetting, statedKind } from "../config/types.ts";
import type { ExitCode } from "../errors.ts";
import type { SandboxFact } from "../model.ts";
import type { SandboxExplainOutput } from "../schema/outputs.ts";
import { enginesOf, findCommand, type Rehearsed, rehearsed } from "./_command.ts";
import { openProject } from "./_plugins.ts";
import { recoveredRoot, tell } from "./_workspace.ts";
import type { Call } from "./types.ts";

export async function run(call: Call): Promise<ExitCode> {
  const root = await recoveredRoot(call);
  const opened = await openProject(call, root);
  const def = findCommand(opened.project, call.args[0]!);
  const prepared = await rehearsed(call, opened, def);
  const report = reportOf(def, prepared, root);
  return await tell(
    call,
    report,
    (terminal) => terminal.sandboxExplanation(report, call, call.flag("argv")),
  );
}

function reportOf(def: CommandDef, prepared: Rehearsed, root: string): SandboxExplainOutput {
  const { id, source, sandbox } = def;
  const { sandboxed, spec, argv, said } = prepared;
  const files = Object.entries(sandboxed?.files ?? {});
  return {
    name: id,
    kind: statedKind(def),
    source,
    preset: sandbox?.preset ?? null,
    on_uncovered: sandbox?.on_uncovered ?? null,
    dimensions: sandboxed?.facts ?? [],
    grade: sandboxed?.grade ?? null,
    engines: enginesOf(prepared),
    refused: refusedOf(sandboxed),
    failed: prepared.failed ?? unenforced(sandbox, sandboxed?.facts ?? []),
    cwd: relative(root, spec.cwd) || ".",
    argv,
    files: files.map(([path, bytes]) => ({ path, bytes: bytes.length })),
    warnings: said,
  };
}

/** The engines a run would fall back from, or probed but did not choose. */
function refusedOf(sandboxed: Rehearsed["sandboxed"]): SandboxExplainOutput["refused"] {
  const chosen = new Set(sandboxed?.engines.map(({ name }) => name));
  return (sandboxed?.asked ?? []).flatMap(({ engine: { value }, knowledge: { probe, review } }) => {
    if (chosen.has(value.name)) return [];
    if (probe && !probe.works) return [{ engine: value.name, why: probe.detail }];
    const missing = Object.entries({ ...probe?.missing, ...review?.missing });
    const why = missing.map(([dimension, why]) => `${dimension}: ${why}`).join("; ");
    return [{ engine: value.name, why: why || "not needed" }];
  });
}

/** Under `on_uncovered = "fail"` a command with something unenforced is not run. */
function unenforced(
  sandbox: SandboxSetting | undefined,
  facts: readonly SandboxFact[],
): string | null {
  const open = facts.filter((fact) => fact.enforced_by === undefined);
  if (sandbox?.on_uncovered !== "fail" || open.length === 0) return null;
  const names = open.map(({ dimension }) => dimension).join(", ");
  return `not enforced: ${names} (on_uncovered = "fail")`;
}
