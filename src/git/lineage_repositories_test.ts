import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import {
  commit,
  gitTest,
  noGit,
  ownFiles,
  type Project,
  projectAt,
} from "../../tests/git_project.ts";
import { isolatedEnv, testUnless, withFolder } from "../../tests/support.ts";
import { realIo } from "../real_io.ts";
import { lineage, readLineage } from "./lineage.ts";
import { changedSince } from "./work_marks.ts";

for (
  const [kind, config] of [["version 4", "index.version=4"], [
    "a split one",
    "core.splitIndex=true",
  ]]
) {
  gitTest(`an index of ${kind} is understood`, async (project) => {
    const [key, value] = config!.split("=");
    await project.git("config", key!, value!);
    await project.git("update-index", "--force-write-index");
    for (const name of ["src/long/path/one", "src/long/path/two", "src/other"]) {
      await project.write(name, name);
      // Old files: of young ones a split index keeps entries of its own.
      await Deno.utime(`${project.root}/${name}`, 1e9, 1e9);
    }
    await commit(project);
    const clean = await project.tree();
    assertEquals(clean, await project.git("rev-parse", "HEAD^{tree}"));
    await project.git("update-index", "--skip-worktree", "src/long/path/two");
    // Splits it again: the mark is in the part that all such indices share.
    if (kind === "a split one") await project.git("update-index", "--split-index");
    await project.write("src/long/path/two", "changed");
    const before = await ownFiles(`${project.root}/.git`);
    const changed = await project.tree();
    assertNotEquals(changed, clean);
    assertEquals(await ownFiles(`${project.root}/.git`), before);
    await project.git("update-index", "--no-skip-worktree", "src/long/path/two");
    assertEquals(await commit(project), changed);
  });
}

gitTest("a repository with SHA-256 is understood", async (project) => {
  assertMatch(await project.tree(), /^[0-9a-f]{64}$/);
  await project.git("update-index", "--assume-unchanged", "a.txt");
  await project.write("a.txt", "changed\n");
  const changed = await project.tree();
  await project.git("update-index", "--no-assume-unchanged", "a.txt");
  assertEquals(await commit(project), changed);
}, ["--object-format=sha256"]);

gitTest("a project in a folder of the repository has the tree of the whole", async (project) => {
  const inner = `${project.root}/src`;
  await project.write("a.txt", "changed outside\n");
  await project.write("src/new", "x");
  const { tree } = await lineage(project.io, inner);
  assertEquals(tree, await project.tree());
  await Deno.remove(`${inner}/.assay`, { recursive: true });
  assertEquals(await commit(project), tree);
});

gitTest("a project in a folder that the repository ignores is not under git", async (project) => {
  await project.write("ignored/project/x", "x");
  const { lineage, why } = await readLineage(project.io, `${project.root}/ignored/project`);
  assertEquals(lineage, { commit: null, branch: null, dirty: null, tree: null, bytes: null });
  assertMatch(why ?? "", /ignores the project root/);
});

gitTest("a detached head has a commit and no branch", async (project) => {
  await project.git("checkout", "--quiet", "--detach");
  const { commit, branch, dirty } = await lineage(project.io, project.root);
  assertEquals([commit, branch, dirty], [await project.git("rev-parse", "HEAD"), null, false]);
});

gitTest("a linked worktree has its own head, index and tree", async (project) => {
  await project.git("worktree", "add", "--quiet", "-b", "other", "../other");
  const other = projectAt(project.root.replace(/project$/, "other"), project.io.environment());
  await other.write("a.txt", "changed there\n");
  const there = await lineage(other.io, other.root);
  assertEquals([there.branch, there.dirty], ["other", true]);
  assertEquals((await lineage(project.io, project.root)).dirty, false);
  assertEquals(await commit(other), there.tree);
});

