import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { marked } from "marked";
import { aDiagnosis, anAttempt, aRun } from "../../../tests/records.ts";
import { evilTexts } from "../../../tests/reporting/generated.ts";
import { block, code, markdownLimit, prose, render } from "./markdown.ts";
import { aReport } from "./_testing.ts";
import type { RunReport } from "./types.ts";

function markdownOf(part: Partial<RunReport>): string {
  return [...render(aReport({ ...part }))].join("");
}

Deno.test("nothing of others becomes markup: no HTML, link, mention, table cell or heading", () => {
  assertEquals(prose("<b>x</b> & y"), "&lt;b&gt;x&lt;/b&gt; &amp; y");
  assertEquals(
    prose("a|b *c* _d_ `e` [f](g) ~h~ $i$"),
    "a\\|b \\*c\\* \\_d\\_ \\`e\\` \\[f\\](g) \\~h\\~ \\$i\\$",
  );
  assertEquals(prose("@ada #12 https://x.org"), "@\u200bada #\u200b12 https://\u200bx.org");
  assertEquals([prose("- a"), prose("# a"), prose("1. a")], ["\\- a", "\\# a", "1\\. a"]);
  assertEquals(prose("a\n\n# b"), "a # b");
  assertEquals(code("a`b``c"), "```a`b``c```");
  assertEquals(code("`a|"), "`` `a\\| ``");
  assertEquals(block("a\n````\nb"), "`````text\na\n````\nb\n`````");
});

/** Elements that a page of assay's is made of: no link, no picture, no script. */
const ownTags = "h2 h3 p strong em ul li code pre table thead tbody tr th td details summary".split(
  " ",
);

Deno.test("whatever the texts are, HTML is assay's own and tables stay what they are", async () => {
  for (const text of evilTexts) {
    const run = aRun({
      recommendation: "continue_fixing",
      branch: text,
      warnings: [text],
      gates: [{ id: "test", status: "fail", score: 0, weight: 1, required: true, reason: text }],
      attempts: [
        anAttempt({ verdict: "fail", reasons: [{ code: "tests_failed", message: text }] }),
      ],
    });
    const shown = markdownOf({
      run,
      diagnoses: [aDiagnosis({ title: text, task: text, file: text, excerpt: text })],
    });
    const html = await marked.parse(shown, { gfm: true });
    const tags = Array.from(html.matchAll(/<\/?(\w+)/g), ([, tag]) => tag!);
    assertEquals(tags.filter((tag) => !ownTags.includes(tag)), [], html);
    assertEquals(html.match(/<h2>/g)?.length, 1);
    assertEquals([...html.matchAll(/<tr>/g)].length, 4, html);
    assertEquals([...html.matchAll(/<t[hd]>/g)].length, 16, html);
    assertEquals(
      html.match(/<code[^>]*class="language-text"/g)?.length ?? 0,
      text.trim() === "" ? 0 : 1,
    );
  }
});

Deno.test("what does not fit into 64 KiB is left out, and that is reported", () => {
  const diagnoses = Array.from(
    { length: 500 },
    (_, index) =>
      aDiagnosis({ title: `problem ${index} ${"ü".repeat(150)}`, excerpt: "€".repeat(1_000) }),
  );
  const shown = markdownOf({ run: aRun({ recommendation: "continue_fixing" }), diagnoses });
  const size = new TextEncoder().encode(shown).length;
  assert(size <= markdownLimit && size > markdownLimit / 2, String(size));
  const count = shown.match(/^problem /gm)!.length;
  assertStringIncludes(shown, `… and ${500 - count} more: \`assay diagnose\``);
  const many = Array.from(
    { length: 2_000 },
    (_, index) =>
      anAttempt({ name: `r${index}`, reasons: [{ code: "ok", message: "€".repeat(1_000) }] }),
  );
  const wide = markdownOf({ run: aRun({ attempts: many }), diagnoses });
  assert(new TextEncoder().encode(wide).length <= markdownLimit);
});
