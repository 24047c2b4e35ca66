/** The formats that a runner, a command or `assay exec` may choose. */

import type { ReportParser } from "../plugin.ts";

/** `exit-code` and all formats whose reports can prove something. */
export function resultFormats(parsers: readonly ReportParser[]): readonly string[] {
  const proving = parsers.filter(({ holds }) => holds !== "nothing");
  return ["exit-code", ...proving.map(({ format }) => format)];
}
