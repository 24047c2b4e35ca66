import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Io } from "../io.ts";
import { realIo } from "../real_io.ts";
import { attemptWith } from "../../tests/pipeline.ts";
import { findReport, lookBefore } from "./report.ts";

const io = realIo();

async function inRoot(check: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    await check(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Looks at the place of a report. */
async function lookAt(root: string, world: Io = io) {
  const filesDir = `${root}/run/.files`;
  await Deno.mkdir(filesDir, { recursive: true });
  return await lookBefore(world, root, `${root}/r.xml`, { runDir: `${root}/run`, filesDir });
}

Deno.test("a report written during the attempt is found", () =>
  inRoot(async (root) => {
    const before = await lookAt(root);
    await Deno.writeTextFile(`${root}/r.xml`, "x");
    assertEquals(await findReport(io, root, before, false), { path: `${root}/r.xml` });
  }));

Deno.test("no report is missing", () =>
  inRoot(async (root) => {
    const before = await lookAt(root);
    const found = await findReport(io, root, before, false);
    assertEquals("state" in found && found.state, "missing");
  }));

Deno.test("a link to itself is no report", () =>
  inRoot(async (root) => {
    const before = await lookAt(root);
    await Deno.symlink("r.xml", `${root}/r.xml`);
    const found = await findReport(io, root, before, false);
    assertEquals("state" in found && found.state, "missing");
  }));

Deno.test("a report from before that was not written again is stale, however young", () =>
  inRoot(async (root) => {
    await Deno.writeTextFile(`${root}/r.xml`, "x");
    const before = await lookAt(root);
    const found = await findReport(io, root, before, false);
    assertEquals("state" in found && found.state, "stale");
  }));

Deno.test("a new file with an old time, as cp -p makes, is stale", () =>
  inRoot(async (root) => {
    const before = await lookAt(root);
    await Deno.writeTextFile(`${root}/r.xml`, "x");
    await Deno.utime(`${root}/r.xml`, new Date(), new Date(Date.now() - 60_000));
    const found = await findReport(io, root, before, false);
    assertEquals("state" in found && found.state, "stale");
  }));

Deno.test("a report that is rewritten with the same bytes is fresh", () =>
  inRoot(async (root) => {
    await Deno.writeTextFile(`${root}/r.xml`, "x");
    const before = await lookAt(root);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await Deno.writeTextFile(`${root}/r.xml`, "x");
    assert("path" in await findReport(io, root, before, false));
  }));

Deno.test("a link that leads out of the project is refused", () =>
  inRoot(async (root) => {
    const outside = await Deno.makeTempFile();
    const before = await lookAt(root);
    await Deno.symlink(outside, `${root}/r.xml`);
    const found = await findReport(io, root, before, false);
    await Deno.remove(outside);
    assert("state" in found);
    assertEquals(found.state, "missing");
    assertStringIncludes(found.message, "outside the project");
  }));

Deno.test("a folder in the report's place is malformed", () =>
  inRoot(async (root) => {
    const before = await lookAt(root);
    await Deno.mkdir(`${root}/r.xml`);
    const found = await findReport(io, root, before, false);
    assertEquals("state" in found && found.state, "malformed");
  }));

/** What a file system without times of birth says of a report that a command brought about. */
async function withoutBirth(act: (path: string) => Promise<void>): Promise<string> {
  let state = "";
  await inRoot(async (root) => {
    const strip = (look: typeof io.fs.stat): typeof io.fs.stat => async (path) => {
      const info = await look(path);
      return info && { ...info, birthtimeMs: null };
    };
    const fs = { ...io.fs, stat: strip(io.fs.stat), lstat: strip(io.fs.lstat) };
    await Deno.writeTextFile(`${root}/old.xml`, "x");
    await Deno.utime(`${root}/old.xml`, new Date(), new Date(Date.now() - 60_000));
    await io.sleep(1_100);
    const before = await lookAt(root, { ...io, fs });
    await act(root);
    const found = await findReport({ ...io, fs }, root, before, false);
    state = "state" in found ? found.state : "found";
  });
  return state;
}

Deno.test("where no file knows when it was made, an old one is known by its names and its other times", async () => {
  const { link, rename, utime, writeTextFile } = Deno;
  const now = () => new Date(Date.now() + 10);
  assertEquals(
    await Promise.all([
      withoutBirth((root) => writeTextFile(`${root}/r.xml`, "x")),
      withoutBirth((root) => rename(`${root}/old.xml`, `${root}/r.xml`)),
      withoutBirth(async (root) => {
        await link(`${root}/old.xml`, `${root}/r.xml`);
        await utime(`${root}/old.xml`, now(), now());
      }),
      withoutBirth(async (root) => {
        await Deno.symlink(`${root}/old.xml`, `${root}/r.xml`);
      }),
    ]),
    ["found", "stale", "stale", "stale"],
  );
});

Deno.test("a report that cannot be moved away is stale unless it is written over", () =>
  inRoot(async (root) => {
    const rename = () => Promise.reject(Object.assign(new Error("busy"), { code: "EBUSY" }));
    const world = { ...io, fs: { ...io.fs, rename } };
    await Deno.writeTextFile(`${root}/r.xml`, "x");
    const state = async (act: () => Promise<void>) => {
      const before = await lookAt(root, world);
      assert(!before.moved);
      await io.sleep(20);
      await act();
      const found = await findReport(world, root, before, false);
      return "state" in found ? found.state : "found";
    };
    assertEquals(await state(() => Promise.resolve()), "stale");
    assertEquals(await state(() => Deno.utime(`${root}/r.xml`, new Date(), new Date())), "stale");
    assertEquals(await state(() => Deno.writeTextFile(`${root}/r.xml`, "x")), "stale");
    assertEquals(await state(() => Deno.writeTextFile(`${root}/r.xml`, "y")), "found");
  }));

/** A machine that has no launcher: what a command leaves behind is found late, or never. */
const unlaunched = { world: { arch: "riscv64" } };

function reportOf(command: string, place = 'result_file = "r.tap"') {
  const report = `kind = "test"\nformat = "tap"\n${place}`;
  const files = { "made.tap": "1..1\nok 1\n", "bad.tap": "1..1\nnot ok 1\n" };
  return attemptWith([], `cmd = '${command}'\n${report}`, { ...unlaunched, files });
}

Deno.test("without a launcher, what is written after the command ended is no report", async () => {
  const late = 'setsid sh -c "sleep 0.2; cp made.tap r.tap" & sleep 0.1;';
  const { verdict, reasons } = await reportOf(`${late} exit 0`);
  assertEquals([verdict, reasons[0]!.code], ["unknown", "report_overwritten"]);
  assertStringIncludes(reasons[0]!.message, "r.tap");
  assertEquals((await reportOf(`cp made.tap r.tap; ${late} exit 0`)).verdict, "unknown");
  assertEquals((await reportOf(`${late} wait; exit 0`)).verdict, "pass");
  assertEquals((await reportOf("sleep 0.1; cp made.tap r.tap; sleep 5 &")).verdict, "pass");
  const printed = 'setsid sh -c "sleep 0.15; cat made.tap" & sleep 0.1;';
  assertEquals((await reportOf(`${printed} exit 0`, "")).reasons[0]!.code, "report_overwritten");
  assertEquals((await reportOf(`${printed} wait`, "")).verdict, "pass");
  assertEquals((await reportOf("cat made.tap; sleep 5 &", "")).verdict, "pass");
});
