/** `assay init`: writes a minimal configuration, and never overwrites anything. */

import { join } from "@std/path";
import { detectAll } from "../config/detect.ts";
import { applyInit, planInit } from "../config/init.ts";
import type { ExitCode } from "../errors.ts";
import { exampleRunner } from "../report/terminal/words.ts";
import { plural } from "../text/words.ts";
import { projectOf, recoveredRoot, tell } from "./_workspace.ts";
import type { Call } from "./types.ts";

export async function run(call: Call): Promise<ExitCode> {
  const { io } = call;
  const root = await recoveredRoot(call);
  const project = await projectOf(call, root);
  const detections = await detectAll(io, project);
  const steps = await planInit(io, root, detections);
  await applyInit(io, root, steps);
  const found = detections.filter(({ detected }) => detected).map(({ def }) => def.id);
  const files = steps.map(({ path, action }) => ({ path, action }));
  return await tell(
    call,
    { root, files, runners: found },
    () => initText(root === io.cwd ? undefined : root, files, found),
  );
}

const words = {
  create: "created ",
  append: "extended",
  renew: "updated ",
  keep: "kept    ",
} as const;

/** `elsewhere` is the root where it is not the current folder: the paths are relative to it. */
function initText(
  elsewhere: string | undefined,
  files: readonly { readonly path: string; readonly action: keyof typeof words }[],
  runners: readonly string[],
): string {
  const lines = files.map(({ path, action }) =>
    `${words[action]} ${elsewhere === undefined ? path : join(elsewhere, path)}`
  );
  const next = runners.length > 0
    ? `${plural(runners.length, "runner applies", "runners apply")}: ${
      runners.join(", ")
    }\nnext: assay verify\n`
    : `\nNo runner applies yet. ${exampleRunner}\nnext: assay verify\n`;
  return `${lines.join("\n")}\n${next}`;
}
