import { assert, assertEquals, assertRejects } from "@std/assert";
import { commit, gitTest } from "../../tests/git_project.ts";
import { UserError } from "../errors.ts";
import { setAsideAll, snapshot } from "./_testing.ts";
import { hookPlaces, pendingJournal } from "./journal.ts";
import { recover } from "./recover.ts";
import { restore } from "./restore.ts";
import { headTarget, openRepository, stagedTarget } from "./target.ts";

gitTest("restore: what was written since is never replaced, and both versions are kept", async (
  { io, root, write },
) => {
  await write("a.txt", "mine\n");
  await write("new.txt", "mine, new\n");
  await Deno.remove(`${root}/src/b.txt`);
  const { places, journal } = await setAsideAll(io, root);
  assertEquals(await Deno.readTextFile(`${root}/a.txt`), "a\n");
  await write("a.txt", "newer\n");
  await write("new.txt", "newer, new\n");
  await write("src/b.txt", "newer, b\n");
  const { collisions } = await restore(io, places, journal);
  assertEquals(collisions.map(({ path, outcome }) => [path, outcome]).toSorted(), [
    ["a.txt", "newer"],
    ["new.txt", "newer"],
    ["src/b.txt", "newer"],
  ]);
  const files = ["a.txt", "a.txt.set-aside", "new.txt", "new.txt.set-aside", "src/b.txt"];
  assertEquals(await Promise.all(files.map((file) => Deno.readTextFile(`${root}/${file}`))), [
    ..."newer\n|mine\n|newer, new\n|mine, new\n|newer, b\n".split("|"),
  ]);
});

gitTest("restore: what can be moved elsewhere is replaced by the user's version", async (
  { io, root, write },
) => {
  await write("a.txt", "mine\n");
  await write("new/x", "mine, new\n");
  const before = await snapshot(root);
  const { places, journal } = await setAsideAll(io, root);
  await write("a.txt", "theirs\n");
  await write("new", "theirs: a file where a folder was\n");
  const kept = `${places.folder}/kept`;
  await Deno.mkdir(kept);
  const { collisions } = await restore(io, places, journal, {
    place: (path) => Promise.resolve(`${kept}/${path.replaceAll("/", "_")}`),
  });
  assertEquals(await Deno.readTextFile(`${kept}/a.txt`), "theirs\n");
  assertEquals(await Deno.readTextFile(`${root}/a.txt`), "mine\n");
  // Nothing is lost where a folder cannot come back.
  assertEquals(await Deno.readTextFile(`${root}/new_x.set-aside`), "mine, new\n");
  assertEquals(collisions.length, 2);
  await Deno.remove(`${root}/new`);
  await Deno.mkdir(`${root}/new`);
  await Deno.rename(`${root}/new_x.set-aside`, `${root}/new/x`);
  assertEquals(await snapshot(root), before);
});

gitTest(
  "restore: what another version stood in for is new again, all else is as old as it was",
  async (
    { io, root, write },
  ) => {
    const old = new Date(2020, 1, 2);
    await write("a.txt", "mine\n");
    await write("new.txt", "mine, new\n");
    for (const file of ["a.txt", "new.txt"]) await Deno.utime(`${root}/${file}`, old, old);
    const { places, journal } = await setAsideAll(io, root);
    await restore(io, places, journal);
    const age = async (file: string) =>
      Date.now() - ((await Deno.stat(`${root}/${file}`)).mtime?.getTime() ?? 0);
    assert(await age("a.txt") < 60_000);
    assert(await age("new.txt") > 60_000);
  },
);

gitTest(
  "recover: a working tree that was moved since gets its own back, and what is in its old place is left",
  async (
    { io, root, write },
  ) => {
    await write("a.txt", "mine\n");
    await write("new.txt", "mine, new\n");
    const before = await snapshot(root);
    await setAsideAll(io, root);
    const moved = `${root}-moved`;
    await Deno.rename(root, moved);
    await Deno.mkdir(root);
    await Deno.writeTextFile(`${root}/a.txt`, "another's\n");
    try {
      const pending = await pendingJournal(io, moved);
      await recover(io, pending!);
      assertEquals(await snapshot(moved), before);
      assertEquals(await Deno.readTextFile(`${root}/a.txt`), "another's\n");
    } finally {
      await Deno.remove(root, { recursive: true });
      await Deno.rename(moved, root);
    }
  },
);

