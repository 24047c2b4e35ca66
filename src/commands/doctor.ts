/** `assay doctor`: whether assay has what it needs here. */

import { join } from "@std/path";
import { detectAll } from "../config/detect.ts";
import { ExitCode, messageOf } from "../errors.ts";
import { type Io, isNotFound, textOf } from "../io.ts";
import { programAt, programOf as ownProgram } from "../process/programs.ts";
import { stateText } from "../report/terminal/words.ts";
import { openStore } from "../store/mod.ts";
import { plural } from "../text/words.ts";
import { unloadedRecord } from "./_plugin_record.ts";
import { openProject } from "./_plugins.ts";
import { recoveredRoot, tell } from "./_workspace.ts";
import type { Call, UnloadedModule } from "./types.ts";

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do about it. */
  readonly hint?: string;
  /** assay can do its work without it. */
  readonly optional?: boolean;
}

/** Runs the verb: fails when something assay cannot do without is missing. */
export async function run(call: Call): Promise<ExitCode> {
  const { io } = call;
  const root = await recoveredRoot(call);
  const managers = await managersOf(io);
  const install: Install = (tool) => installCommand(tool, managers);
  const checks = [
    { name: "assay", ok: true, found: `${call.builtins.version} on ${io.runtime}, ${io.os}` },
    await shellCheck(io),
    await gitCheck(io, root, install),
    ...await helperChecks(io, install),
    await storeCheck(io, root),
    ...await projectChecks(call, root, install),
  ];
  const ok = checks.every((check) => check.ok || check.optional);
  await tell(call, { ok, root, checks }, ({ doctorTable }) => doctorTable(checks, call));
  return ok ? ExitCode.ok : ExitCode.failed;
}

/** The command that installs a tool here, when one is known. */
type Install = (tool: string) => string | undefined;

async function managersOf(io: Io): Promise<string[]> {
  const script = 'for each; do command -v "$each" >/dev/null && echo "$each"; done; true';
  const said = await ask(io, io.cwd, ["sh", "-c", script, "sh", ...managerPrograms]);
  return said?.text.split("\n") ?? [];
}

/** What lacks and why that matters, then how to get it. */
function hintOf(why: string, command: string | undefined): string {
  return command === undefined ? why : `${why}: ${command}`;
}

/** Programs that assay does without, and what is missing then. */
async function helperChecks(io: Io, install: Install): Promise<Check[]> {
  if (io.os !== "linux") return [];
  const helpers = {
    perl: "without it no processor time, memory and bytes of attempts are recorded",
    bwrap: "sandboxes that close network, files and processes need it or Landlock " +
      "(assay sandbox doctor)",
  };
  return await Promise.all(
    Object.entries(helpers).map(async ([name, without]) => {
      const { path, why } = await lookFor(io, name);
      const missing = { hint: hintOf(without, install(name)) };
      return {
        name,
        ok: path !== undefined,
        found: path ?? why!,
        optional: true,
        ...path ? {} : missing,
      };
    }),
  );
}

/** A program of assay's own. */
function lookFor(io: Io, name: string): Promise<{ readonly path?: string; readonly why?: string }> {
  return ownProgram(io, name).then((path) => ({ path }), (error) => ({ why: messageOf(error) }));
}

async function shellCheck(io: Io): Promise<Check> {
  const shell = await lookFor(io, "sh");
  const said = shell.path && await ask(io, io.cwd, [shell.path, "-c", "echo works"]);
  return said && said.text === "works" ? { name: "sh", ok: true, found: shell.path! } : {
    name: "sh",
    ok: false,
    found: shell.why ?? `${shell.path} runs nothing`,
    hint: "install a POSIX shell: every runner's command needs it",
  };
}

async function gitCheck(io: Io, root: string, install: Install): Promise<Check> {
  const git = await lookFor(io, "git");
  const version = git.path && await ask(io, root, [git.path, "--version"]);
  if (!version) {
    return {
      name: "git",
      ok: false,
      found: git.why ?? `${git.path} cannot be started`,
      hint: hintOf("without it no commit, branch or tree is recorded", install("git")),
      optional: true,
    };
  }
  const inside = await ask(io, root, [git.path!, "rev-parse", "--is-inside-work-tree"]);
  const found = `${version.text}, ${git.path}`;
  return {
    name: "git",
    ok: inside?.code === 0,
    found: inside?.code === 0 ? found : `${found}; ${root} is in no repository`,
    ...(inside?.code === 0 ? {} : { hint: "git init: evidence is tied to the tree it is about" }),
    optional: true,
  };
}

