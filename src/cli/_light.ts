/**
 * The small verbs that share nearly all their imports: one bundle of them starts faster than a dozen
 * chunks. Each imports heavy code (parsers, reports, schemas) when it is called.
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
