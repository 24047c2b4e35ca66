/** What people read. One door, imported when there is somebody to read it. */

export { diagnosisList } from "./diagnosis_list.ts";
export { doctorTable } from "./doctor_table.ts";
export { explanation } from "./explanation.ts";
export { gateSummary } from "./gate_summary.ts";
export { historyTable } from "./history_table.ts";
export { parseSummary } from "./parse_summary.ts";
export { pluginTable } from "./plugin_table.ts";
export { progress } from "./progress.ts";
export { runSummary } from "./run_summary.ts";
