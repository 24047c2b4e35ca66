import { assertEquals, assertThrows } from "@std/assert";
import { readDotenv } from "./env.ts";

function read(text: string, env: Record<string, string> = {}) {
  const warnings: string[] = [];
  readDotenv(text, ".env", env, (message) => warnings.push(message));
  return { env, warnings };
}

const values: Readonly<Record<string, [string, Record<string, string>]>> = {
  "nothing": ["", {}],
  "comments and empty lines": ["# A=1\n\n  \n\t# B\nC=2", { C: "2" }],
  "several": ["A=1\nB=2\nA=3\n", { A: "3", B: "2" }],
  "export": ["export A=1\nexport\tB=2\n export C=3", { A: "1", B: "2", C: "3" }],
  "a name that begins with export": ["exported=1", { exported: "1" }],
  "blanks around the sign": ["A = 1 \nB\t=\t'2'", { A: "1", B: "2" }],
  "an empty value": ["A=\nB=''\nC=\"\"\nD= # none", { A: "", B: "", C: "", D: "" }],
  "blanks in a value": ["A= a  b \t", { A: "a  b" }],
  "signs in a value": ["A=b=c==\nURL=https://h/p?q=1#top", {
    A: "b=c==",
    URL: "https://h/p?q=1#top",
  }],
  "a comment after a value": ["A=1 # one\nB=#2\nC='3' # three\nD=\"4\"\t# four", {
    A: "1",
    B: "#2",
    C: "3",
    D: "4",
  }],
  "quotes inside": [`A=it's\nB="it's"\nC='say "a"'`, {
    A: "it's",
    B: "it's",
    C: 'say "a"',
  }],
  "single quotes are literal": ["A='$B ${C} \\n # x'", { A: "$B ${C} \\n # x" }],
  "escapes": [`A="a\\nb\\tc\\rd\\"e\\\\n\\$f\\\`g\\z"`, { A: 'a\nb\tc\rd"e\\n$f`g\\z' }],
  "a backslash without quotes": ["A=C:\\new\\table", { A: "C:\\new\\table" }],
  "several lines": ["A='1\n2'\nB=\"x\n\n# y\"\nC=3", { A: "1\n2", B: "x\n\n# y", C: "3" }],
  "line ends of Windows": ["\ufeffA=1\r\nB=\"x\r\ny\"\r\n\r\nC='z'\r\n", {
    A: "1",
    B: "x\ny",
    C: "z",
  }],
  "variables": ['A=1\nB=$A-${A}\nC="<$B>"\nD=${A}2$A_', {
    A: "1",
    B: "1-1",
    C: "<1-1>",
    D: "12",
  }],
  "no variables": ['A=\\$B\nB=a$\nC=$1\nD="$ {"', { A: "$B", B: "a$", C: "$1", D: "$ {" }],
  "a value with a dollar is not expanded again": ["A='$B'\nC=$A\nD=\"$A\"", {
    A: "$B",
    C: "$B",
    D: "$B",
  }],
  "names with dots and dashes": ["a.b-c=1", { "a.b-c": "1" }],
};

for (const [what, [text, expected]] of Object.entries(values)) {
  Deno.test(`.env: ${what}`, () => assertEquals(read(text).env, expected));
}

Deno.test(".env: variables stand for what was set before the file", () => {
  const { env, warnings } = read("PATH=/own:$PATH", { PATH: "/bin" });
  assertEquals(env, { PATH: "/own:/bin" });
  assertEquals(warnings, []);
});

Deno.test(".env: a variable that is not set is empty, and reported with its line", () => {
  const { env, warnings } = read('# one\nA="\n$B"\nC=${D}');
  assertEquals(env, { A: "\n", C: "" });
  assertEquals(
    warnings,
    [
      ".env:3: $B is not set, so it is empty",
      ".env:4: $D is not set, so it is empty",
    ],
  );
});

const errors: Readonly<Record<string, [string, string]>> = {
  "no sign": ["A=1\nsecret\n", ".env:2: expected NAME=VALUE"],
  "export without a value": ["export A", ".env:1: expected NAME=VALUE"],
  "a digit first": ["\n\n1A=2", ".env:3: expected NAME=VALUE"],
  "a name with blanks": ["A B=2", ".env:1: expected NAME=VALUE"],
  "an open single quote": ["A='1\nB=2\n", ".env:1: the quote is not closed"],
  "an open double quote": ['X=1\nA="1\\"\n', ".env:2: the quote is not closed"],
  "more after a quote": ["A='1'2", ".env:1: there is more after the closing quote"],
  "a hash right after a quote": ['A="1"#2', ".env:1: there is more after the closing quote"],
  "a default": ["A=1\nB=${C:-secret}", ".env:2: of ${…} only ${NAME} is known"],
  "an open brace": ['B="${C"', ".env:1: of ${…} only ${NAME} is known"],
  "an empty brace": ["B=${}", ".env:1: of ${…} only ${NAME} is known"],
};

for (const [what, [text, message]] of Object.entries(errors)) {
  Deno.test(`.env: ${what} is an error with file and line, and no value`, () => {
    assertEquals(assertThrows(() => read(text), Error).message, message);
  });
}

Deno.test(".env: a large file is read in no time", () => {
  const text = `${" \n".repeat(100_000)}A="${"x".repeat(1_000_000)}"\n`;
  assertEquals(read(text).env.A!.length, 1_000_000);
});
