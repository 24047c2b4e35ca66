import { assertEquals, assertNotEquals } from "@std/assert";
import { commit, gitTest, type Project } from "../../tests/git_project.ts";
import { lineage } from "./lineage.ts";

const facts = async ({ io, root }: Project) => {
  const { tree, bytes } = await lineage(io, root);
  return { tree, bytes };
};

interface Case {
  readonly why: string;
  set(project: Project): Promise<unknown>;
  /** Changes what is on disk and not what git stores. */
  change(project: Project): Promise<unknown>;
}

const cases: readonly Case[] = [
  {
    why: "a filter that loses something",
    async set({ git, write, root }) {
      await Deno.mkdir(`${root}/../home`, { recursive: true });
      await git("config", "--global", "filter.up.clean", "tr A-Z a-z");
      await write(".gitattributes", "*.txt filter=up\n");
    },
    change: ({ write }) => write("a.txt", "A\n"),
  },
  {
    why: "ident",
    async set({ write }) {
      await write(".gitattributes", "*.txt ident\n");
      await write("a.txt", "$Id$\n");
    },
    change: ({ write }) => write("a.txt", "$Id: 1 $\n"),
  },
  {
    why: "eol",
    set: ({ write }) => write(".gitattributes", "*.txt eol=lf\n"),
    change: ({ write }) => write("a.txt", "a\r\n"),
  },
  {
    why: "text=auto",
    set: ({ write }) => write(".gitattributes", "* text=auto\n"),
    change: ({ write }) => write("a.txt", "a\r\n"),
  },
  {
    why: "text=auto of an ignored file of attributes",
    async set({ write, root }) {
      await write(".gitignore", "/.gitattributes\n");
      await Deno.writeTextFile(`${root}/.gitattributes`, "* text=auto\n");
    },
    change: ({ write }) => write("a.txt", "a\r\n"),
  },
  {
    why: "core.autocrlf",
    set: ({ git }) => git("config", "core.autocrlf", "input"),
    change: ({ write }) => write("src/b.txt", "b\r\n"),
  },
  {
    why: "an encoding",
    async set({ write, root }) {
      await write(".gitattributes", "u.txt working-tree-encoding=UTF-16\n");
      await Deno.writeFile(`${root}/u.txt`, Uint8Array.of(0xff, 0xfe, 97, 0));
    },
    change: ({ root }) => Deno.writeFile(`${root}/u.txt`, Uint8Array.of(0xfe, 0xff, 0, 97)),
  },
  {
    why: "core.fileMode=false",
    set: ({ git }) => git("config", "core.fileMode", "false"),
    change: ({ root }) => Deno.chmod(`${root}/a.txt`, 0o755),
  },
  {
    why: "core.fileMode=false, not tracked",
    async set({ git, write }) {
      await git("config", "core.fileMode", "false");
      await write("new", "x");
    },
    change: ({ root }) => Deno.chmod(`${root}/new`, 0o755),
  },
];

for (const { why, set, change } of cases) {
  gitTest(`what only the bytes on disk show is seen: ${why}`, async (project) => {
    await set(project);
    const before = await facts(project);
    assertEquals(await facts(project), before, "nothing changed");
    await change(project);
    const changed = await facts(project);
    assertEquals(changed.tree, before.tree, "git sees no change");
    assertNotEquals(changed.bytes, before.bytes);
    await commit(project).catch(() => "nothing to commit, as git sees it");
    assertEquals((await facts(project)).bytes, changed.bytes, "a commit changes nothing on disk");
  });
}

gitTest("where git stores every byte there is nothing to add", async (project) => {
  assertEquals((await facts(project)).bytes, null);
  await project.write("a.txt", "a\r\n");
  await Deno.chmod(`${project.root}/a.txt`, 0o755);
  assertEquals((await facts(project)).bytes, null);
  await project.write(".gitattributes", "*.txt -text\n*.md text\n");
  await project.write("README.md", "no carriage return\n");
  assertEquals((await facts(project)).bytes, null);
});

gitTest(
  "a filter that names content by a hash is only asked whether it is there",
  async (project) => {
    const { git, write, root } = project;
    await Deno.mkdir(`${root}/../home`, { recursive: true });
    await write("../bin/git-lfs", "#!/bin/sh\nsed 's/^long content$/name/'\n");
    await Deno.chmod(`${root}/../bin/git-lfs`, 0o755);
    await git("config", "--global", "filter.lfs.clean", "git-lfs clean -- %f");
    await write(".gitattributes", "*.bin filter=lfs\n");
    await write("x.bin", "name\n");
    const path = `${await Deno.realPath(`${root}/../bin`)}:${project.io.env("PATH")}`;
    const io = {
      ...project.io,
      environment: () => ({ ...project.io.environment(), PATH: path }),
      env: (name: string) => name === "PATH" ? path : project.io.env(name),
    };
    const pointer = await facts({ ...project, io });
    await write("x.bin", "long content\n");
    const content = await facts({ ...project, io });
    assertEquals(content.tree, pointer.tree);
    assertNotEquals(content.bytes, pointer.bytes);
  },
);
