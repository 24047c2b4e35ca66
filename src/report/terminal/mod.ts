/** What people read. One door, imported when there is somebody to read it. */

export { annotateTable } from "./inspection.ts";
export { diagnosisList } from "./diagnosis_list.ts";
export { doctorTable } from "./sandbox_doctor.ts";
export { explanation } from "./explanation.ts";
export { gateSummary } from "./gate_summary.ts";
export { hookRestored, hookTable } from "./hook_table.ts";
export { historyTable } from "./history_table.ts";
export { inspection } from "./inspection.ts";
export { parseSummary } from "./parse_summary.ts";
export { pluginAdded, pluginRemoved, pluginUpdated } from "./plugin_change.ts";
export { pluginTable } from "./plugin_table.ts";
export { progress } from "./progress.ts";
export { runSummary } from "./run_summary.ts";
export { sandboxDoctor } from "./sandbox_doctor.ts";
export { sandboxExplanation } from "./sandbox_explanation.ts";
export { trustTable } from "./plugin_table.ts";
export { warningLines } from "./warning_lines.ts";
