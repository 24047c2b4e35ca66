import { run, start, textOf } from "../support.ts";
import { serve } from "../tools/serve.ts";
import { checkJson, valueAt } from "./json_path.ts";
import type { Step } from "./parse.ts";
import { systemCommands } from "./system_commands.ts";
import { checkReports, isWatched, reportOptions } from "./reports.ts";
import { bytesOf, type Command, note, pathOf, type State } from "./state.ts";

/** Longest wait for a file or a process of a scenario. */
const patienceMs = 30_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function runToEnd(
  state: State,
  argv: readonly string[],
  prefix: Step["prefix"],
): Promise<void> {
  const { cwd, env, stdin } = state;
  state.stdin = undefined;
  const finished = await run(argv, { cwd, env, ...(stdin ? { stdin } : {}) });
  note(state, finished);
  checkEnd(finished.code, prefix);
}

function checkEnd(code: number, prefix: Step["prefix"]): void {
  if (prefix === "" && code !== 0) throw new Error(`must succeed, but ended with ${code}`);
  if (prefix === "!" && code === 0) throw new Error("must fail, but ended with 0");
}

function matcher(stream: "stdout" | "stderr"): Command {
  return (state, [pattern = ""], prefix) => {
    const isFound = new RegExp(pattern, "m").test(textOf(state.last[stream]));
    if (prefix === "!" && isFound) throw new Error(`${stream} must not match ${pattern}`);
    if (prefix === "" && !isFound) throw new Error(`${stream} must match ${pattern}`);
  };
}

