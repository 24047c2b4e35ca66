import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import { commit, gitTest, ownFiles } from "../../tests/git_project.ts";
import { checkTrees } from "../../tests/trees.ts";
import { lineage } from "./lineage.ts";

gitTest("a clean repository is at its commit, and its tree is the commit's", async (project) => {
  const { git, io, root } = project;
  assertEquals(await lineage(io, root), {
    commit: await git("rev-parse", "HEAD"),
    branch: "main",
    dirty: false,
    tree: await git("rev-parse", "HEAD^{tree}"),
    bytes: null,
  });
});

gitTest("the tree of what is on disk is the tree its commit will have", async (project) => {
  const { git, write, io, root } = project;
  const clean = await project.tree();
  await write("a.txt", "changed\n");
  await write("new file", "not tracked\n");
  await write("döner\nand a line", "odd name\n");
  await Deno.remove(`${root}/src/b.txt`);
  await Deno.symlink("a.txt", `${root}/link`);
  await write("script", "#!/bin/sh\n");
  await Deno.chmod(`${root}/script`, 0o755);
  const dirty = await lineage(io, root);
  assertEquals(dirty.dirty, true);
  assertNotEquals(dirty.tree, clean);
  await git("add", "a.txt");
  assertEquals(await project.tree(), dirty.tree, "staging changes nothing on disk");
  assertEquals(await commit(project), dirty.tree);
  assertEquals(await lineage(io, root), {
    ...dirty,
    commit: await git("rev-parse", "HEAD"),
    dirty: false,
  });
});

gitTest(
  "the user's index and object store stay as they are, and nothing is left behind",
  async (project) => {
    await project.write("a.txt", "changed\n");
    await project.write("new", "not tracked\n");
    // A file that only looks changed is one whose index entry git would like to bring up to date.
    await Deno.utime(`${project.root}/src/b.txt`, 1, 1);
    const before = await ownFiles(`${project.root}/.git`);
    await project.tree();
    assertEquals(await ownFiles(`${project.root}/.git`), before);
    assertEquals(await Array.fromAsync(Deno.readDir(`${project.root}/.assay/tmp`)), []);
  },
);

gitTest(
  "ignored files and what assay writes do not count; its configuration does",
  async (project) => {
    const clean = await project.tree();
    for (const path of ["ignored/x", "x.log", ".assay/assay.db", ".assay/assay.db-wal"]) {
      await project.write(path, "x");
    }
    for (const folder of [".assay/runs/1", ".assay/locks", ".assay/tmp", "sub/.assay/runs/2"]) {
      await project.write(`${folder}/file`, "x");
    }
    assertEquals(await lineage(project.io, project.root), {
      ...await lineage(project.io, project.root),
      dirty: false,
      tree: clean,
    });
    await project.write(".assay/config.toml", "");
    assertNotEquals(await project.tree(), clean);
  },
);

const edits = fc.array(
  fc.record({ file: fc.constantFrom("a.txt", "src/b.txt", "src/c", "d d/e"), byte: fc.nat(255) }),
  { minLength: 1, maxLength: 4 },
);

gitTest("two trees are equal when and only when every byte of every file is", async (project) => {
  const trees = new Map<string, string>();
  const contents = new Map<string, Uint8Array>();
  await fc.assert(
    fc.asyncProperty(edits, async (list) => {
      for (const { file, byte } of list) {
        // Same length, same second: only the content differs.
        contents.set(file, Uint8Array.of(byte));
        await project.write(file, "");
        await Deno.writeFile(`${project.root}/${file}`, contents.get(file)!);
      }
      const state = JSON.stringify([...contents].toSorted(([a], [b]) => a < b ? -1 : 1));
      const tree = await project.tree();
      assertEquals(trees.get(state) ?? tree, tree);
      assert([...trees].every(([other, seen]) => seen !== tree || other === state));
      trees.set(state, tree);
    }),
    { numRuns: 25 },
  );
});

gitTest("a change in the second of the commit, of the same length, is seen", async (project) => {
  for (let round = 0; round < 5; round++) {
    await project.write("a.txt", `${round}\n`);
    await project.write("src/b.txt", `${round}\n`);
    await commit(project);
    const clean = await project.tree();
    await project.write("a.txt", `${round + 5}\n`);
    // Another file makes the index be copied, which makes the copy younger than a.txt.
    await project.write("other", `${round}`);
    const tree = await project.tree();
    await Deno.remove(`${project.root}/other`);
    assertNotEquals(await project.tree(), clean);
    assertNotEquals(tree, clean);
    assertEquals(await project.git("show", "HEAD:a.txt"), `${round}`);
    await project.write("other", `${round}`);
    assertEquals(await commit(project), tree);
  }
});

gitTest("a change that left the file's times as they were is seen", async (project) => {
  const path = `${project.root}/a.txt`;
  await Deno.utime(path, 1e9, 1e9);
  await project.git("update-index", "--refresh");
  await project.git("config", "core.trustctime", "false");
  const clean = await project.tree();
  await Deno.writeTextFile(path, "x\n");
  await Deno.utime(path, 1e9, 1e9);
  assertNotEquals(await project.tree(), clean);
});

for (const mark of ["--assume-unchanged", "--skip-worktree"]) {
  gitTest(`a change that the index hides from git (${mark}) is seen`, async (project) => {
    const clean = await project.tree();
    await project.git("update-index", mark, "a.txt");
    assertEquals(
      await lineage(project.io, project.root).then(({ tree, dirty }) => ({ tree, dirty })),
      {
        tree: clean,
        dirty: false,
      },
    );
    await project.write("a.txt", "hidden\n");
    assertEquals(await project.git("status", "--porcelain"), "");
    const hidden = await lineage(project.io, project.root);
    assertEquals(hidden.dirty, true);
    assertNotEquals(hidden.tree, clean);
  });
}

gitTest("a monitor that says nothing changed is not believed", async (project) => {
  const clean = await project.tree();
  await project.write("ignored/monitor", "#!/bin/sh\nprintf 'token\\0'\n");
  await Deno.chmod(`${project.root}/ignored/monitor`, 0o755);
  await project.git("config", "core.fsmonitor", `${project.root}/ignored/monitor`);
  await project.git("status");
  await project.write("a.txt", "changed\n");
  assertNotEquals(await project.tree(), clean);
});

gitTest("a sparse checkout is clean without the files it left out", async (project) => {
  const clean = await project.tree();
  await project.git("sparse-checkout", "set", "--no-cone", "/a.txt", "/.gitignore", "/new");
  assertEquals((await lineage(project.io, project.root)).tree, clean);
  await project.write("new", "x");
  const dirty = await project.tree();
  assertEquals(await commit(project), dirty);
});

gitTest("the tree is the one that git add --all would store", (project) => checkTrees(project, 15));