async function storeCheck(io: Io, root: string): Promise<Check> {
  try {
    const store = await openStore(io, root);
    const opens = `.assay/assay.db opens${store.latestRun() ? "" : ", no run yet"}`;
    store.close();
    return { name: "store", ok: true, found: [opens, ...store.warnings].join("; ") };
  } catch (error) {
    return {
      name: "store",
      ok: false,
      found: messageOf(error),
      hint: `make ${join(root, ".assay")} writable`,
    };
  }
}

async function projectChecks(call: Call, root: string, install: Install): Promise<Check[]> {
  const { io } = call;
  let detections;
  let modules;
  try {
    const { project, unloaded } = await openProject(call, root);
    modules = unloaded.map(moduleCheckOf);
    detections = await detectAll(io, project);
  } catch (error) {
    return [{ name: "config", ok: false, found: messageOf(error), hint: "assay plugin check" }];
  }
  const applying = detections.filter(({ detected }) => detected);
  const programs = new Map<string, string[]>();
  for (const { def } of applying) {
    for (const program of [programOf(def.command), moduleOf(def.command)]) {
      if (program) programs.set(program, [...programs.get(program) ?? [], def.id]);
    }
  }
  const found = applying.map(({ def }) => def.id).join(", ");
  return [
    applying.length > 0
      ? {
        name: "config",
        ok: true,
        found: `${plural(applying.length, "runner applies", "runners apply")}: ${found}`,
      }
      : {
        name: "config",
        ok: false,
        found: "no runner applies",
        hint: "assay init",
        optional: true,
      },
    ...modules,
    ...await Promise.all(
      [...programs].map(([program, ids]) => {
        const why = `${ids.join(", ")} ${ids.length === 1 ? "needs" : "need"} it`;
        const hint = hintOf(why, install(program.replace(/^.* -m /, "")));
        return program.includes(" -m ")
          ? moduleCheck(io, root, program, hint)
          : programCheck(io, root, program, hint);
      }),
    ),
  ];
}

/** A plugin that is a module, which is not loaded to look at it. */
function moduleCheckOf(module: UnloadedModule): Check {
  const { name, version, state } = unloadedRecord(module);
  const ok = state !== "not_trusted";
  return {
    name: "plugin",
    ok,
    found: `${version === null ? name : `${name} ${version}`}: ${stateText(state)}`,
    ...ok ? {} : {
      hint: "verify refuses to run until it is trusted: assay trust shows what would run, and asks",
    },
  };
}

/** The first word of a command that is no assignment, such as `NODE_ENV=test`, before it. */
const firstProgram =
  /^\s*(?:[A-Za-z_]\w*=(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\;&|])*\s+)*([\w./-]+)(?=[\s;&|)]|$)/;

/** The program a command line begins with; `undefined` where it begins with anything else. */
export function programOf(command: string): string | undefined {
  return firstProgram.exec(command)?.[1];
}

/** `python3 -m pytest`: the module is a tool as well. */
export function moduleOf(command: string): string | undefined {
  const program = programOf(command);
  if (program === undefined || !/(?:^|\/)python[\d.]*$/.test(program)) return undefined;
  const rest = command.slice(command.indexOf(program) + program.length);
  const [, module] = /^\s+-m\s+([A-Za-z_][\w.]*)(?=[\s;&|)]|$)/.exec(rest) ?? [];
  return module && `${program} -m ${module}`;
}

async function programCheck(io: Io, root: string, program: string, hint: string): Promise<Check> {
  const found = await commandPath(io, root, program);
  return found === undefined
    ? { name: program, ok: false, found: "not found", hint }
    : { name: program, ok: true, found };
}

/** Where a command's shell will find a program: with the command's `PATH`, which is the user's. */
async function commandPath(io: Io, root: string, program: string): Promise<string | undefined> {
  const said = await ask(io, root, ["sh", "-c", 'command -v -- "$1"', "sh", program]);
  return said?.code === 0 ? said.text : undefined;
}

