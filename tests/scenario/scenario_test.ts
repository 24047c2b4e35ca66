import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { unmet } from "./conditions.ts";
import { checkJson, valueAt } from "./json_path.ts";
import { parseScenario, wordsOf } from "./parse.ts";
import { runScenario, ScenarioError } from "./run.ts";

const run = (lines: string) => runScenario(parseScenario(`# Self-test\n${lines}`), "self.txt");

Deno.test("scenario: comments, conditions, steps and files are distinguished", () => {
  const scenario = parseScenario(
    "# Name\n# more\n[root] [!tool:git]\n\n! exec false # why\nexit 1\n-- a/b --\none\n\n-- c --\n",
  );
  assertEquals(scenario.title, "Name");
  assertEquals(scenario.conditions, ["root", "!tool:git"]);
  assertEquals(scenario.steps.map(({ line, prefix }) => [line, prefix]), [[5, "!"], [6, ""]]);
  assertEquals(scenario.steps[0]?.words.length, 2);
  assertEquals(scenario.files, [{ path: "a/b", text: "one\n" }, { path: "c", text: "\n" }]);
});

Deno.test("scenario: quotes keep blanks, dollars and hashes", () => {
  const texts = wordsOf("sh -c 'echo $A ''# no''' a'b c'").map((word) =>
    word.map(({ text }) => text).join("")
  );
  assertEquals(texts, ["sh", "-c", "echo $A '# no'", "ab c"]);
  assertThrows(() => wordsOf("echo 'open"), Error, "not closed");
});

Deno.test("scenario: paths into JSON", () => {
  const document = { gates: [{ id: "a", n: 1 }, { id: "b", n: 2 }], x: { "y": null } };
  assertEquals(valueAt(document, "gates[id=b].n"), 2);
  assertEquals(valueAt(document, "gates[-1].id"), "b");
  assertEquals(valueAt(document, "gates[*].n"), [1, 2]);
  assertEquals(valueAt(document, "gates.length"), 2);
  assertEquals(valueAt(document, "x.y"), null);
  assertEquals(valueAt(document, "x.y.z"), undefined);
  assertEquals(valueAt(document, "."), document);
});

Deno.test("scenario: JSON checks hold and fail", () => {
  const document = { a: "ready", n: 3, list: ["x", "y"] };
  for (const right of ["a == ready", "n > 2", "list contains x", "a matches ^re", "b absent"]) {
    checkJson(document, right.split(" "));
  }
  for (
    const wrong of ["a == read", "n > 3", "list contains z", "a matches ^x", "b != 1", "b > 0"]
  ) {
    assertThrows(() => checkJson(document, wrong.split(" ")), Error, "not");
  }
});

Deno.test("scenario: a step that does not hold fails with its line and the transcript", async () => {
  const error = await assertRejects(() => run("exec echo hello\nstdout bye"), ScenarioError);
  assertStringIncludes(error.message, "self.txt:3: stdout bye");
  assertStringIncludes(error.message, "> exec echo hello\n[stdout]\nhello\n[exit 0]");
});

Deno.test("scenario: every kind of wrong step fails", async () => {
  const wrong = [
    "exec false",
    "! exec true",
    "exec sh -c 'exit 3'",
    "? exec sh -c 'exit 3'\nexit 4",
    "exec echo a\n! stdout a",
    "exec echo a\nstderr a",
    "exists none",
    "! exists .",
    "cmp a b\n-- a --\n1\n-- b --\n2",
    "exec echo $NOT_SET",
    "replace a x y\n-- a --\n1",
    "no-such-command",
    "background x exec sh -c 'exit 5'\nwait x",
    "wait x",
  ];
  for (const script of wrong) await assertRejects(() => run(script), ScenarioError);
});

Deno.test("scenario: commands see the files, variables and input they were given", () =>
  run(
    "env NAME=value\nexec sh -c 'echo \"$NAME\"; pwd'\nstdout ^value$\nstdout $WORK\n" +
      "stdin a\nexec cat\ncmp stdout a\ncp stdout b\ncmp a b\nmv b c\n! exists b\n" +
      "mkdir d\ncd d\nexec pwd\nstdout /d$\ncd ..\nappend a more\nexec cat a\nstdout more\n" +
      "background s exec sleep 60\nkill s SIGKILL\n! wait s\n" +
      'exec echo {"k":"v"}\nlet K k\nexec echo $K\nstdout ^v$\n-- a --\nfirst\n',
  ));

Deno.test("scenario: an unmet condition says what is missing", () => {
  assertEquals(unmet(["tool:sh"]), undefined);
  assertEquals(unmet(["tool:no-such-tool"]), "needs no-such-tool on PATH");
  assertEquals(unmet(["!tool:sh"]), "not where it needs sh on PATH");
  assertThrows(() => unmet(["moon"]), Error, "unknown condition");
});
