/**
 * `deno task worker`: bundles the code that runs in the workers of plugins into one text,
 * `src/modules/worker_source.ts`, for in a compiled program there is no file a worker could load. A test
 * holds it current.
 *
 * @module
 */

const root = new URL("../../", import.meta.url).pathname;

/** The generated file. */
export const workerSourceFile = `${root}src/modules/worker_source.ts`;

const header = `/**
 * The text of the module that a plugin's worker starts with, made by \`deno task worker\` out of
 * \`src/modules/worker\`. Do not edit.
 *
 * @module
 */

/** Defines \`begin\`, which the host calls in a line of its own. */
`;

/** Makes the text of the generated file. */
export async function workerSource(): Promise<string> {
  const flags = ["--quiet", "--platform", "deno", "--minify"];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...flags, "src/modules/worker/main.ts"],
    cwd: root,
    stdin: "null",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("deno bundle failed");
  const text = callable(new TextDecoder().decode(stdout));
  return `${header}export const workerSource: string =
  ${JSON.stringify(text)};\n`;
}

/** The bundle with a constant for its export: a line that follows it in the same module calls `begin`. */
function callable(bundle: string): string {
  const text = bundle.trim().replace(/\bexport\s*\{\s*(\w+) as begin\s*\};$/, "const begin=$1;");
  if (text !== bundle.trim()) return text;
  throw new Error("the bundle must export one function, begin, at its end");
}

if (import.meta.main) await Deno.writeTextFile(workerSourceFile, await workerSource());