/** Finds the module without running it: a Python of the project is not asked, and no file of it imported. */
async function moduleCheck(io: Io, root: string, name: string, hint: string): Promise<Check> {
  const [python, module] = name.split(" -m ") as [string, string];
  const own = join(root, module.split(".")[0]!);
  if (await io.fs.stat(own) || await io.fs.stat(`${own}.py`)) {
    return { name, ok: true, found: "the module is the project's" };
  }
  const path = await commandPath(io, root, python);
  if (path === undefined) return { name, ok: false, found: `no ${python}`, hint };
  if (await programAt(io, path) === undefined) {
    return { name, ok: true, optional: true, found: `not asked: commands may write ${path}` };
  }
  const script = "import sys\nsys.path[:] = [each for each in sys.path if each]\n" +
    "import importlib.util\nsys.exit(importlib.util.find_spec(sys.argv[1]) is None)";
  const said = await ask(io, root, [path, "-c", script, module]);
  return said?.code === 0
    ? { name, ok: true, found: "the module is there" }
    : { name, ok: false, found: "no such module", hint };
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
    const [text, status] = await Promise.all([
      textOf(child.stdout),
      child.status,
      child.stderr.cancel(),
    ]);
    return { code: status.code, text: text.trim() };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

// The command that installs a tool, with the package managers that are there.

/** Package managers by their program, and how each is called. Those of the system come first. */
const managers = {
  "apt-get": "apt-get install -y",
  dnf: "dnf install -y",
  apk: "apk add",
  pacman: "pacman -S",
  brew: "brew install",
  npm: "npm install --save-dev",
  pip: "pip install",
  pip3: "pip3 install",
  gem: "gem install",
  cargo: "cargo install",
  go: "go install",
} as const;

type Manager = keyof typeof managers;

/** The programs of package managers, the preferred first. */
const managerPrograms = Object.keys(managers) as readonly Manager[];

/** The same name everywhere. */
const everywhere = (name: string): Packages => ({
  "apt-get": name,
  dnf: name,
  apk: name,
  pacman: name,
  brew: name,
});

const python = (name: string, debian: string): Packages => ({
  "apt-get": debian,
  brew: name,
  pip: name,
  pip3: name,
});

type Packages = Readonly<Partial<Record<Manager, string>>>;

/** What well-known tools are called. What is not here is not guessed. */
const packages: Readonly<Record<string, Packages>> = {
  git: everywhere("git"),
  perl: everywhere("perl"),
  bwrap: everywhere("bubblewrap"),
  make: everywhere("make"),
  python3: { ...everywhere("python3"), pacman: "python" },
  node: { ...everywhere("nodejs"), brew: "node" },
  npm: { ...everywhere("npm"), brew: "node" },
  npx: { ...everywhere("npm"), brew: "node" },
  deno: { brew: "deno", pacman: "deno", npm: "deno" },
  go: { "apt-get": "golang-go", dnf: "golang", apk: "go", pacman: "go", brew: "go" },
  cargo: { "apt-get": "cargo", dnf: "cargo", apk: "cargo", pacman: "rust", brew: "rust" },
  ruby: everywhere("ruby"),
  bundle: { "apt-get": "ruby-bundler", apk: "ruby-bundler", gem: "bundler" },
  rspec: { "apt-get": "ruby-rspec", gem: "rspec" },
  rubocop: { "apt-get": "rubocop", gem: "rubocop" },
  pytest: python("pytest", "python3-pytest"),
  flake8: python("flake8", "flake8"),
  mypy: python("mypy", "mypy"),
  black: python("black", "black"),
  ruff: { brew: "ruff", apk: "ruff", pacman: "ruff", pip: "ruff", pip3: "ruff" },
  shellcheck: { ...everywhere("shellcheck"), dnf: "ShellCheck" },
  eslint: { npm: "eslint" },
  prettier: { npm: "prettier" },
  stylelint: { npm: "stylelint" },
  jest: { npm: "jest" },
  vitest: { npm: "vitest" },
  mocha: { npm: "mocha" },
  tsc: { npm: "typescript" },
  biome: { npm: "@biomejs/biome" },
  "golangci-lint": { brew: "golangci-lint", apk: "golangci-lint" },
  docker: { "apt-get": "docker.io", apk: "docker", pacman: "docker" },
  podman: everywhere("podman"),
};

/** The command that installs a tool; `undefined` where none is known, which is no reason to guess. */
export function installCommand(tool: string, present: readonly string[]): string | undefined {
  const names = packages[tool];
  const manager = managerPrograms.find((each) => present.includes(each) && names?.[each]);
  return manager && `${managers[manager]} ${names![manager]}`;
}
