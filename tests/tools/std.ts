/**
 * `deno task test:std [FILES]`: checks the types and runs the suite with the real standard library in place of the
 * twins. `@std/…` is bound to the checkout that `ASSAY_STD` names, or to JSR where that is not set. Both work on a
 * copy of the project, so that the programs that tests start are bound to it too.
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";

const root = new URL("../../", import.meta.url).pathname;

/** What the names in `deno.json` are bound to, and the versions that the suite passes with. */
const packages = {
  "@std/path": "1.1.6",
  "@std/toml": "1.0.11",
  "@std/cli": "1.0.32",
  "@std/assert": "1.0.19",
};

class Missing extends Error {}

/** Every package of a checkout by its exports, as packages of the library import each other by name. */
async function fromCheckout(checkout: string): Promise<Record<string, string>> {
  const imports: Record<string, string> = {};
  for await (const { name: folder } of Deno.readDir(checkout)) {
    const text = await Deno.readTextFile(join(checkout, folder, "deno.json")).catch(() => "{}");
    const { name = "", exports = {} } = JSON.parse(text);
    for (const [key, file] of Object.entries<string>(exports)) {
      imports[join(name, key)] = join(checkout, folder, file);
    }
  }
  const missing = [...Object.keys(packages), "@std/internal", "@std/collections"]
    .filter((name) => imports[name === "@std/cli" ? "@std/cli/parse-args" : name] === undefined);
  if (missing.length === 0) return imports;
  throw new Missing(
    `ASSAY_STD=${checkout} has no ${missing.join(", ")}: name a checkout of denoland/std`,
  );
}

async function fromJsr(): Promise<Record<string, string>> {
  const signal = AbortSignal.timeout(10_000);
  try {
    await (await fetch("https://jsr.io/@std/path/meta.json", { signal })).body?.cancel();
  } catch (error) {
    throw new Missing(
      `https://jsr.io cannot be reached (${
        (error as Error).message
      }); set ASSAY_STD to a checkout of denoland/std`,
    );
  }
  return Object.fromEntries(
    Object.entries(packages).flatMap(([name, version]) => [
      [name, `jsr:${name}@${version}`],
      [`${name}/`, `jsr:/${name}@${version}/`],
    ]),
  );
}

async function copyProject(to: string, std: Record<string, string>): Promise<void> {
  const { stdout } = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: root,
  }).output();
  for (const file of new TextDecoder().decode(stdout).split("\0").filter(Boolean)) {
    await Deno.mkdir(dirname(join(to, file)), { recursive: true });
    // What is deleted and not committed yet is listed too.
    await Deno.copyFile(join(root, file), join(to, file)).catch(() => {});
  }
  const text = await Deno.readTextFile(`${root}deno.json`);
  const config = JSON.parse(text.replaceAll(/^\s*\/\/.*$/gm, ""));
  const { "@std/path": _path, "@std/toml": _toml, "@std/cli/parse-args": _cli, ...others } =
    config.imports;
  Object.assign(config, { imports: { ...others, ...std } });
  // A library from files is checked by this project's rules, and it is written without this one.
  config.compilerOptions.noImplicitReturns = false;
  await Deno.writeTextFile(join(to, "deno.json"), JSON.stringify(config, null, 2));
}

async function deno(cwd: string, args: readonly string[]): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd, stdin: "null" });
  return (await command.spawn().status).success;
}

async function main(files: readonly string[]): Promise<boolean> {
  const checkout = Deno.env.get("ASSAY_STD");
  const std = checkout ? await fromCheckout(resolve(checkout)) : await fromJsr();
  const copy = await Deno.makeTempDir({ prefix: "assay-std-" });
  try {
    await copyProject(copy, std);
    const where = checkout ? resolve(checkout) : "JSR";
    console.log(`types and tests with the standard library of ${where}`);
    const types = await deno(copy, ["check", "--quiet", "src", "plugins", "tests"]);
    const suite = ["--quiet", "--parallel", "-A", "--ignore=tests/machine"];
    const tests = await deno(copy, ["test", "--no-check", ...suite, ...files]);
    return types && tests;
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args.length > 0 ? Deno.args : ["."]) ? 0 : 1);
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    console.error(`test:std: ${error.message}`);
    Deno.exit(2);
  }
}
