import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { UserError, UserErrors } from "../errors.ts";
import { describeError } from "./error.ts";

const plain = { json: false, color: false, version: "1.2.3" };

const wrong = new UserError('Cannot read a.json: line 7: unknown key "detectfile"', {
  code: "config_invalid",
  hint: 'did you mean "detect_file"?',
  file: "a.json",
  line: 7,
  key: "runners[0].detectfile",
});

Deno.test("an error of the user's: what, and what to do", () => {
  assertEquals(
    describeError(wrong, plain),
    'error: Cannot read a.json: line 7: unknown key "detectfile"\n' +
      '  hint: did you mean "detect_file"?\n',
  );
});

Deno.test("several errors are reported one after the other", () => {
  const text = describeError(new UserErrors([wrong, new UserError("second")]), plain);
  assertEquals(text.split("\n").length, 4);
  assert(text.endsWith("error: second\n"));
});

Deno.test("a bug of ours shows its stack and asks to be reported", () => {
  const text = describeError(new TypeError("x is undefined"), plain);
  assertStringIncludes(text, "error: assay 1.2.3 failed");
  assertStringIncludes(text, "error_test.ts");
  assertStringIncludes(describeError("thrown", plain), "thrown");
});

Deno.test("as JSON: one object with code, place and hint", () => {
  assertEquals(JSON.parse(describeError(wrong, { ...plain, json: true })), {
    error: {
      code: "config_invalid",
      message: wrong.message,
      hint: 'did you mean "detect_file"?',
      file: "a.json",
      line: 7,
      key: "runners[0].detectfile",
    },
  });
});

Deno.test("as JSON: several errors are all there", () => {
  const errors = new UserErrors([wrong, new UserError("second")]);
  const { error } = JSON.parse(describeError(errors, { ...plain, json: true }));
  assertEquals(error.errors.length, 2);
  assertEquals(error.errors[0].line, 7);
  assertStringIncludes(error.message, "second");
});

Deno.test("as JSON: a bug of ours", () => {
  const { error } = JSON.parse(describeError(new Error("x"), { ...plain, json: true }));
  assertEquals([error.code, error.message], ["internal", "x"]);
});

Deno.test("escape sequences in what the user wrote are not handed to the terminal", () => {
  const evil = new UserError("no \x1b[2Jfile\x07", { hint: "a\nb\x1b]0;title\x07" });
  assertEquals(describeError(evil, plain), "error: no file\n  hint: a b\n");
});
