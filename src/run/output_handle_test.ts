import { assertEquals } from "@std/assert";
import { withFolder } from "../../tests/support.ts";
import type { OutputHandle } from "../plugin.ts";
import { realIo } from "../real_io.ts";
import { outputHandle } from "./output_handle.ts";

function withStream<T>(
  content: Uint8Array | string,
  body: (handle: OutputHandle) => Promise<T>,
): Promise<T> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/stdout`, bytes);
    const captured = { seen: 9e9, kept: bytes.length, truncated: true, abandoned: false };
    return await body(outputHandle(realIo(), `${folder}/stdout`, captured));
  });
}

Deno.test("a stream is read from the beginning, from a byte on, and from the end", () =>
  withStream("0123456789", async (handle) => {
    assertEquals([handle.bytes, handle.truncated], [10, true]);
    assertEquals(await handle.readText(), "0123456789");
    assertEquals(await handle.readText({ from: 3, bytes: 4 }), "3456");
    assertEquals(await handle.readText({ from: -3 }), "789");
    assertEquals(await handle.readText({ from: -30, bytes: 2 }), "01");
    assertEquals(await handle.readText({ from: 10 }), "");
    assertEquals(await handle.readText({ from: 99 }), "");
    assertEquals(await handle.readText({ bytes: 0 }), "");
    assertEquals(await handle.readText({ bytes: -1 }), "");
    assertEquals(await handle.readText({ from: NaN }), "");
    assertEquals(await handle.readText({ from: 1.5, bytes: 2.5 }), "12");
  }));

Deno.test("parts of any size make up the whole, and no character is torn", async () => {
  const text = "aü€😀\ufeff".repeat(7);
  await withStream(text, async (handle) => {
    for (let bytes = 1; bytes <= 9; bytes++) {
      let whole = "";
      for (let from = 0; from < handle.bytes; from += bytes) {
        whole += await handle.readText({ from, bytes });
      }
      assertEquals(whole, text);
    }
    assertEquals(await handle.readText({ from: -5, bytes: 5 }), "\ufeff");
  });
});

Deno.test("bytes that are not UTF-8 are replaced", () =>
  withStream(new Uint8Array([97, 255, 98]), async (handle) => {
    assertEquals(await handle.readText(), "a\ufffdb");
  }));

Deno.test("at most 1 MiB comes in one call", () =>
  withStream("x".repeat(1024 * 1024 + 5), async (handle) => {
    assertEquals((await handle.readText({ bytes: 1e9 })).length, 1024 * 1024);
    assertEquals((await handle.readText({ from: 1024 * 1024 })).length, 5);
  }));

Deno.test("a command that did not start left nothing", async () => {
  const captured = { seen: 0, kept: 0, truncated: false, abandoned: false };
  const handle = outputHandle(realIo(), "/no/such/file", captured);
  assertEquals(await handle.readText(), "");
});
