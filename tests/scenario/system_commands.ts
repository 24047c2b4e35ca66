/**
 * Commands of scenarios that change files and the machine around the program under test.
 *
 * @module
 */

import { run, textOf } from "../support.ts";
import { makeMemoryCgroup, removeMemoryCgroup } from "./memory_cgroup.ts";
import { bytesOf, type Command, pathOf, type State } from "./state.ts";

async function must(state: State, argv: readonly string[]): Promise<void> {
  const { code, stderr } = await run(argv, { cwd: state.cwd, env: state.env });
  if (code !== 0) throw new Error(`${argv.join(" ")}: ${textOf(stderr)}`);
}

/** Mounts over a folder until the scenario ends. */
async function mount(state: State, folder: string, options: readonly string[]): Promise<void> {
  const path = pathOf(state, folder);
  await must(state, ["mount", ...options, path]);
  state.cleanups.push(() => must({ ...state, cwd: "/" }, ["umount", "--lazy", path]));
}

/** See {@linkcode Command}. */
export const systemCommands: Readonly<Record<string, Command>> = {
  async cp(state, [from = "", to = ""]) {
    if (from === "stdout" || from === "stderr") {
      return Deno.writeFile(pathOf(state, to), await bytesOf(state, from));
    }
    await must(state, ["cp", "-R", from, to]);
  },
  mv: (state, [from = "", to = ""]) => Deno.rename(pathOf(state, from), pathOf(state, to)),
  async rm(state, paths) {
    for (const path of paths) await Deno.remove(pathOf(state, path), { recursive: true });
  },
  mkdir: (state, [path = ""]) => Deno.mkdir(pathOf(state, path), { recursive: true }),
  chmod: (state, [mode = "", path = ""]) => Deno.chmod(pathOf(state, path), parseInt(mode, 8)),
  symlink: (state, [target = "", path = ""]) => Deno.symlink(target, pathOf(state, path)),
  append: (state, [path = "", ...words]) =>
    Deno.writeTextFile(pathOf(state, path), `${words.join(" ")}\n`, { append: true }),
  async replace(state, [path = "", from = "", to = ""]) {
    const text = await Deno.readTextFile(pathOf(state, path));
    if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
    await Deno.writeTextFile(pathOf(state, path), text.replaceAll(from, to));
  },
  async truncate(state, [path = "", bytes = ""]) {
    await Deno.truncate(pathOf(state, path), Number(bytes));
  },
  async "git-init"(state) {
    await must(state, ["git", "init", "-q", "-b", "main"]);
    await must(state, ["git", "add", "-A"]);
    await must(state, ["git", "commit", "-q", "-m", "Initial"]);
  },
  "mount-tmpfs": (state, [folder = "", size = "1m"]) =>
    mount(state, folder, ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs"]),
  async "mount-readonly"(state, [folder = ""]) {
    const path = pathOf(state, folder);
    await mount(state, folder, ["--bind", path]);
    await must(state, ["mount", "-o", "remount,ro,bind", path]);
  },
  "memory-cgroup"(state, [mebibytes]) {
    const group = makeMemoryCgroup(`assay-${state.name}-${Deno.pid}`, Number(mebibytes));
    state.env["CGROUP"] = group;
    state.cleanups.push(() => removeMemoryCgroup(group));
  },
};
