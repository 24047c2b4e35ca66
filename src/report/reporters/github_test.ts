import { assertEquals } from "@std/assert";
import { aDiagnosis, aRun } from "../../../tests/records.ts";
import { render } from "./github.ts";
import { aReport } from "./_testing.ts";
import type { RunReport } from "./types.ts";

function commandsFor(part: Partial<RunReport>): string[] {
  return [...render(aReport({ run: aRun({ recommendation: "continue_fixing" }), ...part }))].join(
    "",
  ).split("\n").slice(0, -1);
}

Deno.test("what a test says starts no command of its own and ends none", () => {
  const [, line] = commandsFor({
    diagnoses: [
      aDiagnosis({
        file: "a,b:c%.ts",
        line: 3,
        column: 2,
        title: "100% of a,b:c\r\n::error file=x::y",
        task: "x".repeat(3),
        excerpt: "> 3 | a\r\n::set-env name=x::y",
      }),
    ],
  });
  assertEquals(
    line,
    "::error file=a%2Cb%3Ac%25.ts,line=3,col=2,title=100%25 of a%2Cb%3Ac %3A%3Aerror file=x%3A%3Ay" +
      "::100%25 of a,b:c ::error file=x::y%0A> 3 | a%0A::set-env name=x::y%0Axxx%0Adeno_test:1:1",
  );
});

Deno.test("a range of several lines has no columns, and a file outside the project no annotation", () => {
  const range = { file: "a.ts", line: 3, column: 2, end_line: 5, end_column: 9 };
  const outside = { file: "/etc/passwd", line: 1 };
  const [, one, two] = commandsFor({
    diagnoses: [aDiagnosis({ ...range, title: "t" }), aDiagnosis({ ...outside, title: "t" })],
  });
  assertEquals(one!.split("::")[1], "error file=a.ts,line=3,endLine=5,title=t");
  assertEquals(two!.split("::")[1], "error title=t");
  assertEquals(two!.includes("/etc/passwd:1"), true);
});

Deno.test("the verdict comes first, and fifty problems are enough", () => {
  const diagnoses = Array.from({ length: 53 }, (_, index) => aDiagnosis({ title: `t${index}` }));
  const lines = commandsFor({ diagnoses });
  assertEquals(lines.length, 52);
  assertEquals(lines[0]!.startsWith("::error title=assay verify::FAILED"), true);
  assertEquals(lines[51], "::warning title=assay::… and 3 more: assay diagnose");
});
