/** `assay doctor`: whether everything that assay needs is installed. */

import { join } from "@std/path";
import { detectAll } from "../config/detect.ts";
import { ExitCode, messageOf } from "../errors.ts";
import { type Io, isNotFound, textOf } from "../io.ts";
import { mayRun, programAt, programOf as ownProgram } from "../process/programs.ts";
import { stateText } from "../report/terminal/words.ts";
import type { DoctorCheck } from "../schema/outputs.ts";
import { openStore } from "../store/mod.ts";
import { plural } from "../text/words.ts";
import { unloadedRecord } from "./_plugin_record.ts";
import { openProject } from "./_plugins.ts";
import { recoveredRoot, tell } from "./_workspace.ts";
import type { Call, UnloadedModule } from "./types.ts";

/** Runs the verb: fails when something required is missing. */
export async function run(call: Call): Promise<ExitCode> {
  const { io } = call;
  const root = await recoveredRoot(call);
  const script = 'for each; do command -v "$each" >/dev/null && echo "$each"; done; true';
  const there = await ask(io, io.cwd, ["sh", "-c", script, "sh", ...Object.keys(managers)]);
  const present = there?.text.split("\n") ?? [];
  const advise: Advise = (why, tool) => {
    const command = installCommand(tool, present);
    return command === undefined ? why : `${why} (${command})`;
  };
  const own = [
    { name: "assay", ok: true, found: `${call.builtins.version} on ${io.runtime}, ${io.os}` },
    await shellCheck(io),
    await gitCheck(io, root, advise),
    ...await helperChecks(io, advise),
    await storeCheck(io, root),
  ];
  const checks = onePerProgram(own, await projectChecks(call, root, advise));
  const ok = checks.every((check) => check.ok || check.optional);
  await tell(call, { ok, root, checks }, ({ doctorTable }) => doctorTable(checks, call));
  return ok ? ExitCode.ok : ExitCode.failed;
}

/** A program that both assay and a runner need gets one row: where they differ, the one that is missing. */
function onePerProgram(own: readonly DoctorCheck[], needed: readonly DoctorCheck[]): DoctorCheck[] {
  const has = (checks: readonly DoctorCheck[], { name }: DoctorCheck, ok: boolean) =>
    checks.some((each) => each.name === name && each.ok === ok);
  return [
    ...own.filter((check) => !has(needed, check, false)),
    ...needed.filter((check) => !check.ok || !has(own, check, true) && !has(own, check, false)),
  ];
}

/** Why a missing tool matters, then how to install it here, when that is known. */
type Advise = (why: string, tool: string) => string;

function missing(name: string, found: string, hint: string): DoctorCheck {
  return { name, ok: false, found, hint };
}

/** Optional programs, and what is missing without them. */
async function helperChecks(io: Io, advise: Advise): Promise<DoctorCheck[]> {
  if (io.os !== "linux") return [];
  const helpers = {
    perl: "needed to record CPU time, memory and I/O",
    bwrap: "needed to sandbox network, files and processes, unless Landlock works: see " +
      "assay sandbox doctor",
  };
  return await Promise.all(
    Object.entries(helpers).map(async ([name, without]) => {
      const { path, why } = await lookFor(io, name);
      if (path !== undefined && mayRun(io, path)) return { name, ok: true, found: path };
      const found = why ?? `${path}, but assay was started without --allow-run=${name}`;
      const hint = path === undefined ? advise(without, name) : without;
      return { ...missing(name, found, hint), optional: true };
    }),
  );
}

function lookFor(io: Io, name: string): Promise<{ readonly path?: string; readonly why?: string }> {
  return ownProgram(io, name).then((path) => ({ path }), (error) => ({ why: messageOf(error) }));
}

async function shellCheck(io: Io): Promise<DoctorCheck> {
  const shell = await lookFor(io, "sh");
  const said = shell.path && await ask(io, io.cwd, [shell.path, "-c", "echo works"]);
  if (said && said.text === "works") return { name: "sh", ok: true, found: shell.path! };
  const hint = "install a POSIX shell: every command runs in one";
  return missing("sh", shell.why ?? `${shell.path} does not work`, hint);
}

