import { assertEquals, assertExists } from "@std/assert";
import { gitTest } from "../../tests/git_project.ts";
import { readIndex } from "./index_file.ts";

const longName = "x".repeat(200);
const paths = ["src/long/path/one", "src/long/path/two", `src/${longName}`, "src/zz", "z"];

for (const version of [2, 3, 4]) {
  gitTest(`an index of version ${version} is read path by path`, async (project) => {
    for (const path of paths) await project.write(path, path);
    await project.git("add", "--all");
    await project.git("update-index", `--index-version=${version}`);
    await project.git("update-index", "--assume-unchanged", "src/zz");
    // What makes git write version 3 in place of 2 is a mark that needs it.
    const skipped = version === 2 ? [] : [paths[1]!, "z"];
    for (const path of skipped) await project.git("update-index", "--skip-worktree", path);

    const bytes = await Deno.readFile(`${project.root}/.git/index`);
    assertEquals(bytes[7], version);
    const index = readIndex(bytes, { hashBytes: 20, mtimeMs: Date.now() + 60_000 });
    assertExists(index);
    assertEquals(index.skipped.map(({ path }) => path), skipped);
    for (const path of [...paths, "a.txt", "src/", ""]) assertEquals(index.holds(path), true, path);
    for (const path of ["b", "src/long/path/three", `${longName}`]) {
      assertEquals(index.holds(path), false, path);
    }

    for (const entry of index.skipped) entry.show();
    const copy = `${project.root}/.git/copy`;
    await Deno.writeFile(copy, index.copy);
    const env = { ...project.io.environment(), GIT_INDEX_FILE: copy };
    const { stdout } = await new Deno.Command("git", {
      args: ["ls-files", "-v"],
      cwd: project.root,
      env,
    })
      .output();
    const marks = new TextDecoder().decode(stdout).trim().split("\n").map((line) => line[0]);
    assertEquals(marks, Array(paths.length + 3).fill("H"));
  });
}

gitTest("what is no index, or cut short, is not read", async (project) => {
  const bytes = await Deno.readFile(`${project.root}/.git/index`);
  const facts = { hashBytes: 20, mtimeMs: null };
  for (const length of [0, 11, 12, 60, 100]) {
    assertEquals(readIndex(bytes.slice(0, length), facts), undefined, `${length}`);
  }
  assertEquals(readIndex(new TextEncoder().encode("DIRX".padEnd(200)), facts), undefined);
});
