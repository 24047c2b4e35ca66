/** Definitions of what single verbs print; see `schemas.ts`. Only loaded with the others. */

import * as v from "valibot";
import type { Unneeded } from "../model.ts";
import type {
  DoctorOutput,
  ExplainOutput,
  HookOutput,
  HookRestoreOutput,
  PermissionRecord,
  TrustOutput,
} from "./outputs.ts";
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

const permission = v.exactOptional(v.union([v.boolean(), v.array(v.string())]));

/** What a plugin is granted or asks for. */
export const permissions = of<PermissionRecord>()(v.strictObject({
  read: permission,
  write: permission,
  net: permission,
  env: permission,
  run: permission,
  sys: permission,
  ffi: permission,
}));

const hashed = v.array(v.strictObject({ url: v.string(), sha256: v.string() }));

/** What there is to be trusted. */
export const trust = of<TrustOutput>()(v.strictObject({
  root: v.string(),
  file: v.string(),
  state: v.picklist(["trusted", "not_trusted", "not_needed"]),
  changes: v.array(v.string()),
  digest: v.string(),
  plugins: v.array(v.strictObject({
    url: v.string(),
    isolation: v.picklist(["worker", "none"]),
    permissions,
    files: hashed,
    pinned: v.nullable(hashed),
    problem: v.nullable(v.string()),
  })),
}));
