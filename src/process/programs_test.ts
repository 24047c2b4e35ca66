import { assertEquals, assertRejects } from "@std/assert";
import { withFolder } from "../../tests/support.ts";
import type { Io } from "../io.ts";
import {
  closeProject,
  closeWritable,
  programAt,
  programEnvironment,
  programOf,
} from "./programs.ts";
import { realIo } from "../real_io.ts";

interface World {
  readonly io: Io;
  readonly root: string;
  /** A folder outside of the project, with a `git`. */
  readonly outside: string;
  readonly folder: string;
}

/** A project in a repository around it, and a world outside; `PATH` is made of folders relative to `folder`. */
async function inWorld(path: string, body: (world: World) => Promise<void>): Promise<void> {
  await withFolder(async (given) => {
    const folder = await Deno.realPath(given);
    const root = `${folder}/repository/project`;
    for (
      const place of [
        ...["repository/.git", "repository/tools", "repository/project/bin"],
        ...["outside", "common/bin", "links"],
      ]
    ) await Deno.mkdir(`${folder}/${place}`, { recursive: true });
    for (
      const place of [
        ...["repository/tools", "repository/project", "repository/project/bin"],
        ...["outside", "common/bin"],
      ]
    ) await Deno.writeTextFile(`${folder}/${place}/git`, "#!/bin/sh\n", { mode: 0o755 });
    const PATH = path.replaceAll("@", folder);
    const io: Io = {
      ...realIo(),
      cwd: root,
      env: (name) => name === "PATH" ? PATH : undefined,
      environment: () => ({ PATH }),
    };
    await closeProject(io, root, () => Promise.resolve());
    await body({ io, root, outside: `${folder}/outside`, folder });
  });
}

async function whyNot(io: Io): Promise<string> {
  return (await assertRejects(() => programOf(io, "git"), Error)).message;
}

const order: readonly (readonly [name: string, path: string])[] = [
  ["a folder of the project", "@/repository/project/bin:@/outside"],
  ["a folder of the repository around it", "@/repository/tools:@/outside"],
  ["an empty entry", ":@/outside"],
  ["a relative entry", ".:bin:@/outside"],
  ["a way through the project", "@/outside/../repository/project/bin:@/outside"],
];

for (const [name, path] of order) {
  Deno.test(`a program is not taken from ${name}`, async () => {
    await inWorld(path, async ({ io, outside }) => {
      assertEquals(await programOf(io, "git"), `${outside}/git`);
      assertEquals((await programEnvironment(io)).PATH, outside);
    });
  });
}

Deno.test("outside of what commands may write the order of PATH holds", async () => {
  await inWorld("@/common/bin:@/outside", async ({ io, folder, outside }) => {
    assertEquals(await programOf(io, "git"), `${folder}/common/bin/git`);
    closeWritable(io, [`${folder}/common`]);
    assertEquals(await programOf(io, "git"), `${outside}/git`);
    assertEquals((await programEnvironment(io)).PATH, outside);
  });
});

Deno.test("a program that is a writable path itself is not taken, nor by name from its folder", async () => {
  await inWorld("@/common/bin:@/outside", async ({ io, folder, outside }) => {
    closeWritable(io, [`${folder}/common/bin/git`]);
    assertEquals(await programOf(io, "git"), `${outside}/git`);
    assertEquals((await programEnvironment(io)).PATH, outside);
  });
});

Deno.test("what the configuration lets commands write is asked for before the first look", async () => {
  await inWorld("@/common/bin:@/outside", async ({ io, folder, outside }) => {
    io.programs.configured = () => Promise.resolve(closeWritable(io, [`${folder}/common`]));
    assertEquals(await programOf(io, "git"), `${outside}/git`);
  });
});

Deno.test("links are followed one by one, and none may lie where a command can replace it", async () => {
  await inWorld("@/links:@/into:@/outside", async ({ io, root, folder, outside }) => {
    // To the project; and through it to a program outside, for now.
    await Deno.symlink(`${root}/bin`, `${folder}/into`);
    await Deno.symlink(`${outside}/git`, `${root}/through`);
    await Deno.symlink("../repository/project/through", `${folder}/links/git`);
    assertEquals(await programOf(io, "git"), `${outside}/git`);
    assertEquals((await programEnvironment(io)).PATH, `${folder}/links:${outside}`);
  });
  // The control: a link that no command can replace.
  await inWorld("@/links:@/outside", async ({ io, folder }) => {
    await Deno.symlink("../common/bin/git", `${folder}/links/git`);
    assertEquals(await programOf(io, "git"), `${folder}/links/git`);
  });
});

Deno.test("a program that is nowhere else is reported with its place", async () => {
  await inWorld("@/repository/project/bin", async ({ io, root }) => {
    assertEquals(await whyNot(io), `git was found only inside the workspace: ${root}/bin/git`);
    assertEquals((await programEnvironment(io)).PATH, "/usr/bin:/bin");
  });
  await inWorld("@/common/bin", async ({ io, folder }) => {
    closeWritable(io, [`${folder}/common`]);
    const place = `${folder}/common/bin/git`;
    assertEquals(
      await whyNot(io),
      `git was found only where a sandboxed command may write: ${place}`,
    );
  });
  await inWorld("bin", async ({ io, root }) => {
    const place = `${root}/bin/git`;
    assertEquals(
      await whyNot(io),
      `git was found only by the entry "bin" of PATH, which is not an absolute path: ${place}`,
    );
  });
  await inWorld(
    "@/links",
    async ({ io }) => assertEquals(await whyNot(io), "there is no git on PATH"),
  );
});

Deno.test("a program is found once: what appears later before it in PATH is not taken", async () => {
  await inWorld("@/links:@/outside", async ({ io, folder, outside }) => {
    assertEquals(await programOf(io, "git"), `${outside}/git`);
    await Deno.copyFile(`${outside}/git`, `${folder}/links/git`);
    assertEquals(await programOf(io, "git"), `${outside}/git`);
  });
});

Deno.test("a file that cannot be executed is passed over", async () => {
  await inWorld("@/common/bin:@/outside", async ({ io, folder, outside }) => {
    await Deno.chmod(`${folder}/common/bin/git`, 0o644);
    assertEquals(await programOf(io, "git"), `${outside}/git`);
  });
});

Deno.test("a path is given back where no command may write it, and git's own helpers are left there", async () => {
  await inWorld("@/outside", async ({ io, root, outside }) => {
    assertEquals(await programAt(io, `${outside}/git`), `${outside}/git`);
    assertEquals(await programAt(io, `${root}/bin/git`), undefined);
    assertEquals(await programAt(io, `${outside}/none`), undefined);
    const environmentWith = (GIT_EXEC_PATH: string) =>
      programEnvironment({ ...io, environment: () => ({ GIT_EXEC_PATH }) });
    assertEquals((await environmentWith(outside)).GIT_EXEC_PATH, outside);
    assertEquals((await environmentWith(`${root}/bin`)).GIT_EXEC_PATH, undefined);
  });
});

Deno.test("a project at / closes nothing: every program there is lies in it", async () => {
  await inWorld("@/outside", async ({ io, outside }) => {
    await closeProject(io, "/", () => Promise.resolve());
    assertEquals(await programOf(io, "git"), `${outside}/git`);
  });
});
