import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { commit, noGit, type Project, projectAt } from "../git_project.ts";
import { isolatedEnv, testUnless, withFolder } from "../support.ts";
import type { Io } from "../../src/io.ts";
import { acrossFileSystems, Died, mortal, setAsideAll, snapshot } from "../../src/hook/_testing.ts";
import { hookPlaces, readJournal } from "../../src/hook/journal.ts";
import { recover } from "../../src/hook/recover.ts";
import { restore } from "../../src/hook/restore.ts";

/** Names that are hard on programs. */
const names = ["a", "b c", "d'\"q", "e\nf", "-g", "ü", "$HOME", ":(top)h", "*"];

/** What a user may do to a path; each may find anything there, or nothing. */
const acts: Readonly<Record<string, (project: Project, path: string) => Promise<unknown>>> = {
  write: ({ write }, path) => write(path, `text of ${path}, ${Math.random()}\n`),
  remove: ({ root }, path) => Deno.remove(`${root}/${path}`, { recursive: true }),
  link: ({ root }, path) => Deno.symlink("no/where", `${root}/${path}`),
  swap: async ({ root }, path) => {
    await Deno.remove(`${root}/${path}`, { recursive: true });
    await Deno.symlink("..", `${root}/${path}`);
  },
  executable: ({ root }, path) => Deno.chmod(`${root}/${path}`, 0o755),
  secret: ({ root }, path) => Deno.chmod(`${root}/${path}`, 0o600),
  folder: async ({ root, write }, path) => {
    await Deno.remove(`${root}/${path}`, { recursive: true });
    await write(`${path}/inner/x`, "inside\n");
    await write(`${path}/y.log`, "ignored\n");
    await Deno.chmod(`${root}/${path}/inner`, 0o750);
  },
  stage: ({ git }, path) => git("--literal-pathspecs", "add", "--", path),
  unstage: ({ git }, path) => git("--literal-pathspecs", "rm", "-q", "--cached", "--", path),
  intend: ({ git }, path) => git("--literal-pathspecs", "add", "-N", "--", path),
};

type Act = readonly [keyof typeof acts, string];

const path = fc.tuple(fc.constantFrom(...names), fc.option(fc.constantFrom(...names))).map(
  ([first, second]) => second === null ? first : `${first}/${second}`,
);
const history = fc.array(
  fc.tuple(fc.constantFrom(...Object.keys(acts)), path) as fc.Arbitrary<Act>,
  { minLength: 3, maxLength: 14 },
);

async function perform(project: Project, done: readonly Act[]): Promise<void> {
  for (const [act, at] of done) {
    try {
      await acts[act]!(project, at);
    } catch {
      // It cannot be done to what is there: a user would have seen that, too.
    }
  }
}

/** A repository in the state the acts leave it in; files are older than what comes. */
async function prepared(folder: string, done: readonly Act[]): Promise<Project> {
  const root = `${folder}/origin`;
  await Deno.mkdir(root);
  const project = projectAt(root, isolatedEnv(`${folder}/home`));
  await project.git("init", "--quiet", "--initial-branch=main");
  await project.write(".gitignore", "*.log\n");
  for (const name of names) await project.write(`${name}`, `first of ${name}\n`);
  for (const name of names) await project.write(`in/${name}/${name}`, "first\n");
  await commit(project);
  await perform(project, done);
  await run(
    "find",
    root,
    "-not",
    "-path",
    "*/.git/*",
    "-exec",
    "touch",
    "-h",
    "-d",
    "2020-01-02",
    "{}",
    "+",
  );
  return project;
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args }).output();
  assert(success, new TextDecoder().decode(stderr));
}

/** Runs it until it dies; whether it came to its end. */
async function untilDeath(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (error instanceof Died) return false;
    throw error;
  }
}

async function recovered(io: Io, root: string): Promise<void> {
  const recovery = await recover(io, { places: hookPlaces(`${root}/.git`) });
  assert(recovery.state !== "busy");
  if (recovery.state === "restored") assertEquals(recovery.restored.collisions, []);
}

/** What is left in the git folder. */
async function leftovers(root: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(`${root}/.git/assay/hook`));
  return entries.map(({ name }) => name).filter((name) =>
    name !== "lock" && name !== "journal.json.new"
  );
}

/** Dies at each (or each so-manyth) step of setting aside and of putting back, and once more while that is repaired. */
async function dieEverywhere(
  project: Project,
  world: (io: Io) => Io,
  every: number,
): Promise<number> {
  const { root } = project;
  const before = await snapshot(root);
  const io = world(project.io);
  let steps = 0;
  for (let limit = Math.floor(Math.random() * every), ended = false; !ended; limit += every) {
    const first = mortal(io, limit);
    ended = await untilDeath(async () => {
      const { places, journal } = await setAsideAll(first.io, root);
      await restore(first.io, places, journal);
    });
    const second = mortal(io, (limit * 7) % 23);
    if (!ended) await untilDeath(() => recovered(second.io, root));
    await recovered(io, root);
    assertEquals(await snapshot(root), before, `died before change ${limit}`);
    assertEquals(await readJournal(io, hookPlaces(`${root}/.git`)), undefined);
    await recovered(io, root);
    assertEquals(await leftovers(root), []);
    steps = first.count();
  }
  return steps;
}

const everything: readonly Act[] = [
  ["write", "a"],
  ["stage", "a"],
  ["write", "a"],
  ["remove", "b c"],
  ["folder", "d'\"q"],
  ["swap", "e\nf"],
  ["executable", "-g"],
  ["secret", "ü"],
  ["write", "ü"],
  ["unstage", "$HOME"],
  ["remove", "in/a"],
  ["link", "in/a"],
  ["write", "new/deep/file"],
  ["write", "intended"],
  ["intend", "intended"],
  ["remove", "in/b c"],
];

for (
  const [name, world, every] of [
    ["one file system", (io: Io) => io, 1],
    ["two file systems", acrossFileSystems, 6],
  ] as const
) {
  testUnless(
    noGit,
    `set aside: dying at any step loses and changes nothing, on ${name}`,
    () =>
      withFolder(async (folder) => {
        const project = await prepared(folder, everything);
        const steps = await dieEverywhere(project, world, every);
        assert(steps > 60, `only ${steps} changes of the disk`);
      }),
  );
}

testUnless(noGit, "set aside: the same for whatever a user may have done", () =>
  fc.assert(
    fc.asyncProperty(history, fc.boolean(), (done, across) =>
      withFolder(async (folder) => {
        const project = await prepared(folder, done);
        await dieEverywhere(project, across ? acrossFileSystems : (io) => io, 9);
      })),
    { numRuns: 12 },
  ));

testUnless(noGit, "set aside: what is left is what is staged", () =>
  fc.assert(
    fc.asyncProperty(history, (done) =>
      withFolder(async (folder) => {
        const project = await prepared(folder, done);
        const index = await Deno.readFile(`${project.root}/.git/index`);
        const { places, journal } = await setAsideAll(project.io, project.root);
        assertEquals(await Deno.readFile(`${project.root}/.git/index`), index);
        const staged = await project.git("write-tree");
        await Deno.writeFile(`${project.root}/.git/index`, index);
        assertEquals(await project.tree(), staged);
        await restore(project.io, places, journal);
      })),
    { numRuns: 12 },
  ));