gitTest(
  "inside a hook the tree is what is on disk, whatever index git is building",
  async (project) => {
    await project.write("a.txt", "changed\n");
    const tree = await project.tree();
    const env = {
      ...project.io.environment(),
      GIT_DIR: `${project.root}/.git`,
      GIT_INDEX_FILE: `${project.root}/.git/index.lock`,
      GIT_WORK_TREE: "/nowhere",
      GIT_PREFIX: "src/",
      GIT_LITERAL_PATHSPECS: "1",
    };
    const io = { ...project.io, environment: () => env };
    assertEquals((await readLineage(io, project.root)).lineage.tree, tree);
  },
);

gitTest(
  "a submodule counts with its commit, and with its files when they differ from that",
  async (project) => {
    const upstream = projectAt(`${project.root}/../upstream`, project.io.environment());
    await Deno.mkdir(upstream.root);
    await upstream.git("init", "--quiet");
    await upstream.write("lib.txt", "1\n");
    await commit(upstream);
    await project.git("submodule", "--quiet", "add", upstream.root, "lib dir");
    const clean = await commit(project);
    assertEquals(await project.tree(), clean);
    await project.git("config", "submodule.lib dir.ignore", "all");
    // The folder itself changes, as git may not know.
    await project.write("lib dir/new", "");
    await Deno.remove(`${project.root}/lib dir/new`);
    const { marks } = await readLineage(project.io, project.root);
    for (const second of [marks!.second, 0]) {
      assertEquals(await changedSince(project.io, project.root, { ...marks!, second }, []), []);
    }
    await project.write("lib dir/lib.txt", "1\n");
    const touched = await changedSince(project.io, project.root, marks!, []);
    assertEquals(touched, ["lib dir/lib.txt"]);

    const trees = [clean];
    await project.write("lib dir/lib.txt", "2\n");
    trees.push(await project.tree());
    await project.write("lib dir/lib.txt", "3\n");
    trees.push(await project.tree());
    await project.write("lib dir/new", "untracked\n");
    trees.push(await project.tree());
    const library = projectAt(`${project.root}/lib dir`, project.io.environment());
    await commit(library);
    trees.push(await project.tree());
    assertEquals(new Set(trees).size, trees.length, trees.join("\n"));
    assertEquals((await lineage(project.io, project.root)).dirty, true);
    await project.git("config", "--unset", "submodule.lib dir.ignore");
    assertEquals(await commit(project), trees.at(-1));
  },
);

gitTest(
  "a repository inside that is not tracked counts with its files, with and without a commit",
  async (project) => {
    const inner = projectAt(`${project.root}/vendor/inner`, project.io.environment());
    await inner.write("x", "1");
    await inner.git("init", "--quiet");
    const trees = [await project.tree()];
    await inner.write("x", "2");
    trees.push(await project.tree());
    await commit(inner);
    assertEquals(await project.tree(), trees.at(-1), "a commit in it changes nothing on disk");
    await inner.write("x", "3");
    await inner.write("ignored/y", "3");
    await inner.write(".gitignore", "ignored/");
    trees.push(await project.tree());
    assertEquals(new Set(trees).size, trees.length);
    await Deno.remove(`${inner.root}/.git`, { recursive: true });
    assertEquals(await project.tree(), trees.at(-1));
    assertEquals(await commit(project), trees.at(-1));
  },
);

gitTest("git is not started in a repository that is not tracked", async (project) => {
  const inner = projectAt(`${project.root}/vendor/inner`, project.io.environment());
  await inner.write("x", "1");
  await inner.git("init", "--quiet");
  await inner.write(".gitattributes", "* filter=bad\n");
  const clean = await project.tree();
  await inner.git("config", "filter.bad.clean", `touch ${project.root}/started; tr 1 2`);
  await inner.git("config", "filter.bad.required", "true");
  await inner.git("config", "core.fsmonitor", `touch ${project.root}/started`);
  assertEquals(await project.tree(), clean);
  await assertRejects(() => Deno.lstat(`${project.root}/started`));
  // The same filter of the user's own is one to start.
  await Deno.mkdir(`${project.root}/../home`, { recursive: true });
  await project.git("config", "--global", "filter.bad.clean", "tr 1 2");
  assertNotEquals(await project.tree(), clean);
});