function jsonCheck(stream: "stdout" | "stderr"): Command {
  return (state, args) => checkJson(JSON.parse(textOf(state.last[stream])), args);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Puts what a command printed into the scenario in the place of one of its files. */
async function renew({ file }: State, path: string, bytes: Uint8Array): Promise<void> {
  const source = await Deno.readTextFile(file);
  const start = source.indexOf(`\n-- ${path} --\n`);
  if (start < 0) throw new Error(`${file} has no file ${path}`);
  const from = start + `\n-- ${path} --\n`.length;
  const next = source.slice(from).search(/^-- \S+ --$/m);
  const rest = next < 0 ? "" : source.slice(from + next);
  await Deno.writeTextFile(file, source.slice(0, from) + textOf(bytes) + rest);
}

function firstDifference(left: string, right: string): string {
  const [ours, theirs] = [left.split("\n"), right.split("\n")];
  const at = ours.findIndex((line, index) => line !== theirs[index]);
  return at < 0 ? "" : ` in line ${at + 1}:\n    ${ours[at]}\n    ${theirs[at] ?? "(ends)"}`;
}

/** Ids, commits and times as they would be in a run that takes no time: what differs from run to run. */
function steadied(text: string): string {
  return text.replace(/\n+$/, "\n").replace(
    /\b01[0-9A-HJKMNP-TV-Z]{24}\b/g,
    "01KEEPSTEADY0000000000RUN1",
  )
    .replace(/\b(main) [0-9a-f]{7}\b/g, "$1 1a2b3c4")
    .replace(/\b\d+[smh] ago\b/g, "1s ago")
    .replace(
      /(· |\| | {2}) *\d+(?:\.\d+)?m?s(?= [·|]| {2}|$)/gm,
      (all, before: string) => before === "  " ? "10ms".padStart(all.length) : `${before}10ms`,
    );
}

/** A zombie has ended: no one asked for its exit code, that is all. Linux only. */
async function isAlive(pid: string): Promise<boolean> {
  if (!await isThere(`/proc/${pid}/stat`)) return false;
  return !/^\d+ \(.*\) Z/s.test(await Deno.readTextFile(`/proc/${pid}/stat`));
}

/** The commands of scenarios, by name. tests/scripts/README.md lists them. */
export const commands: Readonly<Record<string, Command>> = {
  ...systemCommands,
  async assay(state, args, prefix) {
    if (!isWatched(state, args)) return await runToEnd(state, [...state.program, ...args], prefix);
    await runToEnd(state, [...state.program, ...args, ...reportOptions(state)], prefix);
    await checkReports(state);
  },
  async trust(state) {
    await runToEnd(state, [...state.program, "trust", "--show", "--json"], "");
    const { digest } = JSON.parse(textOf(state.last.stdout));
    await runToEnd(state, [...state.program, "trust", "--trust", digest], "");
  },
  exec: (state, [program = "", ...args], prefix) => runToEnd(state, [program, ...args], prefix),
  async stdin(state, [path = ""]) {
    state.stdin = await bytesOf(state, path);
  },
  steady(state, [stream = ""]) {
    if (stream !== "stdout" && stream !== "stderr") throw new Error("usage: steady stdout|stderr");
    const text = steadied(textOf(state.last[stream]));
    state.last = { ...state.last, [stream]: new TextEncoder().encode(text) };
    state.transcript.push(`[${stream}]`, text.trimEnd());
  },
  exit(state, [code]) {
    if (state.last.code !== Number(code)) {
      throw new Error(`exit code is ${state.last.code}, not ${code}`);
    }
  },
  stdout: matcher("stdout"),
  stderr: matcher("stderr"),
  json: jsonCheck("stdout"),
  "json-stderr": jsonCheck("stderr"),
  let(state, [name = "", path = "."]) {
    const value = valueAt(JSON.parse(textOf(state.last.stdout)), path);
    if (value === undefined) throw new Error(`nothing at ${path}`);
    state.env[name] = typeof value === "string" ? value : JSON.stringify(value);
  },
  async exists(state, paths, prefix) {
    for (const path of paths) {
      if (await isThere(pathOf(state, path)) === (prefix === "!")) {
        throw new Error(`${path} ${prefix === "!" ? "is there" : "is not there"}`);
      }
    }
  },
  async alive(state, [path = ""], prefix) {
    const pid = (await Deno.readTextFile(pathOf(state, path))).trim();
    if (await isAlive(pid) === (prefix === "!")) {
      throw new Error(prefix === "!" ? `process ${pid} still runs` : `process ${pid} ended`);
    }
  },
  async cmp(state, [left = "", right = ""], prefix) {
    const [a, b] = await Promise.all([bytesOf(state, left), bytesOf(state, right)]);
    const isSame = a.length === b.length && a.every((byte, index) => byte === b[index]);
    if (isSame !== (prefix === "!")) return;
    if (Deno.env.has("ASSAY_UPDATE") && /^std/.test(left)) return await renew(state, right, a);
    throw new Error(isSame ? "are the same" : `differ${firstDifference(textOf(a), textOf(b))}`);
  },
  env(state, [assignment = ""]) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (name === undefined || value === undefined) throw new Error("usage: env NAME=VALUE");
    state.env[name] = value;
  },
  cd(state, [path = ""]) {
    state.cwd = pathOf(state, path);
  },
  sleep: async (_, [seconds]) => void await pause(Number(seconds) * 1000),
  async "wait-for"(state, [path = ""]) {
    const end = Date.now() + patienceMs;
    while (!await isThere(pathOf(state, path))) {
      if (Date.now() > end) throw new Error(`${path} did not come`);
      await pause(20);
    }
  },
  serve(state, [folder = "", name = ""]) {
    const served = serve(pathOf(state, folder));
    state.env[name] = served.host;
    state.servers.set(name, served);
    state.cleanups.push(() => stopServing(state, name));
  },
  async "stop-serving"(state, [name = ""]) {
    if (!state.servers.has(name)) throw new Error(`nothing is served as ${name}`);
    await stopServing(state, name);
  },
  background(state, [name = "", program, ...args]) {
    const argv = program === "assay" ? [...state.program, ...args] : args;
    if (program !== "assay" && program !== "exec") {
      throw new Error("usage: background NAME assay|exec …");
    }
    const { cwd, env } = state;
    state.background.set(name, start(argv, { cwd, env: { ...env } }));
  },
  kill(state, [name = "", signal = "SIGTERM"]) {
    Deno.kill(startedAs(state, name).pid, signal as Deno.Signal);
  },
  async wait(state, [name = ""], prefix) {
    const started = startedAs(state, name);
    const finished = await started.finished;
    state.background.delete(name);
    note(state, finished);
    checkEnd(finished.code, prefix);
  },
};

async function stopServing({ servers }: State, name: string): Promise<void> {
  await servers.get(name)?.[Symbol.asyncDispose]();
  servers.delete(name);
}

function startedAs(state: State, name: string) {
  const started = state.background.get(name);
  if (!started) throw new Error(`nothing runs in the background as ${name}`);
  return started;
}
