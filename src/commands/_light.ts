/**
 * The verbs that are thin and share nearly all they import: one bundle of them starts faster than a dozen
 * chunks. What is heavy (parsers, reports, schemas) each imports when it is called.
 *
 * @module
 */

export * as diagnose from "./diagnose.ts";
export * as doctor from "./doctor.ts";
export * as exec from "./exec.ts";
export * as explain from "./explain.ts";
export * as gate from "./gate.ts";
export * as history from "./history.ts";
export * as init from "./init.ts";
export * as parse from "./parse.ts";
export * as run from "./run.ts";
export * as store from "./store.ts";
export * as verify from "./verify.ts";
