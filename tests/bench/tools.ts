/** The tools assay is compared with: those of npm are installed once, outside the repository. */

import { isOnPath } from "../support.ts";
import type { Tool, ToolName } from "./types.ts";

/** Versions are fixed, so that a figure of last year compares with the same thing. */
const npmPackages = ["lefthook@2.2.2", "@j178/prek@0.5.3", "junit-to-ctrf@0.0.14"];

/** Programs that npm cannot give, and where they are from. */
const systemPrograms: Partial<Record<ToolName, string>> = {
  "pre-commit": "the system's package pre-commit has it",
  flake8: "the system's package flake8 has it",
  python3: "Python has it",
  xargs: "findutils has it",
  time: "the system's package time has it",
};

/** `x64` or `arm64`, as npm's packages name it. */
const cpu = Deno.build.arch === "aarch64" ? "arm64" : "x64";

/**
 * The native program behind a package, where there is one: what its own git hook calls, without the
 * start of Node that the script in `.bin` would add.
 */
const npmPrograms: Partial<Record<ToolName, readonly string[]>> = {
  lefthook: [`lefthook-${Deno.build.os}-${cpu}/bin/lefthook`],
  prek: ["-gnu", "-musl", ""].map((libc) => `@j178/prek-${Deno.build.os}-${cpu}${libc}/prek`),
  "junit-to-ctrf": ["junit-to-ctrf/dist/cli.js"],
};

/** The folder of the installed packages, which later runs find again. */
export function toolsFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
  return `${cache}/assay-bench`;
}

let installed: Promise<string | undefined> | undefined;

/** Installs the packages unless they are there. Returns why that failed, or nothing. */
function install(): Promise<string | undefined> {
  return installed ??= (async () => {
    const folder = toolsFolder();
    const stamp = `${folder}/installed.txt`;
    const wanted = npmPackages.join("\n");
    if (await readIfThere(stamp) === wanted) return undefined;
    if (!isOnPath("npm")) return "npm is not on PATH";
    await Deno.mkdir(folder, { recursive: true });
    // No scripts: lefthook's would install itself as a hook of the repository around the current folder.
    const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    const { success, stderr } = await new Deno.Command("npm", {
      args: ["install", "--prefix", folder, ...quiet, ...npmPackages],
      cwd: folder,
      stdin: "null",
    }).output();
    if (!success) return `npm install failed: ${new TextDecoder().decode(stderr).trim()}`;
    await Deno.writeTextFile(stamp, wanted);
    return undefined;
  })();
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Finds a tool. */
export async function findTool(name: ToolName): Promise<Tool> {
  const programs = npmPrograms[name];
  return programs ? await findNpmTool(name, programs) : await findSystemTool(name);
}

async function findNpmTool(name: ToolName, programs: readonly string[]): Promise<Tool> {
  const failure = await install();
  if (failure !== undefined) return { missing: failure };
  for (const program of programs) {
    const path = `${toolsFolder()}/node_modules/${program}`;
    if (!await isThere(path)) continue;
    if (!path.endsWith(".js")) return { argv: [path] };
    return isOnPath("node") ? { argv: ["node", path] } : { missing: "node is not on PATH" };
  }
  return { missing: `npm has no ${name} for ${Deno.build.os} on ${cpu}` };
}

async function findSystemTool(name: ToolName): Promise<Tool> {
  if (!isOnPath(name)) return { missing: `${name} is not on PATH; ${systemPrograms[name]}` };
  // `python3` may be a script of a version manager: its start is not Python's.
  return { argv: [name === "python3" ? await pythonItself() : name] };
}

async function pythonItself(): Promise<string> {
  const args = ["-c", "import sys; print(sys.executable)"];
  const { stdout } = await new Deno.Command("python3", { args }).output();
  return new TextDecoder().decode(stdout).trim();
}
