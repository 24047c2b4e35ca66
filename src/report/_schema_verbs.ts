/** Definitions of what single verbs print; see `schemas.ts`. Only loaded with the others. */

import * as v from "valibot";
import type { Unneeded } from "../model.ts";
import type { DoctorOutput, ExplainOutput, HookOutput, HookRestoreOutput } from "./outputs.ts";
import { count, kind, of } from "./_schema_parts.ts";

/** A runner that was not needed. */
export const unneeded = of<Unneeded>()(v.strictObject({
  id: v.string(),
  kind,
  required: v.boolean(),
  reason: v.string(),
}));

/** Scripts of git's. */
export const hook = of<HookOutput>()(v.strictObject({
  folder: v.string(),
  hooks: v.array(v.strictObject({
    hook: v.picklist(["pre-commit", "pre-push"]),
    file: v.string(),
    state: v.picklist(["none", "ours", "edited", "other"]),
    chained: v.boolean(),
    action: v.exactOptional(
      v.picklist(["installed", "updated", "unchanged", "removed", "absent"]),
    ),
  })),
  warnings: v.array(v.string()),
}));

/** What came back. */
export const hookRestore = of<HookRestoreOutput>()(v.strictObject({ restored: count }));

/** What assay needs. */
export const doctor = of<DoctorOutput>()(v.strictObject({
  ok: v.boolean(),
  root: v.string(),
  checks: v.array(v.strictObject({
    name: v.string(),
    ok: v.boolean(),
    found: v.string(),
    hint: v.exactOptional(v.string()),
    optional: v.exactOptional(v.boolean()),
  })),
}));

/** The files of a command. */
export const commandFiles = of<ExplainOutput["files"]>()(
  v.nullable(v.strictObject({
    globs: v.array(v.string()),
    matching: v.nullable(count),
    batches: v.nullable(count),
  })),
);
