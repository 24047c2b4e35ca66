import { assertEquals } from "@std/assert";
import { withProject } from "../../tests/config_project.ts";
import { findRoot } from "./find_root.ts";

Deno.test("the root is the nearest folder with configuration, else the top of the working tree", async () => {
  const rows: [Record<string, string>, string, string][] = [
    [{ "a/b/x": "" }, "a/b", "a/b"],
    [{ ".git/HEAD": "", "a/b/x": "" }, "a/b", ""],
    [{ ".git": "gitdir: elsewhere", "a/b/x": "" }, "a/b", ""],
    [{ ".git/HEAD": "", "a/.assay/x": "", "a/b/x": "" }, "a/b", "a"],
    [{ ".git/HEAD": "", "a/.codeloop/x": "", "a/b/x": "" }, "a/b", "a"],
    [{ ".assay/x": "", "a/.assay/x": "", "a/b/x": "" }, "a/b", "a"],
    [{ ".assay/x": "", "a/b/x": "" }, "a/b", ""],
    [{ ".assay/x": "", "a/.git/HEAD": "", "a/b/x": "" }, "a/b", "a"],
    [{ ".git/HEAD": "", "a/.assay": "a file", "a/b/x": "" }, "a/b", ""],
  ];
  for (const [files, start, expected] of rows) {
    await withProject(files, async (root, io) => {
      const found = await findRoot(io, `${root}/${start}`);
      assertEquals(found, expected === "" ? root : `${root}/${expected}`, JSON.stringify(files));
    });
  }
});

Deno.test("the root is a real path", async () => {
  await withProject({ "real/.assay/x": "" }, async (root, io) => {
    await Deno.symlink("real", `${root}/link`);
    assertEquals(await findRoot(io, `${root}/link`), `${root}/real`);
  });
});
