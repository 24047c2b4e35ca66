import { assertEquals, assertThrows } from "@std/assert";
import { maxFilesBytes, wrappedOf } from "./wrapped.ts";

const inner = ["sh", "-c", "a && b > 'c d'"];

Deno.test("wrapped: an argv in front of the command, with or without files", () => {
  assertEquals(wrappedOf(inner, inner), { argv: inner });
  assertEquals(wrappedOf(["nice", ...inner], inner), { argv: ["nice", ...inner] });
  assertEquals(wrappedOf({ argv: ["nice", ...inner] }, inner), { argv: ["nice", ...inner] });
  const files = { "filter.bpf": new Uint8Array([1, 2]), empty: new Uint8Array(0) };
  assertEquals(wrappedOf({ argv: ["x", ...inner], files }, inner), {
    argv: ["x", ...inner],
    files,
  });
});

const dropped = "does not end with the argv it was given";
const noName = "is not a plain file name";
const withFile = (name: string, bytes = new Uint8Array(1)) => ({
  argv: inner,
  files: { [name]: bytes },
});

for (
  const [name, value, message] of [
    ["a NUL in it", ["a\0b", ...inner], "NUL"],
    ["a program without a name", ["", ...inner], "has no name"],
    ["another command", ["nice", "sh", "-c", "true"], dropped],
    ["the command and more", [...inner, "more"], dropped],
    ["the command as one text", ["sh", "-c", inner.join(" ")], dropped],
    ["a part of the command", inner.slice(1), dropped],
    ["a file outside", withFile("../a"), noName],
    ["a file by its path", withFile("/etc/passwd"), noName],
    ["the folder itself", withFile("."), noName],
    ["a folder above", withFile(".."), noName],
    ["a file that is an option", withFile("-a"), noName],
    ["a file without a name", withFile(""), noName],
    ["a name with a line's end", withFile("a\n"), noName],
    ["a name too long", withFile("a".repeat(101)), noName],
    ["files too large", withFile("a", new Uint8Array(maxFilesBytes + 1)), "bytes in all"],
    [
      "files too large together",
      {
        argv: inner,
        files: { a: new Uint8Array(maxFilesBytes), b: new Uint8Array(1) },
      },
      "bytes in all",
    ],
    [
      "too many files",
      {
        argv: inner,
        files: Object.fromEntries(
          Array.from({ length: 65 }, (_, i) => [`f${i}`, new Uint8Array()]),
        ),
      },
      "more than 64 files",
    ],
    ["too many arguments", [...Array(20_001).fill("a"), ...inner], "arguments"],
    ["arguments too long", ["a".repeat(2 ** 20 + 1), ...inner], "characters"],
  ] as const
) {
  Deno.test(`wrapped: ${name} is refused`, () => {
    assertThrows(() => wrappedOf(value, inner), TypeError, message);
  });
}

Deno.test("wrapped: a file as large as may be", () => {
  const { files } = wrappedOf(withFile("a", new Uint8Array(maxFilesBytes)), inner);
  assertEquals(files!.a!.length, maxFilesBytes);
});
