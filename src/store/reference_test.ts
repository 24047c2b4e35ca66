import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { UserError } from "../errors.ts";
import { formatReference, parseReference } from "./reference.ts";
import type { Reference } from "./types.ts";

const run = "01ARYZ6S41TSV4RRFFQ69G5FAV";

const readings: readonly (readonly [string, Reference])[] = [
  ["test:12:3", { form: "serial", name: "test", serial: 12, event: 3 }],
  ["test:12", { form: "serial", name: "test", serial: 12 }],
  ["test", { form: "newest", name: "test", back: 1 }],
  ["~1", { form: "newest", back: 1 }],
  ["~2", { form: "newest", back: 2 }],
  ["~1:7", { form: "newest", back: 1, event: 7 }],
  ["test:~2", { form: "newest", name: "test", back: 2 }],
  ["test:~1:3", { form: "newest", name: "test", back: 1, event: 3 }],
  ["@failed", { form: "failed" }],
  ["@failed:2", { form: "failed", event: 2 }],
  [run, { form: "run", runId: run }],
  [run.toLowerCase(), { form: "run", runId: run }],
  ["01ARYZ", { form: "run", runId: "01ARYZ" }],
  ["01ARYZ:~1", { form: "newest", name: "01ARYZ", back: 1 }],
  ["npm/unit-tests_2.x:4", { form: "serial", name: "npm/unit-tests_2.x", serial: 4 }],
  ["prüfung:1", { form: "serial", name: "prüfung", serial: 1 }],
  ["decade", { form: "newest", name: "decade", back: 1 }],
  ["2fast2", { form: "newest", name: "2fast2", back: 1 }],
];

for (const [text, reference] of readings) {
  Deno.test(`reference ${text} is read`, () => {
    assertEquals(parseReference(text), reference);
  });
}

const mistakes: readonly (readonly [string, RegExp])[] = [
  ["", /empty/],
  ["test:0", /"0" is not a valid serial.*from 1/],
  ["test:-1", /"-1" is not a valid serial/],
  ["test:1.5", /not a valid serial/],
  ["test:", /"" is not a valid serial/],
  ["test:12:0", /not a valid event/],
  ["test:12:x", /not a valid event/],
  ["test:12:3:4", /more parts/],
  ["~0", /not a valid step back/],
  ["~", /not a valid step back/],
  ["~x", /not a valid step back/],
  ["@newest", /"@newest" is unknown; use @failed/],
  ["a b", /not a valid name/],
  [":3", /"" is not a valid name/],
  ["test:99999999999999999999", /not a valid serial/],
];

for (const [text, why] of mistakes) {
  Deno.test(`reference "${text}" is refused, and the message says how to write one`, () => {
    const error = assertThrows(() => parseReference(text), UserError);
    assertMatch(error.message, why);
    assertStringIncludes(error.hint ?? "", "test:12:3");
  });
}

const count = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const event = fc.option(count, { nil: undefined }).map((event) =>
  event === undefined ? {} : { event }
);
const name = fc.stringMatching(/^[a-zA-Z0-9_.\-/éß]{1,20}$/);
const reference: fc.Arbitrary<Reference> = fc.oneof(
  fc.tuple(name, count, event).map(([name, serial, event]) => (
    { form: "serial" as const, name, serial, ...event }
  )),
  fc.tuple(name, count, event).map(([name, back, event]) => (
    { form: "newest" as const, name, back, ...event }
  )),
  fc.tuple(count, event).map(([back, event]) => ({ form: "newest" as const, back, ...event })),
  event.map((event) => ({ form: "failed" as const, ...event })),
  fc.stringMatching(/^0[0-9A-HJKMNP-TV-Z]{5,25}$/).map((runId) => ({
    form: "run" as const,
    runId,
  })),
);

Deno.test("a reference that was written is read as the same one", () => {
  fc.assert(fc.property(reference, (given) => {
    assertEquals(parseReference(formatReference(given)), given);
  }));
});

Deno.test("any text is a reference or a UserError", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    try {
      const read = parseReference(text);
      assertEquals(parseReference(formatReference(read)), read);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }));
});
