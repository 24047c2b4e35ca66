import { assertEquals, assertMatch } from "@std/assert";
import { commit, gitTest, type Project } from "../../tests/git_project.ts";
import { annotating, annotatingIn } from "./_testing.ts";
import { readBlame } from "./blame.ts";

const at = (file: string, line: number) => ({ file, line });

/** Two commits: the second changes line 2 of a.txt. */
async function history(project: Project): Promise<readonly [string, string]> {
  const { git, write } = project;
  await write("a.txt", "one\ntwo\nthree\n");
  await write("-x", "dash\n");
  await write("--output=evil", "option\n");
  await write("sp ace ü.txt", "odd\n");
  await commit(project);
  const first = await git("rev-parse", "HEAD");
  await write("a.txt", "one\nTWO\nthree\n");
  await git("commit", "--quiet", "--all", "--message=Shout\n\nBody");
  return [first, await git("rev-parse", "HEAD")];
}

gitTest("blame tells the last commit of each line, in one call for each file", async (project) => {
  const [first, second] = await history(project);
  await project.write("a.txt", "one\nTWO\nthree\nfour\n");
  const calls: string[][] = [];
  const io = {
    ...project.io,
    spawn(argv: readonly string[], options: Parameters<typeof project.io.spawn>[1]) {
      calls.push([...argv]);
      return project.io.spawn(argv, options);
    },
  };
  await annotatingIn(project.root, async ({ annotate }) => {
    const { said, warnings } = await annotate("blame", [
      at("a.txt", 2),
      at("a.txt", 1),
      at("a.txt", 4),
      at("a.txt", 99),
      at("a.txt", 2),
      { file: "a.txt" },
    ]);
    assertEquals(warnings, []);
    const today = new Date().toISOString().slice(0, 10);
    assertEquals(said.map(({ ref, text }) => `${ref} ${text}`), [
      `test:1:1 last changed in ${second.slice(0, 7)} by Scenario, ${today}: Shout`,
      `test:1:2 last changed in ${first.slice(0, 7)} by Scenario, ${today}: m`,
      "test:1:3 not committed yet",
      `test:1:5 last changed in ${second.slice(0, 7)} by Scenario, ${today}: Shout`,
    ]);
    assertEquals(said.map(({ display }) => display), Array(4).fill("inline"));
    const { date, ...data } = said[0]!.data!;
    assertEquals(data, {
      file: "a.txt",
      line: 2,
      commit: second,
      author: "Scenario",
      summary: "Shout",
    });
    assertMatch(String(date), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assertEquals(said[2]!.data, { file: "a.txt", line: 4, commit: null });
    assertEquals(calls.filter((argv) => argv.includes("blame")).length, 1);
  }, io);
});

gitTest("blame takes every name for a name", async (project) => {
  const [first] = await history(project);
  await annotatingIn(project.root, async ({ annotate }) => {
    const files = ["-x", "--output=evil", "sp ace ü.txt", "new.txt", ".git/config", "../a.txt"];
    await project.write("new.txt", "nobody knows it\n");
    const { said, warnings } = await annotate("blame", files.map((file) => at(file, 1)));
    assertEquals(warnings, []);
    assertEquals(said.map(({ ref, data }) => [ref, data!.commit]), [
      ["test:1:1", first],
      ["test:1:2", first],
      ["test:1:3", first],
    ]);
  }, project.io);
});

gitTest("blame passes over the commits a project lists", async (project) => {
  const [first, second] = await history(project);
  const { git, root, io, write } = project;
  await annotatingIn(root, async ({ annotate }) => {
    const commitOf = async () => (await annotate("blame", [at("a.txt", 2)])).said[0]?.data?.commit;
    assertEquals(await commitOf(), second);
    await write(".ignored-revs", `${second}\n`);
    await git("config", "blame.ignoreRevsFile", ".ignored-revs");
    assertEquals(await commitOf(), first);
  }, io);
});

gitTest(
  "blame says nothing in a repository without a commit, nor of a project below one that does not hold it",
  async (project) => {
    const { root, io, git, write } = project;
    await write("sub/new.txt", "new\n");
    await annotatingIn(`${root}/sub`, async ({ annotate }) => {
      assertEquals((await annotate("blame", [at("new.txt", 1), at("../a.txt", 1)])).said, []);
    }, io);
    await git("checkout", "--quiet", "--orphan", "empty");
    await git("rm", "--quiet", "--cached", "-r", ".");
    await annotatingIn(root, async ({ annotate }) => {
      const { said, warnings } = await annotate("blame", [at("a.txt", 1)]);
      assertEquals([said, warnings], [[], []]);
    }, io);
  },
);

Deno.test("blame says nothing outside git", () =>
  annotating({ "a.txt": "a\n" }, async ({ annotate }) => {
    const { said, warnings } = await annotate("blame", [at("a.txt", 1)]);
    assertEquals([said, warnings], [[], []]);
  }));

Deno.test("what git prints is read by line, whatever the facts hold", () => {
  const hash = "1".repeat(40);
  const output = [
    `${hash} 3 1 1`,
    "author Ada <3",
    "author-time 99999999999999999999",
    `summary ${"2".repeat(40)} 1 1`,
    "filename a",
    `\t${"3".repeat(40)} 1 7 1`,
    `${hash} 4 2`,
    "\tauthor Mallory",
    "",
  ].join("\n");
  const commit = { hash, author: "Ada <3", date: "", summary: `${"2".repeat(40)} 1 1` };
  assertEquals([...readBlame(output)], [[1, commit], [2, commit]]);
  assertEquals([...readBlame("")], []);
});
