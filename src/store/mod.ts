/**
 * The evidence of runs under `.assay/`: written as it comes, queried by reference, and reindexed when the index
 * is lost. The truth is in `.assay/runs/<run_id>/`; `.assay/assay.db` is the index to it.
 *
 * @module
 */

export { fingerprint } from "./fingerprint.ts";
export { lineage } from "../git/lineage.ts";
export { openStore } from "./open.ts";
export { rebuildStore } from "./rebuild.ts";
export { formatReference, parseReference } from "./reference.ts";
export type {
  AnnotationQuery,
  EventQuery,
  JudgedRun,
  OpenOptions,
  PutAnnotation,
  RebuildResult,
  Reference,
  RunWriter,
  Store,
} from "./types.ts";
export { ulid } from "../ulid.ts";
