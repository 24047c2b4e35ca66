import { assert, assertEquals } from "@std/assert";
import { eventLines, type Parse, read, sharedCorpus, tally } from "../../tests/parsing.ts";
import { denoLint, eslint, golangci, rubocop, shellcheck, stylelint } from "./linters_json.ts";
import { parse as sarif } from "./sarif.ts";

Deno.test("nothing to complain of is a report that ends", async () => {
  const clean: [Parse, string][] = [
    [eslint, '[{"filePath": "a.js", "messages": [], "errorCount": 0}]'],
    [stylelint, '[{"source": "a.css", "warnings": [], "errored": false}]'],
    [
      rubocop,
      '{"files": [{"path": "a.rb", "offenses": []}], ' +
      '"summary": {"offense_count": 0, "target_file_count": 1, "inspected_file_count": 1}}',
    ],
    [denoLint, '{"version": 1, "diagnostics": [], "errors": []}'],
    [golangci, '{"Issues": null, "Report": {}}'],
    [golangci, '{"Issues": []}'],
    [shellcheck, "[]"],
    [shellcheck, '{"comments": []}'],
  ];
  for (const [parse, text] of clean) assertEquals(await eventLines(parse, text), ["end"], text);
});

const noFile = "the report lists no file; with --quiet ESLint leaves out the clean ones";

const ignoredFile = (file: string) => ({
  filePath: file,
  messages: [{
    ruleId: null,
    fatal: false,
    severity: 1,
    message: "File ignored because of a matching ignore pattern.",
  }],
  errorCount: 0,
  warningCount: 1,
});

Deno.test("a linter whose report says that it looked at nothing is reported as such", async () => {
  const counts = '"offense_count": 0, "target_file_count": 0, "inspected_file_count": 0';
  const ignored = JSON.stringify([ignoredFile("a.js"), ignoredFile("b.js")]);
  const idle: [Parse, string, string][] = [
    [eslint, "[]", noFile],
    [eslint, "\n> lint\n> eslint --format json\n\n[]\n", noFile],
    [eslint, ignored, "File ignored because of a matching ignore pattern."],
    [eslint, `${ignored}\n[]`, "File ignored because of a matching ignore pattern."],
    [stylelint, "[]", "the report lists no file"],
    [stylelint, '[{"source": "a.css", "warnings": [], "ignored": true}]', "a.css is ignored"],
    [rubocop, `{"files": [], "summary": {${counts}}}`, "RuboCop inspected 0 files"],
    [rubocop, '{"files": [], "summary": {}}', "RuboCop inspected 0 files"],
    [sarif, '{"version": "2.1.0", "runs": []}', "the log contains no run"],
  ];
  for (const [parse, text, sentence] of idle) {
    assertEquals((await eventLines(parse, text)).slice(-2), [
      `nothing_checked: ${sentence}`,
      "end",
    ]);
  }
});

Deno.test("ignored files do not matter if another was checked", async () => {
  const clean = { filePath: "c.js", messages: [] };
  const looked: [Parse, unknown][] = [
    [eslint, [ignoredFile("a.js"), clean]],
    [eslint, [{
      ...ignoredFile("a.js"),
      messages: [{ severity: 1, message: "File ignored here" }, {
        severity: 1,
        ruleId: "a",
        message: "b",
      }],
    }]],
    [eslint, [{
      filePath: "a.js",
      messages: [{ severity: 1, ruleId: "r", message: "File ignored " }],
    }]],
    [stylelint, [{ source: "a.css", warnings: [], ignored: true }, {
      source: "b.css",
      warnings: [],
    }]],
    [rubocop, { files: [{ path: "a.rb", offenses: [] }], summary: {} }],
  ];
  for (const [parse, document] of looked) {
    const events = await read(parse, JSON.stringify(document));
    assertEquals(
      events.filter(({ kind }) => kind === "nothing_checked"),
      [],
      JSON.stringify(document),
    );
    assertEquals(events.at(-1)!.kind, "end");
  }
});

Deno.test("counts that a report does not show are an error, either way", async () => {
  const offense = { severity: "convention", message: "m" };
  const rows: [Parse, unknown, string | undefined][] = [
    [eslint, [{ filePath: "a", messages: [], warningCount: 1 }], "0 errors and 1 warnings"],
    [eslint, [{ filePath: "a", messages: [], fatalErrorCount: 1 }], "1 errors and 0 warnings"],
    [eslint, [ignoredFile("a.js")], undefined],
    [
      rubocop,
      { files: [{ path: "a", offenses: [] }], summary: { offense_count: 1 } },
      "1 offenses",
    ],
    [
      rubocop,
      { files: [{ path: "a", offenses: [offense] }], summary: { offense_count: 0 } },
      "0 off",
    ],
    [
      rubocop,
      { files: [{ path: "a", offenses: [offense] }], summary: { offense_count: 1 } },
      undefined,
    ],
    [
      rubocop,
      { files: [], summary: { target_file_count: 1, inspected_file_count: 1 } },
      "1 inspected",
    ],
  ];
  for (const [parse, document, expected] of rows) {
    const errors = (await eventLines(parse, JSON.stringify(document))).filter((line) =>
      line.startsWith("suite_error")
    );
    assertEquals(errors.length, expected === undefined ? 0 : 1, JSON.stringify(document));
    if (expected !== undefined) assert(errors[0]!.includes(`counts ${expected}`), errors[0]);
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
      { files: [{ path: "a", offenses: [{ severity: "bad", message: "" }] }], summary: {} },
      "severity must be one of",
    ],
    [rubocop, { summary: {} }, "files must be an array"],
    [rubocop, { files: [] }, "summary must be an object"],
    [denoLint, { diagnostics: [] }, "errors must be an array"],
    [denoLint, { diagnostics: [{}], errors: [] }, "diagnostics[0].message must be a string"],
    [golangci, { Report: {} }, "Issues must be an array or null"],
    [golangci, { Issues: [{ Text: "a", Severity: 1 }] }, "Severity must be a string"],
    [shellcheck, { comments: [{ file: "a", level: "odd", message: "" }] }, "level must be one of"],
    [shellcheck, {}, "comments must be an array"],
  ];
  for (const [parse, document, expected] of wrong) {
    const last = (await eventLines(parse, JSON.stringify(document))).at(-1)!;
    assert(last.startsWith("broken malformed") && last.includes(expected), last);
  }
});

Deno.test("a list of ESLint's is not found inside other brackets", async () => {
  const clean = '[{"filePath": "a.js", "messages": []}]';
  assertEquals(
    (await eventLines(eslint, "> eslint [all]\n"))[0]!.includes("contains no report"),
    true,
  );
  const blank = "\n".repeat(300_000);
  assertEquals(await eventLines(eslint, `${blank}${clean}${blank}`), ["end"]);
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
      // It was made by hand: it counts 15 inspected files of 3 and lists 3.
      [rubocop, "rubocop_output.json", "error 1, suite_error 1, warning 5, end"],
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
