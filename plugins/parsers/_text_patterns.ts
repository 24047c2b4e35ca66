/**
 * What compilers, linters and interpreters print on one line.
 *
 * Every pattern is anchored, and a repeated part excludes what follows it, so that a line is matched in
 * time linear in its length; lines are cut beforehand.
 */

import type { Severity } from "../../src/plugin.ts";

/** A diagnostic as in the output: the file not yet relative to the root. */
export interface Found {
  readonly severity: Severity;
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly rule?: string | undefined;
  readonly tool?: string | undefined;
}

/** A pattern from source text. */
const re = (raw: TemplateStringsArray, ...parts: readonly string[]) =>
  new RegExp(String.raw(raw, ...parts));

/** A path that may hold spaces; a drive letter is allowed. */
const path = String.raw`(?<file>(?:[A-Za-z]:(?=[\\/]))?[^\s:(["'][^:("\n]{0,300})`;
/** A path without spaces that ends like a source file. */
const source = String.raw`(?<file>(?:[A-Za-z]:(?=[\\/]))?[^\s:("']{1,300}\.[A-Za-z]\w{0,9})`;
const line = String.raw`(?<line>\d{1,9})`;
const column = String.raw`(?<column>\d{1,9})`;
const words = String.raw`(?<severity>(?:fatal |internal compiler |syntax )?error|warning|note|` +
  "info(?:rmation)?|remark|hint|style|performance|portability|[CEFRWI])";
const said = "(?<message>.+)";

