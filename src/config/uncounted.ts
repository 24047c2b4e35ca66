/** What to do about a test command of which no test was counted. */

import { exitCode } from "./_define.ts";
import type { CommandDef } from "./types.ts";

/**
 * One sentence; for a runner that the project did not write itself, after it the plugin file that declares its
 * exit code to be all there is: the same runner, which replaces this one.
 */
export function uncountedText(def: CommandDef): string {
  const { written, extensionData, origin: { file, line, plugin, dialect } } = def;
  const start =
    "no test was counted: let its command write a report that assay reads (assay help " +
    "formats), or declare that its exit code is all there is";
  if (/\.(?:json|toml)$/.test(file) || written === undefined) {
    const key = dialect === "plugins" ? "parse_output" : "result_format";
    const value = dialect === "plugins" ? "exit_code" : exitCode;
    const text = file.endsWith(".toml") ? `${key} = "${value}"` : `"${key}": "${value}"`;
    return `${start}: ${text} in ${file}${line === undefined ? "" : `, line ${line}`}`;
  }
  const { result_file: _file, result_format: _format, ...rest } = written;
  const { env: _env, ...tables } = extensionData;
  const fields = Object.entries({ ...rest, ...tables, result_format: exitCode })
    .map(([key, value]) => `      ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return [
    `${start}, in .assay/plugins.json`,
    "{",
    `  "name": ${JSON.stringify(plugin)},`,
    '  "version": "1.0.0",',
    '  "runners": [',
    "    {",
    fields.join(",\n"),
    "    }",
    "  ]",
    "}",
  ].join("\n");
}