gitTest(
  "a folder that only looks like a repository does not make git use another one",
  async (project) => {
    const { git, write, root, io } = project;
    await git("config", "filter.bad.clean", `touch ${root}/../started; cat`);
    await write(".gitattributes", "* filter=bad\n");
    await write("src/b.txt", "changed\n");
    // The control: git by itself starts the filter.
    await git("add", "--dry-run", "src/b.txt");
    await Deno.remove(`${root}/../started`);
    await write("src/.git/config", "[core]\n\tbare = false\n");
    const { lineage, why } = await readLineage(io, `${root}/src`);
    assertEquals(lineage.tree, null);
    assertMatch(why ?? "", /not a git repository/);
    await assertRejects(() => Deno.lstat(`${root}/../started`));
  },
);

gitTest("a merge in conflict has the tree of the files as they are", async (project) => {
  await project.git("checkout", "--quiet", "-b", "other");
  await project.write("a.txt", "theirs\n");
  await commit(project);
  await project.git("checkout", "--quiet", "main");
  await project.write("a.txt", "ours\n");
  await commit(project);
  await project.git("merge", "--quiet", "other").catch(() => "conflict, as wanted");
  const tree = await project.tree();
  assertEquals(await commit(project), tree);
});

gitTest("contents count as git would store them", async (project) => {
  await project.git("config", "core.autocrlf", "true");
  await project.git("config", "core.safecrlf", "true");
  const clean = await project.tree();
  await project.write("a.txt", "a\r\n");
  await project.write("new", "mixed\r\nendings\n");
  const tree = await project.tree();
  assertNotEquals(tree, clean);
  await project.git("config", "core.safecrlf", "false");
  assertEquals(await commit(project), tree);
});

gitTest("a file that git cannot store makes the tree unknown, with the reason", async (project) => {
  await project.write(".gitattributes", "new.txt filter=broken\n");
  await Deno.mkdir(`${project.root}/../home`, { recursive: true });
  await project.git("config", "--global", "filter.broken.clean", "false");
  await project.git("config", "--global", "filter.broken.required", "true");
  await project.write("new.txt", "not tracked, so that only storing it fails\n");
  const { lineage, why } = await readLineage(project.io, project.root);
  assertEquals([lineage.tree, lineage.dirty, lineage.branch], [null, true, "main"]);
  assertMatch(why ?? "", /cannot hash the tree: .*filter 'broken' failed/);
  await project.git("config", "--global", "filter.broken.clean", "cat");
  await commit(project);
  await project.git("config", "--global", "filter.broken.clean", "false");
  await project.write("new.txt", "tracked and changed, so that looking fails\n");
  const looked = await readLineage(project.io, project.root);
  assertEquals(looked.lineage.tree, null);
  assertMatch(looked.why ?? "", /filter 'broken' failed/);
});

testUnless(
  noGit,
  "a repository without a commit has a branch and a tree",
  () =>
    withFolder(async (root) => {
      const project = projectAt(root, isolatedEnv(`${root}/../home`));
      await project.git("init", "--quiet", "--initial-branch=start");
      assertEquals(await lineage(project.io, root), {
        commit: null,
        branch: "start",
        dirty: true,
        tree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        bytes: null,
      });
      await project.write("x", "1");
      const tree = await project.tree();
      assertEquals(await commit(project), tree);
    }),
);

const nothing = { commit: null, branch: null, dirty: null, tree: null, bytes: null };

testUnless(
  noGit,
  "a folder that is in no repository has no lineage, and the reason says so",
  () =>
    withFolder(async (root) => {
      const project = projectAt(root, isolatedEnv(root));
      const { lineage, why } = await readLineage(project.io, root);
      assertEquals(lineage, nothing);
      assertMatch(why ?? "", /not a git repository/);
    }),
);

Deno.test("without git there is no lineage, and the reason says so", async () => {
  await withFolder(async (root) => {
    const io = { ...realIo(), environment: () => ({ PATH: root }), env: () => root };
    assertEquals(await readLineage(io, root), { lineage: nothing, why: "there is no git on PATH" });
  });
});

const foreign = Deno.uid() === 0 ? noGit : "only root may give a folder away";

