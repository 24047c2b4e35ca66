/** Output for people. A single entry point, imported only when someone reads it. */

export * from "./doctor_table.ts";
export * from "./explanation.ts";
export * from "./history_table.ts";
export * from "./hook_table.ts";
export * from "./inspection.ts";
export * from "./parse_summary.ts";
export * from "./plugins.ts";
export * from "./run_summary.ts";
export * from "./sandbox.ts";
export { warningLines } from "./table.ts";
