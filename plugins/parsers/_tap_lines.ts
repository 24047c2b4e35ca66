/** What the lines of TAP say, by the grammars of TAP 12 to 14 (https://testanything.org). */

/** A line that is part of TAP. */
export type TapLine =
  | { readonly kind: "version" }
  | { readonly kind: "plan"; readonly count: number; readonly skipped: boolean }
  | TapPoint
  | { readonly kind: "bail"; readonly reason: string }
  | { readonly kind: "yaml_start" }
  | { readonly kind: "subtest"; readonly name: string }
  | { readonly kind: "comment"; readonly text: string }
  /** `{` and `}` around the subtests of the point before. */
  | { readonly kind: "open" }
  | { readonly kind: "close" };

/** A test point: `not ok 3 - name # TODO reason`. */
export interface TapPoint {
  readonly kind: "point";
  readonly ok: boolean;
  readonly number: number | undefined;
  readonly name: string;
  readonly directive: "skip" | "todo" | undefined;
  readonly reason: string;
  /** Milliseconds, where `# time=…` says so. */
  readonly durationMs: number | undefined;
  /** Ends with `{`: its subtests follow, up to a line `}`. */
  readonly opens: boolean;
}

/** Recognises a line by its text without the indentation; `undefined` for text that is not TAP. */
export function tapLine(text: string): TapLine | undefined {
  if (pointHead.test(text)) return pointOf(text);
  const plan = /^1\.\.(\d{1,15})\s*(?:#\s*(skip)?.*)?$/i.exec(text);
  if (plan) return { kind: "plan", count: Number(plan[1]), skipped: plan[2] !== undefined };
  if (/^TAP version \d+\s*$/i.test(text)) return { kind: "version" };
  if (/^Bail out!/i.test(text)) return { kind: "bail", reason: text.slice(9).trim() };
  if (text === "---") return { kind: "yaml_start" };
  const subtest = /^# Subtest(?::\s*(.*))?$/.exec(text);
  if (subtest) return { kind: "subtest", name: unescaped(subtest[1] ?? "") };
  if (text.startsWith("#")) return { kind: "comment", text: text.slice(1).trim() };
  if (/^\{\s*$/.test(text)) return { kind: "open" };
  return /^\}\s*$/.test(text) ? { kind: "close" } : undefined;
}

/**
 * As in Perl, `not ok: no database` has failed. Passes are read literally; failures also as a
 * person would read them, such as `NOT OK 2` and `not  ok2`.
 */
const pointHead = /^(?:ok\b|[Nn][Oo][Tt][\s_-]*[Oo][Kk](?!\p{L}))/u;

/** Whether text that is not TAP reports a failed point: `[12:00] not ok`, `pkg-b: not ok 2 - x`. */
export function mentionsFailure(text: string): boolean {
  // How `prove` reports a script that failed other than by a point.
  if (
    /^Result: FAIL\b|^Dubious, test returned [1-9]|^\s*Failed \d+\/\d+ (?:sub)?tests/.test(text)
  ) return true;
  return /^[^\p{L}]*not[\s_-]*ok(?!\p{L})|\bnot\s+ok\s+\d/iu.test(text);
}

function pointOf(text: string): TapPoint {
  const head = pointHead.exec(text)![0];
  const ok = head === "ok";
  const number = /^\s*(\d{1,15})(?=\s|$)\s*/.exec(text.slice(head.length));
  let rest = text.slice(head.length + (number?.[0].length ?? 0)).trimStart();
  const opens = /\s?\{\s*$/.test(rest);
  if (opens) rest = rest.slice(0, rest.lastIndexOf("{"));
  const mark = directiveAt(rest, ok ? directive : waiver);
  const said = mark === undefined ? "" : rest.slice(mark).replace(/^#\s*/, "");
  const word = /^(skip|todo)(?:ped)?:?\s*/i.exec(said);
  const name = mark === undefined ? rest : rest.slice(0, mark);
  const time = /\s#\s*time=(\d+(?:\.\d+)?)(ms|s)\s*$/.exec(name);
  return {
    kind: "point",
    ok,
    number: number ? Number(number[1]) : undefined,
    name: unescaped(name.slice(0, time?.index).trim().replace(/^-\s+/, "")),
    directive: word ? word[1]!.toLowerCase() as "skip" | "todo" : undefined,
    reason: said.slice(word?.[0].length ?? 0).trim(),
    durationMs: time ? Number(time[1]) * (time[2] === "s" ? 1000 : 1) : undefined,
    opens,
  };
}

/**
 * A directive's word. TAP 14 reads it in any case, and so it is read where it lowers what is claimed. A point that
 * failed is waived by `# TODO` in capitals only, as every known producer writes it (Perl, node:test, tape, node-tap,
 * AVA, QUnit, bats, pgTAP, git), or where nothing follows: `page # todo list is shown` is a name.
 */
const directive = /^#(?:\s*skip(?:ped)?|\s+todo)\b/i;
const waiver = /^#(?:\s*[Ss][Kk][Ii][Pp](?:ped)?\b|\s+TODO(?![^\s:])|\s+[Tt][Oo][Dd][Oo]:?\s*$)/;

/** Where the directive begins: at the last `#` behind white space that has a directive's word after it. */
function directiveAt(text: string, pattern: RegExp): number | undefined {
  for (
    let at = text.lastIndexOf("#");
    at >= 0;
    at = at === 0 ? -1 : text.lastIndexOf("#", at - 1)
  ) {
    if (at > 0 && !/\s/.test(text[at - 1]!)) continue;
    if (pattern.test(text.slice(at))) return at;
  }
  return undefined;
}

function unescaped(text: string): string {
  return text.replace(/\\([\\#])/g, "$1").trim();
}