testUnless(
  foreign,
  "a repository that git refuses as somebody else's has no lineage, and the reason says so",
  () =>
    withFolder(async (root) => {
      const project = projectAt(root, isolatedEnv(`${root}/../home`));
      await project.git("init", "--quiet");
      for (const path of [root, `${root}/.git`]) await Deno.chown(path, 12345, 12345);
      const { lineage, why } = await readLineage(project.io, root);
      assertEquals(lineage, nothing);
      assertMatch(why ?? "", /dubious ownership/);
    }),
);

/** Changes after which the working tree holds something else, though git by itself may not show it. */
const hidden: Record<string, {
  prepare(project: Project): Promise<unknown>;
  change(project: Project): Promise<unknown>;
}> = {
  "a file in the folder of a submodule that is no repository": {
    async prepare({ git, root }) {
      const id = await git("rev-parse", "HEAD");
      await git("update-index", "--add", "--cacheinfo", `160000,${id},sub`);
      await Deno.mkdir(`${root}/sub`);
      await git("commit", "--quiet", "--message=m");
    },
    change: ({ write }) => write("sub/x.js", "x"),
  },
  "line endings by attributes that only the index has": {
    async prepare(project) {
      await project.write(".gitattributes", "*.sh text eol=crlf\n");
      await project.write("d/g.sh", "a\r\nb\r\n");
      await commit(project);
      await Deno.remove(`${project.root}/.gitattributes`);
    },
    change: ({ write }) => write("d/g.sh", "a\nb\n"),
  },
  "a file in a folder that is one entry of the index": {
    async prepare(project) {
      await project.write("a/b/x", "x");
      await project.write("c/y", "y");
      await commit(project);
      await project.git("sparse-checkout", "set", "--cone", "--sparse-index", "c");
    },
    change: ({ write }) => write("a/b/x", "changed"),
  },
  "one of many files that the index says to skip": {
    async prepare(project) {
      const names = Array.from({ length: 1005 }, (_, index) => `m/${index}`);
      for (const name of names) await project.write(name, "x");
      await commit(project);
      await project.git("update-index", "--skip-worktree", ...names);
    },
    change: ({ write }) => write("m/7", "changed"),
  },
  "a file in place of a link that it spells out": {
    async prepare(project) {
      await project.git("config", "core.symlinks", "false");
      await Deno.symlink("a.txt", `${project.root}/l`);
      await project.git("-c", "core.symlinks=true", "add", "l");
      await commit(project);
    },
    async change({ write, root }) {
      await Deno.remove(`${root}/l`);
      await write("l", "a.txt");
    },
  },
  "a file whose name differs from a tracked one by case": {
    prepare: ({ git }) => git("config", "core.ignoreCase", "true"),
    change: ({ write }) => write("A.txt", "x"),
  },
  ...Object.fromEntries(
    ["tmp/x.sh", "assay.db", "runs/1/x", "locks/y"].map((name) => [`a tracked .assay/${name}`, {
      async prepare(project: Project) {
        await project.write(`pkg/.assay/${name}`, "x");
        await commit(project);
      },
      change: ({ write }: Project) => write(`pkg/.assay/${name}`, "changed"),
    }]),
  ),
  "an untracked file whose name begins as that of the store": {
    prepare: () => Promise.resolve(),
    change: ({ write }) => write("pkg/.assay/assay.db.sh", "x"),
  },
};

for (const [what, { prepare, change }] of Object.entries(hidden)) {
  gitTest(`${what} is seen`, async (project) => {
    await prepare(project);
    const known = await lineage(project.io, project.root);
    assertEquals(await lineage(project.io, project.root), known);
    await change(project);
    const now = await lineage(project.io, project.root);
    assertNotEquals(now.tree, null);
    assertNotEquals([now.tree, now.bytes], [known.tree, known.bytes]);
  });
}

gitTest("a tree that replaces the commit's is not taken for it", async (project) => {
  const old = await project.tree();
  await project.write("a.txt", "2\n");
  const now = await commit(project);
  await project.git("replace", now, old);
  await project.git("reset", "--quiet", "--hard");
  assertEquals((await lineage(project.io, project.root)).tree, old);
});
