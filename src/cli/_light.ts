/**
 * The verbs that are thin and share nearly all they import: one bundle of them starts faster than a dozen
 * chunks. What is heavy (parsers, reports, schemas) each imports when it is called.
 *
 * @module
 */

export * as diagnose from "../commands/diagnose.ts";
export * as doctor from "../commands/doctor.ts";
export * as explain from "../commands/explain.ts";
export * as gate from "../commands/gate.ts";
export * as history from "../commands/history.ts";
export * as init from "../commands/init.ts";
export * as parse from "../commands/parse.ts";
export * as run from "../commands/run.ts";
export * as store from "../commands/store.ts";
export * as verify from "../commands/verify.ts";
