/** The test tasks of deno.json run what they say, on the Deno that is used. */

import { assert, assertEquals } from "@std/assert";
import { projectRoot } from "./support.ts";

type Tasks = Record<string, string | { description: string; command: string }>;

const { tasks } = JSON.parse(
  (await Deno.readTextFile(`${projectRoot}deno.json`)).replaceAll(/^\s*\/\/.*$/gm, ""),
) as { tasks: Tasks };

function commandOf(name: string): string {
  const task = tasks[name]!;
  return typeof task === "string" ? task : task.command;
}

/** Runs a task's command over files of the same names that hold one test each; returns which of them ran. */
async function filesRunBy(task: string, files: readonly string[]): Promise<string[]> {
  const root = await Deno.makeTempDir();
  try {
    for (const file of files) {
      await Deno.mkdir(`${root}/${file}`.replace(/\/[^/]+$/, ""), { recursive: true });
      await Deno.writeTextFile(`${root}/${file}`, `Deno.test("one", () => {});\n`);
    }
    await Deno.writeTextFile(
      `${root}/deno.json`,
      JSON.stringify({ tasks: { it: commandOf(task).replace("--quiet ", "--no-check ") } }),
    );
    const { stdout, success } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "it"],
      cwd: root,
      env: { NO_COLOR: "1" },
      stderr: "null",
    }).output();
    assert(success);
    const text = new TextDecoder().decode(stdout);
    return files.filter((file) => text.includes(`./${file} => one ... ok`));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("deno task test leaves out what it says it leaves out, and nothing else", async () => {
  const left = ["tests/machine/a_test.ts", "tests/machine/a/b_test.ts"];
  const run = ["src/a_test.ts", "plugins/a/b_test.ts", "tests/a_test.ts", "examples/a/b_test.ts"];
  assertEquals(await filesRunBy("test", [...left, ...run]), run);
  assertEquals(
    await filesRunBy("test:machine", [...left, "examples/plugins/docker/a_test.ts", ...run]),
    [...left, "examples/plugins/docker/a_test.ts"],
  );
});
