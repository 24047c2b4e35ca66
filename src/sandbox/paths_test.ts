import { assertEquals, assertRejects } from "@std/assert";
import { withFolder } from "../../tests/support.ts";
import { realIo } from "../real_io.ts";
import type { PathBase } from "./paths.ts";
import { PathProblem, resolvePath, resolvePaths } from "./paths.ts";

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
        paths_writable: [`${top}/deep/inner`, "../deep/inner", "sub", "./sub/new/.."],
        paths_hidden: ["~/.ssh", "link"],
        tmpfs: [`${top}/home/`],
      }, base),
      {
        network: "none",
        paths_writable: [`${top}/deep/inner`, `${top}/project/sub`],
        paths_hidden: [`${top}/home/.ssh`, `${top}/deep/inner`],
        tmpfs: [`${top}/home`],
      },
    );
  }));

Deno.test("what leads out of the project is opened by its own name alone", () =>
  withLinks(async (base, top) => {
    await Deno.symlink(base.root, `${top}/home/alias`);
    const out = ["link", "./link", `${base.root}/link`, "~/alias/link", "sub/../link"];
    for (const key of ["paths_writable", "paths_readable", "tmpfs"] as const) {
      for (const path of out) {
        const { message } = await assertRejects(
          () => resolvePaths({ [key]: [path] }, base),
          PathProblem,
        );
        assertEquals(
          message,
          `${key}: ${path} leads outside the project, to ${top}/deep/inner; ` +
            "name that path itself if it is meant",
        );
      }
      await assertRejects(() => resolvePaths({ [key]: ["link/.."] }, base), PathProblem);
      await assertRejects(() => resolvePaths({ [key]: ["link/new"] }, base), PathProblem);
      // Named as what it is, or no link at all.
      for (const path of ["../deep/inner", `${top}/deep/inner`, "..", ".", "~/alias/sub", "/"]) {
        assertEquals((await resolvePaths({ [key]: [path] }, base))[key]?.length, 1, path);
      }
    }
    assertEquals((await resolvePaths({ paths_hidden: out }, base)).paths_hidden, [
      `${top}/deep/inner`,
    ]);
  }));

Deno.test("what decides what runs outside is made writable by its own name alone", () =>
  withLinks(async (base, top) => {
    const hooks = `${base.root}/.git/hooks`;
    await Deno.mkdir(hooks, { recursive: true });
    await Deno.symlink(".git/hooks", `${base.root}/out`);
    await Deno.symlink("sub", `${base.root}/other`);
    const guarded = { ...base, protectedPaths: [`${base.root}/.git`] };
    for (const path of ["out", "out/new"]) {
      const { message } = await assertRejects(
        () => resolvePaths({ paths_writable: [path] }, guarded),
        PathProblem,
      );
      assertEquals(message.includes(`${path} leads to ${top}/project/.git/hooks`), true, message);
    }
    const paths_writable = [".git/hooks", "other"];
    assertEquals((await resolvePaths({ paths_writable }, guarded)).paths_writable, [
      hooks,
      `${base.root}/sub`,
    ]);
    assertEquals((await resolvePaths({ paths_readable: ["out"] }, guarded)).paths_readable, [
      hooks,
    ]);
    assertEquals((await resolvePaths({ paths_writable: ["out"] }, base)).paths_writable, [hooks]);
  }));

Deno.test("what the runtime lets no one follow stays as it is, the kernel's folders alone", async () => {
  const refused = Object.assign(new Error("Requires all access"), { name: "NotCapable" });
  const base = {
    root: "/p",
    home: undefined,
    realPath: (path: string) =>
      /^\/(proc|sys|dev|home)\b/.test(path) ? Promise.reject(refused) : Promise.resolve(path),
  };
  for (const path of ["/proc", "/sys/kernel", "/dev/shm/x", "/proc/1/root"]) {
    assertEquals(await resolvePath(path, base), path);
    await resolvePaths({ paths_hidden: [path], tmpfs: [path] }, base);
  }
  assertEquals(await resolvePath("/dev/./x/../shm/", base), "/dev/shm");
  await assertRejects(() => resolvePath("/home/x", base), Error, "Requires all access");
});

Deno.test("what assay itself may not read is no path that leads nowhere", async () => {
  const refused = new Error("Requires read access");
  const base = { root: "/p", home: undefined, realPath: () => Promise.reject(refused) };
  await assertRejects(() => resolvePath("x", base), Error, "read access");
});
