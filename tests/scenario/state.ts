import { type Finished, type Started, textOf } from "../support.ts";
import type { Served } from "../tools/serve.ts";
import type { Step, Word } from "./parse.ts";

/** The state of a running scenario. */
export interface State {
  /** Name of the scenario's file without its ending. */
  readonly name: string;
  /** That file. */
  readonly file: string;
  /** The folder the scenario's files were written to: `$WORK`. */
  readonly work: string;
  /** Where commands run. */
  cwd: string;
  readonly env: Record<string, string>;
  /** The argv that starts assay. */
  readonly program: readonly string[];
  /** Standard input of the next command. */
  stdin: Uint8Array | undefined;
  last: Finished;
  readonly background: Map<string, Started>;
  /** Folders being served, by the variable that holds their host. */
  readonly servers: Map<string, Served>;
  /** Undone in reverse when the scenario ends, whether it passed or not. */
  readonly cleanups: (() => Promise<void> | void)[];
  /** What was done and what it printed, shown when the scenario fails. */
  readonly transcript: string[];
}

/** What a line of a scenario does; throws when what it says does not hold. */
export type Command = (
  state: State,
  args: readonly string[],
  prefix: Step["prefix"],
) => Promise<void> | void;

/** A path of a scenario, relative to where its commands run. */
export function pathOf(state: State, path: string): string {
  return path.startsWith("/") ? path : `${state.cwd}/${path}`;
}

/** The bytes of a file, or of the last command's `stdout` or `stderr`. */
export async function bytesOf(state: State, path: string): Promise<Uint8Array> {
  if (path === "stdout" || path === "stderr") return state.last[path];
  return await Deno.readFile(pathOf(state, path));
}

/** The text a word stands for; an unknown variable is an error in the scenario. */
export function expand(state: State, word: Word): string {
  return word.map(({ text, quoted }) => quoted ? text : expandVariables(state, text)).join("");
}

function expandVariables(state: State, text: string): string {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare!;
    const value = state.env[name];
    if (value === undefined) throw new Error(`$${name} is not set`);
    return value;
  });
}

/** Notes what a command printed and how it ended. */
export function note(state: State, finished: Finished): void {
  state.last = finished;
  for (const stream of ["stdout", "stderr"] as const) {
    const text = textOf(finished[stream]).slice(0, 6000).trimEnd();
    if (text) state.transcript.push(`[${stream}]`, text);
  }
  const how = finished.signal ? `signal ${finished.signal}` : `exit ${finished.code}`;
  state.transcript.push(`[${how}]`);
}
