import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { UserError } from "../errors.ts";
import {
  fillPlaceholders,
  fillTemplate,
  placeholderProblems,
  templateParameters,
} from "./placeholders.ts";

const values = { run_id: "01ABC", run_dir: ".assay/runs/01ABC", result_file: "out.xml" };

Deno.test("every spelling of a placeholder is filled, and nothing else is touched", () => {
  assertEquals(
    fillPlaceholders("{{run_id}} {{ run_dir }} {{result_file}} <run_id> <id>", values),
    "01ABC .assay/runs/01ABC out.xml 01ABC 01ABC",
  );
  const untouched = "${HOME} ${run_id} {run_id} {{.Names}} {{}} <ID> <x> awk '{print $1}' {{1}}";
  assertEquals(fillPlaceholders(untouched, values), untouched);
});

Deno.test("an unknown placeholder is an error with what was meant", () => {
  assertEquals(
    placeholderProblems("cmd", "{{run_idd}} {{run_id}} {{nothing}}").map(({ message }) => message),
    [
      'unknown placeholder {{run_idd}}; did you mean "run_id"?',
      "unknown placeholder {{nothing}}; known are {{run_id}}, {{run_dir}}, {{result_file}}, {{files}}",
    ],
  );
  assertThrows(() => fillPlaceholders("{{nothing}}", values), UserError, "{{nothing}}");
  assertThrows(() => fillPlaceholders("{{constructor}}", values), UserError, "{{constructor}}");
});

Deno.test("property: text around placeholders stays, and what is filled in is not read again", () => {
  const plain = fc.string().map((text) => text.replaceAll(/[<{}>]/g, ""));
  const tricky = fc.oneof(fc.string(), fc.constantFrom("{{run_id}}", "<id>", "$&", "$1", "{{x}}"));
  fc.assert(fc.property(plain, plain, tricky, tricky, (before, after, id, file) => {
    const filled = fillPlaceholders(`${before}{{run_id}}${after}{{result_file}}<id>`, {
      run_id: id,
      run_dir: "d",
      result_file: file,
    });
    assertEquals(filled, `${before}${id}${after}${file}${id}`);
  }));
});

Deno.test("templates take values of the command line, else defaults", () => {
  const template = "run {path} {flags} ${HOME} {{run_id}} {path}";
  assertEquals(templateParameters(template), ["path", "flags"]);
  assertEquals(
    fillTemplate(template, { path: "src", flags: "-v" }, { flags: "-q {path}" }),
    "run src -q {path} ${HOME} {{run_id}} src",
  );
  assertThrows(() => fillTemplate(template, { path: "x" }, {}), UserError, '"flags" has no value');
  assertThrows(
    () => fillTemplate(template, {}, { flag: "x" }),
    UserError,
    'Unknown parameter "flag"; did you mean "flags"?',
  );
});
