/** Shared by the built-in extensions' tests: a command and its services. */

import type { CommandSpec, ConfigTable, ProgramResult, Services } from "../../src/plugin.ts";

/** A command in `/project/sub` of the project `/project`, with a small environment. */
export function aSpec(extensionData: Readonly<Record<string, ConfigTable>>): CommandSpec {
  return {
    command: "make",
    originalCommand: "make",
    commandName: "it",
    attemptId: "01JZ",
    workspace: "/project",
    cwd: "/project/sub",
    liveDir: "/project/.assay/runs/01/it",
    env: { PATH: "/bin", HOME: "/home/ada", COLUMNS: "200", LC_ALL: "C", LC_TIME: "C", TERM: "x" },
    timeoutMs: 1000,
    shell: ["sh", "-c"],
    wrappers: [],
    extensionData,
    collectors: [],
  };
}

/** Services over in-memory files and programs that are functions; messages go to `said`. */
export function services(
  more: {
    readonly files?: Readonly<Record<string, string>>;
    readonly run?: (argv: readonly string[]) => Partial<ProgramResult>;
    readonly inherited?: Readonly<Record<string, string>>;
  } = {},
): Services & { readonly said: string[]; readonly ran: string[] } {
  const said: string[] = [];
  const ran: string[] = [];
  return {
    said,
    ran,
    options: {},
    root: "/project",
    signal: new AbortController().signal,
    readText: (path) => Promise.resolve(more.files?.[path]),
    run(argv) {
      ran.push(argv.join(" "));
      return Promise.resolve({ exitCode: 0, stdout: "", stderr: "", ...more.run?.(argv) });
    },
    program: (name) => Promise.resolve(`/usr/bin/${name}`),
    env: (name) => (more.inherited ?? aSpec({}).env)[name],
    warn: (message) => void said.push(message),
  };
}
