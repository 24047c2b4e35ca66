import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Line, linesOf } from "./_lines.ts";

async function lines(chunks: readonly Uint8Array[], limit?: number): Promise<Line[]> {
  return (await Array.fromAsync(linesOf(ReadableStream.from(chunks), limit))).flat();
}

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("lines end with \\n or \\r\\n; the last may lack its end", async () => {
  assertEquals(await lines([bytes("\ufeffa\r\n\nb")]), [
    { text: "a", number: 1, ended: true, cut: false },
    { text: "", number: 2, ended: true, cut: false },
    { text: "b", number: 3, ended: false, cut: false },
  ]);
  assertEquals(await lines([]), []);
  assertEquals((await lines([bytes("a\n")])).length, 1);
});

Deno.test("a long line is cut, and those after it are whole", async () => {
  const found = await lines([bytes("abc"), bytes("defg"), bytes("hijkl\nok\n")], 5);
  assertEquals(found.map(({ text, cut }) => [text, cut]), [["abcde", true], ["ok", false]]);
});

Deno.test("the chunks do not matter, even within a character", async () => {
  const chunked = fc.tuple(
    fc.string({ unit: fc.constantFrom("é", "😀", "\n", "\r", "x") }),
    fc.nat(5),
  );
  await fc.assert(fc.asyncProperty(chunked, async ([text, size]) => {
    const whole = bytes(text);
    const chunks = [];
    for (let at = 0; at < whole.length; at += size + 1) chunks.push(whole.slice(at, at + size + 1));
    assertEquals(await lines(chunks), await lines([whole]));
  }));
});