/** Groups are named after the fields of {@linkcode Found}; next to some patterns the tool. */
const patterns: readonly (readonly [pattern: RegExp, tool?: string])[] = [
  // tsc, MSBuild, cl: `a.ts(1,2): error TS1: …`
  [
    re`^(?<file>[^\s(][^(\n]{0,300})\(${line}(?:,${column})?(?:,\d+,\d+)?\) ?: (?<severity>(?:fatal )?error|warning|info) ?(?<rule>[A-Z]{1,8}\d{1,6})?: ?${said}`,
  ],
  // tsc --pretty: `a.ts:1:2 - error TS1: …`
  [re`^${path}:${line}:${column} - (?<severity>error|warning) (?<rule>TS\d+): ${said}`],
  // Maven: `[ERROR] /a/B.java:[1,2] …`
  [
    re`^\[(?<severity>ERROR|WARNING)\] (?<file>[^\s:[][^:[\n]{0,300}):\[${line},${column}\] ${said}`,
  ],
  // Maven Surefire: `[ERROR]   CartTest.total:45 expected …`
  [re`^\[(?<severity>ERROR)\] {2,}(?<message>[\w$.]{1,200}:\d+\b.+)`],
  // Bazel: `ERROR: /a/BUILD:15:11: …`
  [re`^(?<severity>ERROR|WARNING): ${path}:${line}:${column}: ${said}`],
  // kotlinc: `e: file:///a/B.kt:1:2 …`, before 1.9 `e: /a/B.kt: (1, 2): …`
  [re`^(?<severity>[ew]): (?:file://)?${path}:${line}:${column}:? ${said}`],
  [re`^(?<severity>[ew]): ${path}: \(${line}, ${column}\): ${said}`],
  // make: `Makefile:3: *** missing separator.  Stop.`, `make: *** [Makefile:15: a.o] Error 1`
  [re`^${path}:${line}: \*\*\* ${said}`, "make"],
  [
    re`^(?:\S{0,80}[/\\])?g?make(?:\.exe)?(?:\[\d+\])?: \*\*\* (?!Waiting)(?<message>\[(?:(?<file>[^:\]\n]{1,300}):${line}: )?[^\]\n]+\].*)`,
    "make",
  ],
  [re`^g?make(?:\[\d+\])?: \*\*\* (?!Waiting)${said}`, "make"],
  // gcc, clang, clang-tidy, swiftc, javac, mypy, RuboCop: `a.c:1:2: error: … [rule]`
  [re`^${path}:${line}(?::${column})?: ?${words}(?:\[(?<rule>[\w:/-]{1,60})\])?: ${said}`],
  // flake8, pylint, ruff: `a.py:1:2: E501 …`
  [re`^${path}:${line}:${column}:? (?<rule>[A-Z]{1,4}\d{2,5}):? ${said}`],
  // Shells: `a.sh: line 3: …`, `a.sh: 3: foo: not found`
  [re`^${path}: line ${line}: ${said}`],
  [re`^(?<file>[^\s:]{1,300}): ${line}: (?<message>.+: (?:not found|Permission denied).*)`],
  // Ruby: `a.rb:3:in 'f': … (NameError)`
  [re`^${source}:${line}:in [${"`"}'][^'\n]{0,300}': ${said}`],
  // go build, go vet and others: `./a.go:1:2: …`
  [re`^(?:vet: )?${source}:${line}:${column}: ${said}`],
  // go test: `    a_test.go:12: …`
  [re`^\s+(?<file>[\w.-]{1,200}_test\.go):${line}: ${said}`, "go"],
  // PHP, Perl, and interpreters that tell no column
  [
    re`^(?:PHP )?(?<severity>Fatal error|Parse error|Warning|Notice|Deprecated): +${said} in (?<file>\S{1,300}) on line ${line}`,
  ],
  [re`^${said} at (?<file>\S{1,300}\.(?:pl|pm|t)) line ${line}\.?$`],
  [re`^(?<file>[^\s:]{1,300}\.(?:rb|php|lua|awk)):${line}: ${said}`],
];

/** Most lines match nothing: without one of these no pattern can. */
const hint = /:\s?\d|\(\d|\*\*\*| line \d|:\[\d|\.(?:pl|pm|t) |: \(\d|^\[ERROR\]/;

export function foundIn(text: string): Found | undefined {
  if (!hint.test(text)) return undefined;
  for (const [pattern, tool] of patterns) {
    const groups = pattern.exec(text)?.groups;
    if (!groups || !isSource(groups.file)) continue;
    const [message, rule] = withoutRule(groups.message ?? "", groups.rule);
    return fromGroups({ ...groups, message, rule }, tool);
  }
  return undefined;
}

export function fromGroups(
  groups: Readonly<Record<string, string | undefined>>,
  tool?: string,
): Found {
  const { message = "", rule } = groups;
  const column = numberOf(groups.column);
  // Only pylint counts columns from 0.
  const isFrom0 = /^[CEFIRW]\d{4}$/.test(rule ?? "");
  return {
    severity: groups.severity === undefined ? severityOfRule(rule) : severityOf(groups.severity),
    message,
    rule,
    tool,
    file: groups.file?.trim(),
    line: numberOf(groups.line),
    column: column !== undefined && isFrom0 ? column + 1 : column,
  };
}

/** Times and hosts (`12:30:45`, `localhost:80`) look like places. */
function isSource(file: string | undefined): boolean {
  return file === undefined || (!/^[\d\s:.,TZ+-]+$/.test(file) && !/\/\/|^localhost$/.test(file));
}

/** Tools that put the rule last: `… [-Wunused]`, `… (no-member)` after a code of pylint's. */
function withoutRule(message: string, rule: string | undefined): readonly [string, string?] {
  const last = /\s\[(-?[\w.,+=:/-]{2,80})\]$/.exec(message);
  if (last && rule === undefined) return [message.slice(0, last.index).trimEnd(), last[1]!];
  return rule === undefined ? [message] : [message, rule];
}

/** By a linter's code: errors (`E…`, `F…`, no code at all) and bad style. */
function severityOfRule(rule: string | undefined): Severity {
  return rule === undefined || !/^[A-Z]{1,4}\d/.test(rule) || /^[EF]\d/.test(rule)
    ? "error"
    : "warning";
}

export function severityOf(word: string): Severity {
  if (/error|fatal|^[EFe]$|[✖×]/i.test(word)) return "error";
  if (/^warn|^[CRWw]$|⚠|deprecated/i.test(word)) return "warning";
  return "info";
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
