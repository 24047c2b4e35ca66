/** Definitions of what is said of sandboxes; see `schemas.ts`. Only loaded with the others. */

import * as v from "valibot";
import type { Denial, SandboxFact } from "../model.ts";
import { count, kind, of, path } from "./_schema_parts.ts";
import type { SandboxDoctorOutput, SandboxExplainOutput } from "./outputs.ts";

/** What became of one dimension. */
export const sandboxFact = of<SandboxFact>()(v.strictObject({
  dimension: v.string(),
  declared: v.string(),
  enforced_by: v.exactOptional(v.string()),
  caveat: v.exactOptional(v.string()),
  why: v.exactOptional(v.string()),
}));

/** How wide a sandbox is. */
export const grade = v.picklist(["sealed", "pinhole", "scoped", "broad", "open"]);

/** What a sandbox kept a command from. */
export const denial = of<Denial>()(v.strictObject({
  dimension: v.string(),
  subject: v.exactOptional(v.string()),
  evidence: v.string(),
  killed: v.exactOptional(v.boolean()),
}));

/** `assay sandbox doctor --json`. */
export const sandboxDoctor = of<SandboxDoctorOutput>()(v.strictObject({
  root: v.string(),
  engines: v.array(v.strictObject({
    name: v.string(),
    source: v.string(),
    priority: v.number(),
    capabilities: v.array(v.string()),
    works: v.boolean(),
    detail: v.string(),
    guarantees: v.array(v.strictObject({
      dimension: v.string(),
      value: v.nullable(v.string()),
      standing: v.picklist(["given", "in_part", "missing", "not_offered"]),
      why: v.nullable(v.string()),
    })),
    obtain: v.nullable(v.string()),
  })),
  warnings: v.array(v.string()),
}));

/** `assay sandbox explain --json`. */
export const sandboxExplain = of<SandboxExplainOutput>()(v.strictObject({
  id: v.string(),
  kind,
  source: v.picklist(["runner", "command"]),
  preset: v.nullable(v.string()),
  on_uncovered: v.nullable(v.picklist(["warn", "fail"])),
  dimensions: v.array(sandboxFact),
  grade: v.nullable(grade),
  engines: v.array(v.strictObject({
    name: v.string(),
    priority: v.number(),
    holds: v.array(v.string()),
  })),
  refused: v.array(v.strictObject({ engine: v.string(), why: v.string() })),
  failed: v.nullable(v.string()),
  cwd: path,
  argv: v.array(v.string()),
  files: v.array(v.strictObject({ path: v.string(), bytes: count })),
  warnings: v.array(v.string()),
}));
