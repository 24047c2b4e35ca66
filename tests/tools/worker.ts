/**
 * `deno task worker`: bundles the code that runs in the workers of plugins into one text,
 * `src/modules/worker_program.js`, for in a compiled program there is no file a worker could load. A test
 * keeps it up to date.
 *
 * @module
 */

const root = new URL("../../", import.meta.url).pathname;

/** The generated file. */
const workerFile = `${root}src/modules/worker_program.js`;

const header =
  `// What a plugin's worker starts with: it defines \`begin\`, which the host calls in a line of its own. Made by
// \`deno task worker\` out of src/modules/worker. Do not edit.
`;

/** Makes the text of the generated file. */
export async function workerProgram(): Promise<string> {
  const flags = ["--quiet", "--platform", "deno", "--minify"];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...flags, "src/modules/worker/main.ts"],
    cwd: root,
    stdin: "null",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("deno bundle failed");
  return header + callable(new TextDecoder().decode(stdout).trim()) + "\n";
}

/** The bundle with a constant for its export: a line that follows it in the same module calls `begin`. */
function callable(bundle: string): string {
  const text = bundle.replace(/\bexport\s*\{\s*(\w+) as begin\s*\};$/, "const begin=$1;");
  if (text !== bundle) return text;
  throw new Error("the bundle must export one function, begin, at its end");
}

if (import.meta.main) await Deno.writeTextFile(workerFile, await workerProgram());
