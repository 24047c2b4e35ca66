/**
 * What bash, zsh and fish offer after the scripts of `assay completions`: the shells themselves are asked, bash
 * and zsh at a pseudo-terminal, where a key inserts all that is offered and the shell then says what words it
 * reads. So what is checked is what somebody gets who types, quotes and all.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { verbs } from "../../src/cli/verbs.ts";
import { scenarioProgram } from "../scenario/program.ts";
import { isolatedEnv, isOnPath, run, testUnless, textOf, withFolder } from "../support.ts";

const files: Readonly<Record<string, string>> = {
  ".assay/commands.toml": `
[commands.unit]
cmd = "true"
description = "the unit: tests"

[commands.bad]
cmd = "false"

[commands.one]
tpl = "echo {name}"
defaults = { name = "." }
`,
  ".assay/plugins.json": JSON.stringify({
    name: "scenario",
    runners: [
      { id: "shape", kind: "lint", detect_file: "here.txt", command: "true" },
      { id: "absent", kind: "lint", detect_file: "nowhere.txt", command: "true" },
    ],
  }),
  "here.txt": "",
  "my report.xml": "<testsuites/>",
  "broken/.assay/config.toml": '[[plugin]]\nurl = "./my plugin.ts"\n',
  "broken/.assay/plugins.json": '{ "runners": [{ "id": "half", "unknown": true }] }',
};

/** The lines that are typed, and the words of the command line with all that is offered inserted. */
const cases: Readonly<Record<string, readonly string[]>> = {
  "assay ver": ["verify"],
  "assay completions z": ["completions", "zsh"],
  "assay help exit": ["help", "exit-codes"],
  "assay plugin up": ["plugin", "update"],
  "assay sandbox ": ["sandbox", "doctor", "explain"],
  "assay hook install pre-c": ["hook", "install", "pre-commit"],
  "assay gate --ex": ["gate", "--explain"],
  "assay verify --skip ": ["verify", "--skip", "build", "lint", "test"],
  "assay run --sandbox=read": ["run", "--sandbox=readonly"],
  "assay run --format rspec": ["run", "--format", "rspec-json"],
  "assay verify --only ": ["verify", "--only", "shape"],
  "assay explain --root . un": ["explain", "--root", ".", "unit"],
  "assay explain --root broken ha": ["explain", "--root", "broken", "half"],
  "assay inspect bad:": ["inspect", "bad:1"],
  "assay inspect @f": ["inspect", "@failed"],
  "assay diagnose \\~3": ["diagnose", "~3"],
  "assay run one na": ["run", "one", "name="],
  "assay plugin remove --root broken ./": [
    "plugin",
    "remove",
    "--root",
    "broken",
    "./my plugin.ts",
  ],
  "assay parse jun": ["parse", "junit-xml"],
  "assay parse junit-xml my": ["parse", "junit-xml", "my report.xml"],
  "assay schema plugin-r": ["schema", "plugin-remove"],
  "assay verify --reporter jun": ["verify", "--reporter", "junit"],
  "assay verify --reporter junit=my": ["verify", "--reporter", "junit=my report.xml"],
  "assay verify --reporter=junit=my": ["verify", "--reporter=junit=my report.xml"],
  "assay history --limit ": ["history", "--limit"],
  "assay plugin remove --allow-r": ["plugin", "remove", "--allow-r"],
  "assay plugin list x": ["plugin", "list", "x"],
  "assay run -- cksu": ["run", "--", "cksum"],
  "assay run -- cat my": ["run", "--", "cat", "my report.xml"],
  "assay verify --root brok": ["verify", "--root", "broken"],
};

/** A word that a quote is open in, and the word that Tab makes of it. */
const inQuotes: Readonly<Record<string, readonly string[]>> = {
  'assay plugin remove --root broken "./m': [
    "plugin",
    "remove",
    "--root",
    "broken",
    "./my plugin.ts",
  ],
  "assay explain 'un": ["explain", "unit"],
  'assay parse junit-xml "my r': ["parse", "junit-xml", "my report.xml"],
};

interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

async function withProject(body: (place: Place) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const env: Record<string, string> = { ...isolatedEnv(`${folder}/home`), TERM: "xterm" };
    const place = { cwd: `${folder}/project`, env: { ...env, PATH: `${folder}/bin:${env.PATH}` } };
    await Deno.mkdir(`${folder}/home`);
    await Deno.mkdir(`${folder}/bin`);
    const words = (await scenarioProgram()).map((word) => `'${word}'`).join(" ");
    await Deno.writeTextFile(`${folder}/bin/assay`, `#!/bin/sh\nexec ${words} "$@"\n`, {
      mode: 0o755,
    });
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(`${place.cwd}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${place.cwd}/${path}`, text);
    }
    for (const name of ["unit", "bad", "unit"]) await run(["assay", "run", name], place);
    const before = await listing(place);
    await body(place);
    assertEquals(await listing(place), before, "completing writes nothing");
  });
}

async function listing(place: Place): Promise<string> {
  return textOf((await run(["sh", "-c", "find . -type f -exec cksum {} + | sort"], place)).stdout);
}

/** The words a shell said it read, one list for each line that was typed. */
function saidBy(output: string): string[][] {
  return [...output.matchAll(/GOT((?:<[^<>]*>)+)/g)]
    .map(([, words]) => [...words!.matchAll(/<([^<>]*)>/g)].map(([, word]) => word!).slice(1));
}

