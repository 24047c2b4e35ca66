import { assertEquals, assertThrows } from "@std/assert";
import { withFolder } from "../../tests/support.ts";
import { UserError } from "../errors.ts";
import { realIo } from "../real_io.ts";
import { LinesFile } from "./write.ts";

Deno.test("a line is in the file as soon as it was added", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/events/a.jsonl`;
    const file = await LinesFile.open(realIo(), path);
    for (const line of ["1\n", "zwölf\n"]) file.append(line);
    assertEquals(await Deno.readTextFile(path), "1\nzwölf\n");
    assertEquals(file.size, (await Deno.stat(path)).size);
    file.close();
  });
});

Deno.test("a line that could not be written is reported when the file is closed", () => {
  let writes = 0;
  const full = Object.assign(new Error("No space left on device"), { code: "ENOSPC" });
  const writeNow = () => {
    if (++writes === 2) throw full;
  };
  const file = new LinesFile("a.jsonl", { writeNow, write: () => Promise.resolve(), close() {} });
  for (const line of ["1\n", "2\n", "3\n"]) file.append(line);
  const error = assertThrows(() => file.close(), UserError);
  assertEquals(error.code, "store_full");
  assertEquals(writes, 2, "nothing is written after a gap");
});
