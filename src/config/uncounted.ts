/** What to do about a test command for which no test was counted. */

import { exitCode } from "./_reading.ts";
import { tomlPairs } from "../text/toml.ts";
import type { CommandDef, Project } from "./types.ts";

/**
 * One sentence; for a runner not written by the project, followed by text to paste: the same runner, which
 * replaces this one and declares that there is nothing but its exit code.
 */
export function uncountedText(def: CommandDef, plugins: Project["plugins"]): string {
  const { written, origin: { file, line, dialect } } = def;
  const start =
    "no test was counted: let its command write a report that assay reads (assay help " +
    "formats), or declare that only the exit code counts";
  if (/\.(?:json|toml)$/.test(file) || written === undefined) {
    const key = dialect === "plugins" ? "parse_output" : "result_format";
    const value = dialect === "plugins" ? "exit_code" : exitCode;
    const text = file.endsWith(".toml") ? `${key} = "${value}"` : `"${key}": "${value}"`;
    return `${start}: ${text} in ${file}${line === undefined ? "" : `, line ${line}`}`;
  }
  const own = plugins.find((each) => /^\.assay\/plugins\.(?:json|toml)$/.test(each.file));
  const list = own?.dialect === "plugins" ? "plugins" : "runners";
  const fields = list === "plugins" ? pluginOf(def) : runnerOf(def);
  if (own?.file.endsWith(".json")) {
    const lines = Object.entries(fields)
      .map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
    return `${start}, in the list "${list}" of ${own.file}\n{\n${lines.join(",\n")}\n}`;
  }
  return [
    `${start}, ${own ? `at the end of ${own.file}` : "in a new file .assay/plugins.toml"}`,
    ...own ? [] : ['name = "my-project"'],
    `[[${list}]]`,
    ...tomlPairs(fields),
  ].join("\n");
}

/** The runner as it was written, without its report. */
function runnerOf({ written, extensionData }: CommandDef): Record<string, unknown> {
  const { result_file: _file, result_format: _format, ...rest } = written!;
  const { env: _env, ...tables } = extensionData;
  return { ...rest, ...tables, result_format: exitCode };
}

/** The same in the dialect of the target file. */
function pluginOf({ id, kind, detect, command, cwd }: CommandDef): Record<string, unknown> {
  return {
    name: id,
    kind,
    ...detect.length === 0 ? {} : { detect_file: detect },
    command,
    ...cwd === "." ? {} : { cwd },
    parse_output: "exit_code",
  };
}