async function gitCheck(io: Io, root: string, advise: Advise): Promise<DoctorCheck> {
  const git = await lookFor(io, "git");
  const version = git.path && await ask(io, root, [git.path, "--version"]);
  if (!version) {
    const hint = advise("needed to record commit, branch and tree", "git");
    return { ...missing("git", git.why ?? `${git.path} does not start`, hint), optional: true };
  }
  const inside = await ask(io, root, [git.path!, "rev-parse", "--is-inside-work-tree"]);
  const found = `${version.text}, ${git.path}`;
  if (inside?.code === 0) return { name: "git", ok: true, found };
  const hint = "run git init, so that each result is tied to the files it is about";
  return { ...missing("git", `${found}; ${root} is not in a repository`, hint), optional: true };
}

async function storeCheck(io: Io, root: string): Promise<DoctorCheck> {
  try {
    const store = await openStore(io, root);
    const opens = `.assay/assay.db opens${store.latestRun() ? "" : ", no runs yet"}`;
    store.close();
    return { name: "store", ok: true, found: [opens, ...store.warnings].join("; ") };
  } catch (error) {
    return missing("store", messageOf(error), `make ${join(root, ".assay")} writable`);
  }
}

async function projectChecks(call: Call, root: string, advise: Advise): Promise<DoctorCheck[]> {
  const { io } = call;
  let detections;
  let modules;
  try {
    const { project, unloaded } = await openProject(call, root);
    modules = unloaded.map(moduleCheckOf);
    detections = await detectAll(io, project);
  } catch (error) {
    return [missing("config", messageOf(error), "run assay plugin check")];
  }
  const applying = detections.filter(({ detected }) => detected);
  const programs = new Map<string, string[]>();
  for (const { def } of applying) {
    for (const program of [programOf(def.command), moduleOf(def.command)]) {
      if (program) programs.set(program, [...programs.get(program) ?? [], def.id]);
    }
  }
  const names = applying.map(({ def }) => def.id).join(", ");
  const found = `${plural(applying.length, "runner applies", "runners apply")}: ${names}`;
  const none = {
    found: "no runner applies",
    hint: "assay plugin list shows one to write",
    optional: true,
  };
  return [
    { name: "config", ...applying.length > 0 ? { ok: true, found } : { ok: false, ...none } },
    ...modules,
    ...await Promise.all(
      [...programs].map(([program, ids]) => {
        const why = `needed by ${ids.join(", ")}`;
        const hint = advise(why, program.replace(/^.* -m /, ""));
        return program.includes(" -m ")
          ? moduleCheck(io, root, program, hint)
          : programCheck(io, root, program, hint);
      }),
    ),
  ];
}

/** A module plugin, which is not loaded for this. */
function moduleCheckOf(module: UnloadedModule): DoctorCheck {
  const { name, version, state } = unloadedRecord(module);
  const ok = state !== "not_trusted";
  return {
    name: "plugin",
    ok,
    found: `${version === null ? name : `${name} ${version}`}: ${stateText(state)}`,
    ...ok ? {} : {
      hint: "review it with assay trust",
    },
  };
}

/** The first word of a command after assignments such as `NODE_ENV=test`. */
const firstProgram =
  /^\s*(?:[A-Za-z_]\w*=(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\;&|])*\s+)*([\w./-]+)(?=[\s;&|)]|$)/;

/** The program a command line begins with; `undefined` where it begins with anything else. */
export function programOf(command: string): string | undefined {
  return firstProgram.exec(command)?.[1];
}

/** `python3 -m pytest`: the module is also a tool. */
export function moduleOf(command: string): string | undefined {
  const program = programOf(command);
  if (program === undefined || !/(?:^|\/)python[\d.]*$/.test(program)) return undefined;
  const rest = command.slice(command.indexOf(program) + program.length);
  const [, module] = /^\s+-m\s+([A-Za-z_][\w.]*)(?=[\s;&|)]|$)/.exec(rest) ?? [];
  return module && `${program} -m ${module}`;
}

async function programCheck(
  io: Io,
  root: string,
  name: string,
  hint: string,
): Promise<DoctorCheck> {
  const found = await commandPath(io, root, name);
  return found === undefined
    ? missing(name, "not found", hint)
    : { name, ok: true, found: found === name ? "shell builtin" : found };
}

