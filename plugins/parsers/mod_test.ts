import { assert, assertEquals } from "@std/assert";
import { context } from "../../tests/parsing.ts";
import { parsers } from "./mod.ts";

Deno.test("every format has one parser, and exit-code has none", () => {
  assertEquals(parsers.map(({ format }) => format), [
    "junit-xml",
    "pytest-json-report",
    "rspec-json",
    "generic-json",
    "tap",
    "jest-json",
    "mocha-json",
    "go-test-json",
    "sarif",
    "eslint-json",
    "stylelint-json",
    "rubocop-json",
    "deno-lint-json",
    "golangci-json",
    "shellcheck-json",
    "cargo-json",
    "trx",
    "nunit-xml",
    "text",
  ]);
  assert(parsers.every(({ description }) => description.length > 10));
});

Deno.test("an empty report never ends, whatever its format", async () => {
  for (const { format, parse } of parsers) {
    if (format === "text") continue;
    for (const text of ["", " \n\n"]) {
      const events = (await Array.fromAsync(parse(new Blob([text]).stream(), context))).flat();
      const [event] = events;
      assertEquals(events.length, 1, format);
      assert(event?.kind === "broken", format);
    }
  }
});