gitTest("set aside: what is put is what a checkout would write", async (
  { io, root, write, git },
) => {
  await write("a.txt", "one\ntwo\n");
  await write(".gitattributes", "*.txt text eol=crlf\n");
  await git("add", ".");
  await write(".gitattributes", "*.txt -text\n");
  await write("a.txt", "mine\n");
  const { places, journal } = await setAsideAll(io, root);
  assertEquals(await Deno.readTextFile(`${root}/a.txt`), "one\r\ntwo\r\n");
  await restore(io, places, journal);
  assertEquals(await Deno.readTextFile(`${root}/a.txt`), "mine\n");
});

gitTest("set aside: a name that is not UTF-8 is refused, and nothing is touched", async (
  { io, root, write },
) => {
  await write("a.txt", "mine\n");
  await new Deno.Command("sh", { args: ["-c", "echo x > \"$(printf 'b\\377d')\""], cwd: root })
    .output();
  const before = await snapshot(root).catch(() => undefined);
  const error = await assertRejects(() => setAsideAll(io, root), UserError, "not UTF-8");
  assertEquals(error.code, "path_not_utf8");
  assertEquals(await snapshot(root).catch(() => undefined), before);
  assertEquals(await Deno.readTextFile(`${root}/a.txt`), "mine\n");
});

gitTest(
  "set aside: repositories within, ignored files and a sparse checkout are left alone",
  async (
    project,
  ) => {
    const { io, root, write, git } = project;
    await write("ignored/x", "ignored\n");
    await git("init", "-q", "inner");
    await write("inner/x", "inner\n");
    await git("sparse-checkout", "set", "--no-cone", "/*", "!/src/");
    const before = await snapshot(root);
    const { places, journal } = await setAsideAll(io, root);
    assertEquals(journal.entries, []);
    await restore(io, places, journal);
    assertEquals(await snapshot(root), before);
  },
);

gitTest("set aside: empty folders in the place of a file make room for it, and come back", async (
  { io, root },
) => {
  await Deno.remove(`${root}/a.txt`);
  await Deno.mkdir(`${root}/a.txt/deep/deeper`, { recursive: true });
  const before = await snapshot(root);
  const { places, journal } = await setAsideAll(io, root);
  assert((await Deno.lstat(`${root}/a.txt`)).isFile);
  await restore(io, places, journal);
  assertEquals(await snapshot(root), before);
});

gitTest("set aside: a folder with a repository in the place of a file is refused", async (
  { io, root, git },
) => {
  await Deno.remove(`${root}/a.txt`);
  await git("init", "-q", "a.txt");
  await assertRejects(() => setAsideAll(io, root), UserError, "a repository");
  assert((await Deno.stat(`${root}/a.txt/.git`)).isDirectory);
});

gitTest("target: hidden changes are seen, and the index is only read", async (project) => {
  const { io, root, write, git } = project;
  await git("update-index", "--assume-unchanged", "a.txt");
  await write("a.txt", "hidden\n");
  await write("staged.txt", "staged\n");
  await git("add", "staged.txt");
  const index = await Deno.readFile(`${root}/.git/index`);
  const repository = await openRepository(io, root);
  const places = hookPlaces(repository.gitDir);
  await Deno.mkdir(places.folder, { recursive: true });
  const staged = await stagedTarget(io, repository, places);
  const changes = staged.status.entries.map(({ path, index, work }) => [path, index, work]);
  assertEquals(changes, [["a.txt", ".", "M"], ["staged.txt", "A", "."]]);
  assertEquals(staged.lineage.dirty, true);
  const head = await headTarget(io, repository, places);
  assertEquals(head.status.entries.map(({ path, work }) => [path, work]), [["a.txt", "M"]]);
  assertEquals(head.status.untracked, ["staged.txt"]);
  assertEquals(await Deno.readFile(`${root}/.git/index`), index);
  assertEquals(staged.lineage.tree, await git("write-tree"));
  assertEquals(head.lineage.tree, await git("rev-parse", "HEAD^{tree}"));
  await commit(project);
});
