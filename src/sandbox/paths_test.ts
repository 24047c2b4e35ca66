import { assertEquals, assertRejects } from "@std/assert";
import { withFolder } from "../../tests/support.ts";
import { realIo } from "../real_io.ts";
import type { PathBase } from "./paths.ts";
import { isWithin, resolvePath, resolvePaths } from "./paths.ts";

const { realPath } = realIo().fs;

/** A folder with `project`, `home`, `deep/inner` and links into them. */
async function withLinks(body: (base: PathBase, top: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const top = await Deno.realPath(folder);
    for (const each of ["project/sub", "home/.ssh", "deep/inner"]) {
      await Deno.mkdir(`${top}/${each}`, { recursive: true });
    }
    await Deno.writeTextFile(`${top}/project/file`, "");
    await Deno.symlink(`${top}/deep/inner`, `${top}/project/link`);
    await Deno.symlink("round", `${top}/project/round`);
    await Deno.symlink(`${top}/nowhere`, `${top}/project/dangling`);
    await body({ root: `${top}/project`, home: `${top}/home`, realPath }, top);
  });
}

Deno.test("paths become absolute with links followed, as far as they are there", () =>
  withLinks(async (base, top) => {
    const expected: Readonly<Record<string, string>> = {
      "sub": "project/sub",
      "./sub//../sub/": "project/sub",
      ".": "project",
      "..": ".",
      "~": "home",
      "~/.ssh": "home/.ssh",
      "~/.gone/x": "home/.gone/x",
      "./~": "project/~",
      "link": "deep/inner",
      "link/new/file": "deep/inner/new/file",
      // Up from where the link leads, as the kernel goes.
      "link/..": "deep",
      "link/../gone": "deep/gone",
      "link/gone/../x": "deep/inner/x",
      "gone/../link": "deep/inner",
      "gone/../link/../new": "project/new",
      "link/../inner/gone": "deep/inner/gone",
      "file/below": "project/file/below",
      "round/x": "project/round/x",
      "dangling": "project/dangling",
      [`${top}/project/link`]: "deep/inner",
    };
    for (const [path, real] of Object.entries(expected)) {
      assertEquals(await resolvePath(path, base), real === "." ? top : `${top}/${real}`, path);
    }
    assertEquals(await resolvePath("/", base), "/");
    assertEquals(await resolvePath("/../..", base), "/");
  }));

Deno.test("a sandbox's paths are resolved, each once, and all else stays", () =>
  withLinks(async (base, top) => {
    assertEquals(
      await resolvePaths({
        network: "none",
        paths_writable: ["link", "../deep/inner", "sub"],
        paths_hidden: ["~/.ssh"],
        tmpfs: [`${top}/home/`],
      }, base),
      {
        network: "none",
        paths_writable: [`${top}/deep/inner`, `${top}/project/sub`],
        paths_hidden: [`${top}/home/.ssh`],
        tmpfs: [`${top}/home`],
      },
    );
  }));

Deno.test("what assay itself may not read is no path that leads nowhere", async () => {
  const refused = new Error("Requires read access");
  const base = { root: "/p", home: undefined, realPath: () => Promise.reject(refused) };
  await assertRejects(() => resolvePath("x", base), Error, "read access");
});

Deno.test("within: the folder itself and what lies in it, not what only begins alike", () => {
  assertEquals(
    [["/a", "/a"], ["/a/b", "/a"], ["/ab", "/a"], ["/a", "/a/b"], ["/a", "/"], ["/", "/"]]
      .map(([path, folder]) => isWithin(path!, folder!)),
    [true, true, false, false, true, true],
  );
});
