import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Parse, read, sharedCorpus, tally, told } from "../../tests/parsing.ts";
import { parse as denoLint } from "./deno_lint_json.ts";
import { parse as eslint } from "./eslint_json.ts";
import { parse as golangci } from "./golangci_json.ts";
import { parse as rubocop } from "./rubocop_json.ts";
import { parse as sarif } from "./sarif.ts";
import { parse as shellcheck } from "./shellcheck_json.ts";
import { parse as stylelint } from "./stylelint_json.ts";

Deno.test("nothing to complain of is a report that ends", async () => {
  const clean: [Parse, string][] = [
    [eslint, '[{"filePath": "a.js", "messages": [], "errorCount": 0}]'],
    [stylelint, '[{"source": "a.css", "warnings": [], "errored": false}]'],
    [
      rubocop,
      '{"files": [], "summary": {"offense_count": 0, "target_file_count": 1, "inspected_file_count": 1}}',
    ],
    [denoLint, '{"version": 1, "diagnostics": [], "errors": []}'],
    [golangci, '{"Issues": null, "Report": {}}'],
    [golangci, '{"Issues": []}'],
    [shellcheck, "[]"],
    [shellcheck, '{"comments": []}'],
  ];
  for (const [parse, text] of clean) assertEquals(await told(parse, text), ["end"], text);
});

Deno.test("a linter that looked at nothing proves nothing", async () => {
  const counts = '"offense_count": 0, "target_file_count": 0, "inspected_file_count": 0';
  const idle: [Parse, string][] = [
    [eslint, "[]"],
    [eslint, "\n> lint\n> eslint --format json\n\n[]\n"],
    [stylelint, "[]"],
    [rubocop, `{"files": [], "summary": {${counts}}}`],
    [rubocop, '{"files": []}'],
    [sarif, '{"version": "2.1.0", "runs": []}'],
  ];
  for (const [parse, text] of idle) {
    const events = await told(parse, text);
    assertEquals(events.length, 1, text);
    assertMatch(events[0]!, /^broken malformed: the report .*nothing was (linted|analysed)$/);
  }
});

Deno.test("unknown severities and wrong types are malformed", async () => {
  const wrong: [Parse, unknown, string][] = [
    [
      eslint,
      [{ filePath: "a", messages: [{ severity: 3, message: "" }] }],
      "[0].messages[0].severity must be 1 (warning) or 2 (error)",
    ],
    [eslint, [{ filePath: "a", messages: [{ severity: "2", message: "" }] }], "severity must be 1"],
    [
      eslint,
      [{ filePath: "a", messages: [{ severity: 1, message: "", fatal: 1 }] }],
      "fatal must be true or false",
    ],
    [eslint, [{ filePath: "a" }], "[0].messages must be an array"],
    [eslint, [{ filePath: "a", messages: [], errorCount: "1" }], "errorCount must be an integer"],
    [eslint, { results: [] }, "the document must be an array"],
    [
      stylelint,
      [{ warnings: [{ severity: "fatal", text: "" }] }],
      "severity must be one of error, warning",
    ],
    [stylelint, [{ warnings: [], errored: "no" }], "errored must be true or false"],
    [stylelint, [{}], "warnings must be an array"],
    [
      rubocop,
      { files: [{ path: "a", offenses: [{ severity: "bad", message: "" }] }] },
      "severity must be one of",
    ],
    [rubocop, { summary: {} }, "files must be an array"],
    [denoLint, { diagnostics: [] }, "errors must be an array"],
    [denoLint, { diagnostics: [{}], errors: [] }, "diagnostics[0].message must be a string"],
    [golangci, { Report: {} }, "Issues must be an array or null"],
    [golangci, { Issues: [{ Text: "a", Severity: 1 }] }, "Severity must be a string"],
    [shellcheck, { comments: [{ file: "a", level: "odd", message: "" }] }, "level must be one of"],
    [shellcheck, {}, "comments must be an array"],
  ];
  for (const [parse, document, expected] of wrong) {
    const last = (await told(parse, JSON.stringify(document))).at(-1)!;
    assert(last.startsWith("broken malformed") && last.includes(expected), last);
  }
});

Deno.test("a list of ESLint's is not found inside other brackets", async () => {
  const clean = '[{"filePath": "a.js", "messages": []}]';
  assertEquals((await told(eslint, "> eslint [all]\n"))[0]!.includes("holds no report"), true);
  assertEquals(
    (await told(eslint, `x\n${clean}\ny\n${clean}`))[0]!.includes(
      "more than one report",
    ),
    true,
  );
  const blank = "\n".repeat(300_000);
  assertEquals(await told(eslint, `${blank}${clean}${blank}`), ["end"]);
});

Deno.test({
  name: `reports of other people's linters are read (${
    sharedCorpus ? "read" : "ASSAY_CORPUS is not set"
  })`,
  ignore: !sharedCorpus,
  async fn() {
    const reports: [Parse, string, string][] = [
      [eslint, "eslint_output.json", "error 5, warning 3, end"],
      [stylelint, "stylelint_output.json", "error 7, warning 8, end"],
      [rubocop, "rubocop_output.json", "error 1, warning 5, end"],
      [golangci, "golangci_lint.json", "error 1, warning 5, end"],
      [shellcheck, "shellcheck_output.json", "error 2, info 2, warning 3, end"],
    ];
    for (const [parse, name, expected] of reports) {
      assertEquals(
        tally(await read(parse, await Deno.readFile(`${sharedCorpus}/text/${name}`))),
        expected,
      );
    }
  },
});