function expected(lines: readonly string[], all: Readonly<Record<string, readonly string[]>>) {
  return Object.fromEntries(lines.map((line) => [line, sorted(all[line]!)]));
}

/** What is offered has no order that all shells keep, nor have all of them a slash after a folder. */
function sorted(words: readonly string[]): string[] {
  return words.map((word) => word.replace(/\/$/, "")).sort();
}

const show = `show() { printf GOT; printf '<%s>' "$@"; echo; }`;

testUnless(
  isOnPath("bash") && isOnPath("script") ? undefined : "needs bash, and script of util-linux",
  "bash completes verbs, options, names and references",
  () =>
    withProject(async (place) => {
      const typed = [
        ...Object.keys(cases).map((line) => `${line}\x1b*\x01show \n`),
        ...Object.keys(inQuotes).map((line) => `${line}\t\x01show \n`),
      ].join("");
      const start =
        `bind 'set enable-bracketed-paste off'; source <(assay completions bash); ${show}`;
      const { stdout } = await run(
        ["timeout", "60", "script", "-qec", "bash --norc --noprofile -i", "/dev/null"],
        { ...place, stdin: new TextEncoder().encode(`${start}\n${typed}exit\n`) },
      );
      check(saidBy(textOf(stdout).replaceAll("\r", "")));
    }),
);

testUnless(
  isOnPath("zsh") ? undefined : "needs zsh",
  "zsh completes verbs, options, names and references",
  () =>
    withProject(async (place) => {
      await Deno.writeTextFile(`${place.cwd}/../zsh_driver`, zshDriver);
      const typed = [
        ...Object.keys(cases).map((line) => `${line}\x07`),
        ...Object.keys(inQuotes).map((line) => `${line}\t`),
      ];
      const { stdout } = await run(
        ["timeout", "60", "zsh", "-f", "../zsh_driver", ...typed],
        place,
      );
      check(saidBy(textOf(stdout).replaceAll("\r", "")));
    }),
);

/** Types each line into a shell at a pseudo-terminal; Ctrl-G inserts all that is offered. */
const zshDriver = `
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z ${
  quoted([
    "PS1=; unsetopt prompt_cr prompt_sp; unset zle_bracketed_paste",
    "autoload -Uz compinit; compinit -D -u; source <(assay completions zsh)",
    "zle -C all complete-word _generic; bindkey '^G' all; LISTMAX=0",
    "zstyle ':completion:all::::' completer _all_matches _complete",
    "zstyle ':completion:all:*' insert true",
    show,
    "echo READY",
  ].join("; "))
}
while zpty -r z line; do [[ $line == READY* ]] && break; done
for typed in "$@"; do
  zpty -w -n z "$typed"$'\\x01show \\n'
  while zpty -r z line; do
    [[ $line == *GOT\\<* ]] && { print -r -- $line; break; }
  done
done
zpty -d z
`;

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** What must be said of all lines. */
function check(said: readonly (readonly string[])[]): void {
  const all = { ...cases, ...inQuotes };
  const lines = Object.keys(all);
  const got = Object.fromEntries(lines.map((line, index) => [line, sorted(said[index] ?? [])]));
  assertEquals(got, expected(lines, all));
}

testUnless(
  isOnPath("fish") ? undefined : "needs fish",
  "fish completes verbs, options, names and references",
  () =>
    withProject(async (place) => {
      const lines = Object.keys({ ...cases, ...inQuotes });
      const ask =
        "assay completions fish | source; for line in $argv; echo LINE; complete -C $line; end";
      const { stdout } = await run(["fish", "--no-config", "-c", ask, "--", ...lines], place);
      const blocks = textOf(stdout).split("LINE\n").slice(1);
      for (const [index, line] of lines.entries()) {
        const all = { ...cases, ...inQuotes }[line]!;
        const offered = blocks[index]!.split("\n").map((row) => row.split("\t")[0]!)
          .filter((word) => word !== "");
        // fish gets only the words after those that are typed already.
        const before = Math.max(0, words(line).length - 2);
        const wanted = offers(line) ? all.slice(before) : [];
        assertEquals(sorted(offered), sorted(wanted), line);
      }
    }),
);

/** The words of a line, the one at the cursor included. */
function words(line: string): readonly string[] {
  return line.split(" ").filter((word, index, all) =>
    !(index < all.length - 1 && /^["']/.test(word))
  );
}

/** Whether anything is offered for a line: then the words differ from those typed. */
function offers(line: string): boolean {
  const typed = line.replace(/^assay /, "").replace(/ $/, "");
  return (cases[line] ?? inQuotes[line])!.join(" ") !== typed;
}

Deno.test("completion scripts know whatever a verb takes", () => {
  for (const verb of verbs) {
    for (const { name, type, takes } of verb.flags) {
      if (type !== "boolean") {
        assert(takes !== undefined, `${verb.name} --${name} says nothing of its value`);
      }
    }
  }
  for (const { name, usage, parts, takes, more } of verbs) {
    const after = usage.slice(`assay ${name}`.length).replaceAll(/\[?--[^ \]]+( [A-Z]\S*)?\]?/g, "")
      .trim();
    const says = parts ?? takes ?? more;
    assert(
      after === "" || says !== undefined,
      `${name} says nothing of ${after}`,
    );
    const named = /^[a-z]+(?:\|[a-z]+)+/.exec(after)?.[0].split("|") ?? [];
    for (const part of named) {
      assert(
        parts?.some((each) => each.name === part) || [takes?.[0]].flat().includes(part as never),
        `${name}: ${part} is in its usage alone`,
      );
    }
  }
});
