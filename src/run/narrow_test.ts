import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { chooseFiles } from "../config/paths.ts";
import type { CommandDef } from "../config/types.ts";
import { narrowed } from "./narrow.ts";
import { planCommands } from "./plan.ts";

const def = (part: Partial<CommandDef>) =>
  ({ id: "x", kind: "lint", required: true, command: "x {{files}}", ...part }) as CommandDef;

Deno.test("files: a glob without a slash is of names anywhere, one with it of paths, ! leaves out", async () => {
  const paths = ["a.py", "in/a.py", "in/deep/b.py", "in/a.js", "skip.py", "in/skip.py"];
  const chosen = async (...globs: string[]) => paths.filter(await chooseFiles(globs));
  assertEquals(await chosen("*.py", "!skip.py"), ["a.py", "in/a.py", "in/deep/b.py"]);
  assertEquals(await chosen("in/*.py"), ["in/a.py", "in/skip.py"]);
  assertEquals(await chosen("in/**/*.py"), ["in/a.py", "in/deep/b.py", "in/skip.py"]);
  assertEquals(await chosen("./in/deep/"), ["in/deep/b.py"]);
  assertEquals(await chosen("!*.py"), ["in/a.js"]);
  assertEquals(await chosen("*.{js,ts}"), ["in/a.js"]);
});

Deno.test("files: every file is in exactly one batch, and no batch is too long for a line", () =>
  fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 }), {
        minLength: 1,
        maxLength: 400,
      }),
      fc.constantFrom("x {{files}}", "x {{files}} && y {{ files }}"),
      async (files, command) => {
        const names = files.map((name) => name.replaceAll(/[\/\0]/g, "_"));
        const scope = { files: () => Promise.resolve(names) };
        const plan = planCommands([def({ command, files: ["!no such file"] })]);
        const { commands } = await narrowed(plan, `/${"r".repeat(200)}`, scope);
        assertEquals(commands.flatMap(({ chosen }) => chosen ?? []), names);
        for (const { chosen = [], batch } of commands) {
          assertEquals(batch?.of, commands.length > 1 ? commands.length : undefined);
          const line = chosen.map((each) => `'/${"r".repeat(200)}/${each}' `).join("");
          assert(chosen.length === 1 || new TextEncoder().encode(line).length < 110 * 1024);
        }
      },
    ),
    { numRuns: 30 },
  ));

Deno.test("files: what is not concerned is not needed, and says why; nothing is dropped", async () => {
  const plan = planCommands([
    def({ id: "py", files: ["*.py"] }),
    def({ id: "js", kind: "build", files: ["*.js"], command: "make" }),
    def({ id: "gone", kind: "test", files: ["*.md"] }),
    def({ id: "always", kind: "test", command: "true" }),
  ]);
  const changed = [{ path: "in/a.py", deleted: false }, { path: "b.md", deleted: true }];
  const scope = { changed, word: "staged", files: () => Promise.reject(new Error("not asked")) };
  const { commands, unneeded, present } = await narrowed(plan, "/p", scope);
  assertEquals(commands.map(({ id, chosen }) => [id, chosen]), [
    ["py", ["in/a.py"]],
    ["always", undefined],
  ]);
  assertEquals(unneeded?.map(({ name: id, reason }) => [id, reason]), [
    ["js", 'no staged change matches "*.js"'],
    ["gone", 'all files that match "*.md" are deleted'],
  ]);
  assertEquals(present, ["lint", "test"]);
});
