import { assert, assertEquals } from "@std/assert";
import { realIo } from "../real_io.ts";
import { readLineage } from "./lineage.ts";
import { changedSince } from "./work_marks.ts";

const io = realIo();

/** What is known of a repository with one clean, one dirty and one untracked file after `act`. */
async function after(act: (root: string) => Promise<void>, written: string[] = []) {
  const root = await Deno.realPath(await Deno.makeTempDir());
  const git = async (...args: string[]) => {
    const settings = ["-c", "user.name=a", "-c", "user.email=a@b"];
    const { success } = await new Deno.Command("git", {
      args: [...settings, ...args],
      cwd: root,
      stdout: "null",
      stderr: "null",
    }).output();
    assert(success, args.join(" "));
  };
  try {
    for (const name of ["clean", "dirty"]) await Deno.writeTextFile(`${root}/${name}`, name);
    await git("init", "-q");
    await git("add", "-A");
    await git("commit", "-qm", "x");
    await Deno.writeTextFile(`${root}/dirty`, "changed");
    await Deno.writeTextFile(`${root}/untracked`, "new");
    const { marks } = await readLineage(io, root);
    assert(marks);
    await act(root);
    return await changedSince(io, root, marks, written);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const write = (name: string) => (root: string) => Deno.writeTextFile(`${root}/${name}`, "other!");

Deno.test("nothing done is nothing changed", async () => {
  assertEquals(await after(() => Promise.resolve()), []);
});

for (const name of ["clean", "dirty", "untracked"]) {
  Deno.test(`a ${name} file that is written is reported`, async () => {
    assertEquals(await after(write(name)), [name]);
  });

  Deno.test(`a ${name} file that is removed is reported`, async () => {
    assertEquals(await after((root) => Deno.remove(`${root}/${name}`)), [name]);
  });
}

Deno.test("a dirty file that is put back as the commit has it is reported", async () => {
  assertEquals(await after((root) => Deno.writeTextFile(`${root}/dirty`, "dirty")), ["dirty"]);
});

for (const name of ["clean", "dirty", "untracked"]) {
  Deno.test(`a ${name} file that is changed and put back is reported`, async () => {
    assertEquals(
      await after(async (root) => {
        const text = await Deno.readTextFile(`${root}/${name}`);
        await Deno.writeTextFile(`${root}/${name}`, "other!");
        await Deno.writeTextFile(`${root}/${name}`, text);
      }),
      [name],
    );
  });
}

Deno.test("a file that only got another mode is reported", async () => {
  assertEquals(await after((root) => Deno.chmod(`${root}/untracked`, 0o755)), ["untracked"]);
});

Deno.test("a new file is no change", async () => {
  assertEquals(await after(write("cache")), []);
});

Deno.test("a report the commands write is no change, also by a pattern", async () => {
  assertEquals(await after(write("untracked"), ["un*ed"]), []);
  assertEquals(await after(write("untracked"), ["untrackedx", "u.tracked"]), ["untracked"]);
});

Deno.test("without the repository no one can tell", async () => {
  const gone = (root: string) => Deno.remove(`${root}/.git`, { recursive: true });
  assertEquals(await after(gone), undefined);
});
