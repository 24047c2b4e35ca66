import { assertEquals, assertRejects } from "@std/assert";
import { withFolder } from "../../tests/support.ts";
import { UserError } from "../errors.ts";
import type { FileWriter, Io } from "../io.ts";
import { realIo } from "../real_io.ts";
import { LinesFile } from "./write.ts";

/** An Io whose files are this writer. */
function ioWith(writer: FileWriter): Io {
  const real = realIo();
  return { ...real, fs: { ...real.fs, openWrite: () => Promise.resolve(writer) } };
}

Deno.test("lines are written in the order they came, however slow the disk", async () => {
  await withFolder(async (folder) => {
    const file = new LinesFile(realIo(), `${folder}/events`, `${folder}/events/a.jsonl`);
    const lines = Array.from({ length: 200 }, (_, index) => `${index}\n`);
    for (const line of lines) file.append(line);
    await file.close();
    assertEquals(await Deno.readTextFile(`${folder}/events/a.jsonl`), lines.join(""));
  });
});

Deno.test("a line that could not be written is reported when the file is closed", async () => {
  await withFolder(async (folder) => {
    let writes = 0;
    const full = Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
    const write = () => ++writes === 2 ? Promise.reject(full) : Promise.resolve();
    const file = new LinesFile(ioWith({ write, close() {} }), folder, `${folder}/a.jsonl`);
    for (const line of ["1\n", "2\n", "3\n"]) await file.append(line);
    const error = await assertRejects(() => file.close(), UserError);
    assertEquals(error.code, "store_full");
    assertEquals(writes, 2, "nothing is written after a gap");
  });
});

Deno.test("a writer that is faster than the disk waits", async () => {
  await withFolder(async (folder) => {
    const waiting: (() => void)[] = [];
    const write = () => new Promise<void>((resolve) => waiting.push(resolve));
    const file = new LinesFile(ioWith({ write, close() {} }), folder, `${folder}/a.jsonl`);
    const megabyte = "x".repeat(1024 * 1024);
    let asked: Promise<void> | void = undefined;
    let given = 0;
    while (asked === undefined) {
      asked = file.append(megabyte);
      given++;
    }
    assertEquals(given, 5);
    let waited = false;
    const done = asked.then(() => waited = true);
    await realIo().sleep(5);
    assertEquals(waited, false);
    const letGo = setInterval(() => waiting.shift()?.(), 1);
    await done;
    await file.close();
    clearInterval(letGo);
  });
});