/** Where a command's shell will find a program: with the command's `PATH`, which is the user's. */
async function commandPath(io: Io, root: string, program: string): Promise<string | undefined> {
  const said = await ask(io, root, ["sh", "-c", 'command -v -- "$1"', "sh", program]);
  return said?.code === 0 ? said.text : undefined;
}

/** Finds the module without running it: the project's Python is not run, and none of its files imported. */
async function moduleCheck(io: Io, root: string, name: string, hint: string): Promise<DoctorCheck> {
  const [python, module] = name.split(" -m ") as [string, string];
  const own = join(root, module.split(".")[0]!);
  if (await io.fs.stat(own) || await io.fs.stat(`${own}.py`)) {
    return { name, ok: true, found: "a module of the project" };
  }
  const path = await commandPath(io, root, python);
  if (path === undefined) return missing(name, `${python} not found`, hint);
  if (await programAt(io, path) === undefined) {
    return { name, ok: true, optional: true, found: `not checked: commands may write ${path}` };
  }
  const script = "import sys\nsys.path[:] = [each for each in sys.path if each]\n" +
    "import importlib.util\nsys.exit(importlib.util.find_spec(sys.argv[1]) is None)";
  const said = await ask(io, root, [path, "-c", script, module]);
  return said?.code === 0
    ? { name, ok: true, found: "installed" }
    : missing(name, "not installed", hint);
}

async function ask(
  io: Io,
  cwd: string,
  argv: readonly string[],
): Promise<{ readonly code: number; readonly text: string } | undefined> {
  try {
    const [program = "", ...args] = argv;
    const path = program.startsWith("/") ? program : await ownProgram(io, program);
    const child = io.spawn([path, ...args], { cwd, env: io.environment(), group: false });
    const all = [textOf(child.stdout), child.status, child.stderr.cancel()] as const;
    const [text, { code }] = await Promise.all(all);
    return { code, text: text.trim() };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Package managers, those of the system first: how each installs, and the tools it is known to have, with the name
 * of the package where it differs. Nothing beyond this is guessed.
 */
const managers: Readonly<Record<string, readonly [how: string, tools: string]>> = {
  "apt-get": [
    "apt-get install -y",
    "git perl bwrap=bubblewrap make python3 node=nodejs npm npx=npm go=golang-go cargo " +
    "ruby bundle=ruby-bundler rspec=ruby-rspec rubocop pytest=python3-pytest flake8 mypy " +
    "black shellcheck docker=docker.io podman",
  ],
  dnf: [
    "dnf install -y",
    "git perl bwrap=bubblewrap make python3 node=nodejs npm npx=npm go=golang cargo ruby " +
    "shellcheck=ShellCheck podman",
  ],
  apk: [
    "apk add",
    "git perl bwrap=bubblewrap make python3 node=nodejs npm npx=npm go cargo ruby " +
    "bundle=ruby-bundler ruff shellcheck golangci-lint docker podman",
  ],
  pacman: [
    "pacman -S",
    "git perl bwrap=bubblewrap make python3=python node=nodejs npm npx=npm deno go " +
    "cargo=rust ruby ruff shellcheck docker podman",
  ],
  brew: [
    "brew install",
    "git perl bwrap=bubblewrap make python3 node npm=node npx=node deno go cargo=rust " +
    "ruby pytest flake8 mypy black ruff shellcheck golangci-lint podman",
  ],
  npm: [
    "npm install --save-dev",
    "deno eslint prettier stylelint jest vitest mocha tsc=typescript biome=@biomejs/biome",
  ],
  pip: ["pip install", "pytest flake8 mypy black ruff"],
  pip3: ["pip3 install", "pytest flake8 mypy black ruff"],
  gem: ["gem install", "bundle=bundler rspec rubocop"],
};

/** The command that installs a tool, with the first of the managers that are `present` and have it. */
export function installCommand(tool: string, present: readonly string[]): string | undefined {
  for (const [manager, [how, tools]] of Object.entries(managers)) {
    const entry = tools.split(" ").find((each) => each === tool || each.startsWith(`${tool}=`));
    if (entry && present.includes(manager)) return `${how} ${entry.split("=").at(-1)}`;
  }
  return undefined;
}
