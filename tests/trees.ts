/**
 * The property that the tree assay computes without storing anything is the one that `git add --all && git write-tree`
 * stores.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readLineage } from "../src/git/lineage.ts";
import { commit, type Project } from "./git_project.ts";

const names = [
  "a.txt",
  "src/b.txt",
  "src/c",
  "src/d d/e.txt",
  "src/d d",
  "B.TXT",
  "b.txt",
  "x.log",
  "keep.log",
  "ignored/x",
  "nested/.gitignore",
  "nested/built/y",
  "nested/z.txt",
  'quo"te',
  "line\nbreak",
  "döner",
  "-dash",
  ":colon",
  "star*",
  "[a]",
  "w.up",
  "v.lf",
  "u.crlf",
  "t.id",
  "link",
];

const contents = [
  "",
  "a\n",
  "b\n",
  "a\r\nb\r\n",
  "a\r\nb\n",
  "$Id$\n",
  "\0bin\r\n",
  "ABC\n",
  "built/\n",
];

const name = fc.constantFrom(...names);
const edit = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("write"), name, text: fc.constantFrom(...contents) }),
  },
  ...["remove", "link", "chmod", "touch", "add", "unstage", "intend", "hide", "skip"].map((
    word,
  ) => ({
    weight: 1,
    arbitrary: fc.record({ do: fc.constant(word), name, text: fc.constant("") }),
  })),
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("commit", "rename"), name, text: name }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("attributes"),
      name: fc.constantFrom(".gitattributes", "src/.gitattributes"),
      text: fc.subarray([
        "* text=auto\n",
        "*.up filter=up\n",
        "*.lf eol=lf\n",
        "*.crlf eol=crlf\n",
        "*.id ident\n",
      ])
        .map((lines) => lines.join("")),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("config"),
      name: fc.constantFrom(
        "core.autocrlf",
        "core.fileMode",
        "core.trustctime",
        "index.version",
      ),
      text: fc.constantFrom("true", "false", "input"),
    }),
  },
);

let times = 1e9;

/** What a change is: nothing where it cannot be made. */
async function act(
  { root, git, write }: Project,
  { do: word, name, text }: { do: string; name: string; text: string },
) {
  const path = `${root}/${name}`;
  if (word === "write" || word === "attributes") {
    await Deno.remove(path, { recursive: true }).catch(() => {});
    await write(name, text);
  } else if (word === "remove") await Deno.remove(path, { recursive: true });
  else if (word === "rename") await Deno.rename(path, `${root}/${text}`);
  else if (word === "link") {
    await Deno.remove(path, { recursive: true }).catch(() => {});
    await Deno.symlink("src", path);
  } else if (word === "chmod") await Deno.chmod(path, ((await Deno.lstat(path)).mode ?? 0) ^ 0o111);
  else if (word === "touch") {
    // Never the same time twice: a change that left size and time as they were is one that git itself does not see.
    await Deno.utime(path, times, times++);
  } else if (word === "add") await git("add", "--force", "--", `:(literal)${name}`);
  else if (word === "unstage") await git("rm", "-q", "--cached", "-r", "--", `:(literal)${name}`);
  else if (word === "intend") {
    await git("add", "--intent-to-add", "--force", "--", `:(literal)${name}`);
  } else if (word === "hide") await git("update-index", "--assume-unchanged", "--", name);
  else if (word === "skip") await git("update-index", "--skip-worktree", "--", name);
  else if (word === "commit") await commit({ git } as Project);
  else if (name === "index.version") {
    await git("update-index", `--index-version=${text === "true" ? 4 : 2}`);
  } else await git("config", name, text === "input" && name !== "core.autocrlf" ? "true" : text);
}

/** Makes random changes, and after each few compares the two trees. */
export async function checkTrees(project: Project, runs: number): Promise<void> {
  const { git, root, io } = project;
  await Deno.mkdir(`${root}/../home`, { recursive: true });
  await git("config", "--global", "filter.up.clean", "tr A-Z a-z");
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 12 }), async (edits) => {
      for (const each of edits) await act(project, each).catch(() => {});
      const { lineage, why } = await readLineage(io, root);
      assertEquals(lineage.tree, await storedTree(project), why);
    }),
    { numRuns: runs, endOnFailure: true },
  );
}

/** By git itself, once nothing is hidden from it; the user's index is as before afterwards. */
async function storedTree({ git, root }: Project): Promise<string> {
  const index = `${root}/.git/index`;
  const before = await Deno.readFile(index);
  try {
    for (const line of (await git("ls-files", "-v", "-z")).split("\0")) {
      const path = line.slice(2);
      if (/^[a-z]/.test(line)) await git("update-index", "--no-assume-unchanged", "--", path);
      const isThere = await Deno.lstat(`${root}/${path}`).then(() => true, () => false);
      if (/^s/i.test(line) && isThere) await git("update-index", "--no-skip-worktree", "--", path);
    }
    await git("-c", "core.safecrlf=false", "-c", "core.trustctime=true", "add", "--all");
    return await git("write-tree");
  } finally {
    await Deno.writeFile(index, before);
  }
}
