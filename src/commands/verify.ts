/** `assay verify`: every check that applies, and whether the change is done. */

import { detect, detectAll } from "../config/detect.ts";
import type { Detection, Project } from "../config/types.ts";
import type { ExitCode } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Kind } from "../model.ts";
import { listFiles, narrowed, planVerify } from "../run/mod.ts";
import { openRunContext } from "./_workspace.ts";
import { runAndReport } from "./_run.ts";
import type { Call, OpenedProject } from "./types.ts";

export async function run(call: Call): Promise<ExitCode> {
  const skip = call.list("skip") as Kind[];
  const only = call.list("only");
  const select = async ({ project, plugins }: OpenedProject) => {
    const detections = await detectAll(call.io, project);
    const selected = planVerify(detections, { skip, ...(only.length > 0 ? { only } : {}) });
    plugins.warm(selected.commands);
    return { detections, selected };
  };
  let selecting: ReturnType<typeof select> | undefined;
  const context = await openRunContext(call, {
    opened(project) {
      selecting = select(project);
      // What is wrong is thrown below, unless something else was wrong first.
      selecting.catch(() => {});
    },
  });
  const { detections, selected } = await selecting!;
  const { root } = context.project;
  const plan = await narrowed(selected, root, { files: () => listFiles(call.io, root) });
  const warnings = [
    ...context.warnings,
    ...leftOut(detections),
    ...await undecidingRunners(call.io, context.project, detections),
  ];
  return await runAndReport(call, { ...context, warnings }, plan, { verb: "verify" });
}

/** Configured runners that do not run, and why. */
function leftOut(detections: readonly Detection[]): string[] {
  const own = detections.filter(({ def, detected }) =>
    !detected && def.enabled && def.origin.file !== "built-in"
  );
  return own.map(({ def, why }) => `${def.id} (${def.origin.file}) does not apply: ${why}`);
}

/** Runners that test the project but whose failures do not count. */
async function undecidingRunners(
  io: Io,
  { root, dropped }: Project,
  detections: readonly Detection[],
): Promise<string[]> {
  const off = dropped.filter(({ def, why }) =>
    def.kind === "test" && /^switched off by (?:\[|its own)/.test(why)
  );
  const found = await Promise.all(off.map(({ def }) => detect(io, root, def)));
  return [
    ...off.filter((_, index) => found[index]!.detected)
      .map(({ id, why }) => `the test runner ${id} applies but is ${why}, so it decides nothing`),
    ...detections.filter(({ def, detected }) => detected && def.kind === "test" && !def.required)
      .map(({ def }) =>
        `the test runner ${def.id} applies but is not required, so it decides nothing`
      ),
  ];
}
