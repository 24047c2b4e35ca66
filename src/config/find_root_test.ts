import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../errors.ts";
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

Deno.test("what makes a folder above the project is refused where a stranger owns it", async () => {
  const [me, stranger, neighbour] = [1000, 65534, 1001];
  const rows: [owners: Record<string, number>, uid: number | null, expected: "a" | "refused"][] = [
    [{}, me, "a"],
    [{ "a/.assay": stranger }, me, "refused"],
    [{ "a/.assay": stranger }, null, "refused"],
    [{ "a/.assay": neighbour, "a/b/c": neighbour }, me, "a"],
    [{ "a/.assay": neighbour, "a/b/c": neighbour }, 0, "a"],
    [{ "a/.assay": stranger, "a/b/c": neighbour }, me, "refused"],
    [{ "a/.assay": 0, "a/b/c": stranger }, me, "a"],
    [{ "a/.assay": me, "a/b/c": stranger }, me, "a"],
    [{ "a/.assay": stranger }, 0, "refused"],
    [{ "link a/.assay": stranger }, me, "refused"],
  ];
  await withProject({ "a/.assay/x": "", "a/b/c/x": "" }, async (root, io) => {
    for (const [owners, uid, expected] of rows) {
      const own = (path: string) => owners[path.slice(root.length + 1)] ?? (uid ?? me);
      const stat = async (path: string) => {
        const info = await io.fs.stat(path);
        return info && { ...info, uid: own(path) };
      };
      const lstat = async (path: string) => {
        const info = await io.fs.lstat(path);
        return info && { ...info, uid: owners[`link ${path.slice(root.length + 1)}`] ?? own(path) };
      };
      const world = { ...io, fs: { ...io.fs, stat, lstat }, uid: () => uid };
      const finding = findRoot(world, `${root}/a/b/c`);
      if (expected === "a") assertEquals(await finding, `${root}/a`, JSON.stringify(owners));
      else await assertRejects(() => finding, UserError, "another user");
      assertEquals(await findRoot(world, `${root}/a`), `${root}/a`, "it was chosen by going there");
    }
  });
});
