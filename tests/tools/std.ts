/**
 * `deno task test:std [FILES]`: checks the types and runs the suite with the real standard library in place of the
 * twins. `@std/…` is bound to the checkout that `ASSAY_STD` names, or to JSR where that is not set. Both work on a
 * copy of the project, so that the programs that tests start are bound to it too.
 *
 * @module
 */

import { dirname, join } from "node:path";

const root = new URL("../../", import.meta.url).pathname;

/** What the names in `deno.json` are bound to: the versions that the suite passes with. */
const bindings = {
  "@std/path": "jsr:@std/path@1.1.6",
  "@std/toml": "jsr:@std/toml@1.0.11",
  "@std/cli/parse-args": "jsr:@std/cli@1.0.32/parse-args",
  "@std/assert": "jsr:@std/assert@1.0.19",
};

/** The folders of a checkout that these packages and what they import are in. */
const folders = ["path", "toml", "cli", "assert", "internal", "collections"];

async function isReachable(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok === true;
}

/** Why there is no library to test with; `undefined`: there is one. */
async function whatIsMissing(checkout: string | undefined): Promise<string | undefined> {
  if (checkout === undefined) {
    if (await isReachable("https://jsr.io/@std/path/meta.json")) return undefined;
    return "https://jsr.io cannot be reached: set ASSAY_STD to a checkout of github.com/denoland/std";
  }
  for (const [name, binding] of Object.entries(bindings)) {
    const [, folder, version] = /^jsr:@std\/(\w+)@([\d.]+)/.exec(binding)!;
    const text = await Deno.readTextFile(join(checkout, folder!, "deno.json")).catch(() => "{}");
    const found = JSON.parse(text).version ?? "nothing";
    if (found === version) continue;
    return `ASSAY_STD=${checkout} has ${found} where ${name} ${version} is expected`;
  }
  return undefined;
}

async function copyFiles(from: string, to: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    await Deno.mkdir(dirname(join(to, file)), { recursive: true });
    await Deno.copyFile(join(from, file), join(to, file));
  }
}

/** The files of the project, committed or not. */
async function projectFiles(): Promise<string[]> {
  const { stdout } = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: root,
  }).output();
  const files = new TextDecoder().decode(stdout).split("\0").filter((file) => file !== "");
  const isThere = await Promise.all(
    files.map((file) => Deno.lstat(join(root, file)).catch(() => {})),
  );
  return files.filter((_, index) => isThere[index]);
}

/** The files of a package, but for its tests: relative paths. */
async function packageFiles(checkout: string, folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(checkout, folder))) {
    if (isDirectory && name !== "testdata") {
      files.push(...await packageFiles(checkout, `${folder}/${name}`));
    } else if (/(?<!_test)\.ts$|^deno\.json$/.test(name)) files.push(`${folder}/${name}`);
  }
  return files;
}

/** Writes the project with its names bound to the library into a folder. */
async function copyProject(to: string, checkout: string | undefined): Promise<void> {
  await copyFiles(root, to, await projectFiles());
  let config = await Deno.readTextFile(`${root}deno.json`);
  for (const [name, binding] of Object.entries(bindings)) {
    config = config.replace(new RegExp(`("${name}": )".*"`), `$1"${binding}"`);
  }
  if (checkout !== undefined) {
    for (const folder of folders) {
      await copyFiles(checkout, join(to, "std"), await packageFiles(checkout, folder));
    }
    const links = JSON.stringify(folders.map((folder) => `./std/${folder}`));
    config = config.replace("{", `{ "links": ${links},`)
      // A library from files is checked by this project's rules, and it is written without this one.
      .replace('"noImplicitReturns": true', '"noImplicitReturns": false');
  }
  await Deno.writeTextFile(join(to, "deno.json"), config);
}

async function deno(cwd: string, args: readonly string[]): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd, stdin: "null" });
  return (await command.spawn().status).success;
}

if (import.meta.main) {
  const checkout = Deno.env.get("ASSAY_STD") || undefined;
  const missing = await whatIsMissing(checkout);
  if (missing !== undefined) {
    console.error(`test:std: ${missing}`);
    Deno.exit(2);
  }
  const copy = await Deno.makeTempDir({ prefix: "assay-std-" });
  try {
    await copyProject(copy, checkout);
    const types = await deno(copy, ["check", "--quiet", "src", "plugins", "tests"]);
    const suite = ["--quiet", "--no-check", "--parallel", "-A", "--ignore=tests/machine,std"];
    const tests = await deno(copy, ["test", ...suite, ...Deno.args.length > 0 ? Deno.args : ["."]]);
    console.log(`test:std: types ${types ? "ok" : "FAILED"}, tests ${tests ? "ok" : "FAILED"}`);
    Deno.exitCode = types && tests ? 0 : 1;
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
}
