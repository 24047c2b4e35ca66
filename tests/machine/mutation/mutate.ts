/** Changes documents as faults, other tools and people who want a green light would. */

import type { Random } from "./random.ts";
import { attributes, elements, entries, lines, oddities, words } from "./words.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What may be changed how: the shape of a document. */
export type Shape = "json" | "xml" | "lines";

type Change = (text: string, random: Random, others: readonly string[]) => string;

/** Changes a document one to three times; `others` are documents of the same format. */
export function mutate(
  document: Uint8Array,
  shape: Shape,
  random: Random,
  others: readonly Uint8Array[],
): Uint8Array {
  if (random.below(12) === 0) return changeBytes(document, random);
  const texts = others.map((each) => decoder.decode(each));
  let text = decoder.decode(document);
  if (random.below(12) === 0) {
    // Another document, itself changed, behind it: what a loop over folders writes.
    const other = decoder.decode(mutate(random.of(others), shape, random, others));
    return encoder.encode(text + random.of(["", "\n", " ", "\n\n", "\r\n", "\n\t"]) + other);
  }
  for (let left = 1 + random.below(3) * random.below(2); left > 0; left--) {
    // Most changes know the shape; one in four treats it as any text.
    const changes = random.below(4) === 0 ? textChanges : shapeChanges[shape];
    text = random.of(changes)(text, random, texts);
  }
  return encoder.encode(text);
}

function changeBytes(document: Uint8Array, random: Random): Uint8Array {
  const at = random.below(document.length + 1);
  const to = Math.min(document.length, at + 1 + random.below(random.below(4) === 0 ? 400 : 6));
  const before = document.subarray(0, at);
  const some = Uint8Array.from({ length: random.below(4) }, () => random.below(256));
  switch (random.below(4)) {
    case 0:
      return joined(before, some, document.subarray(to));
    case 1:
      return joined(before, document.subarray(at, to), document.subarray(at));
    case 2:
      return joined(before, some, document.subarray(at));
    default:
      return before;
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

// --- any text ------------------------------------------------------------------------------------

const textChanges: readonly Change[] = [
  // Cut.
  (text, random) => text.slice(0, random.below(text.length + 1)),
  // Another document behind or before it.
  (text, random, others) =>
    text + random.of(["", "\n", " ", "\n\n", ",", "\u0000"]) + random.of(others),
  (text, random, others) => random.of(others) + random.of(["", "\n", "\n\n"]) + text,
  (text, random, others) => text + "\n" + mutatedHead(random.of(others), random),
  // Noise.
  (text, random) => text + random.of(["", "\n"]) + random.of(lines),
  (text, random) => random.of(lines) + "\n" + text,
  // A number, a word.
  (text, random) =>
    replaceOne(text, /\d+/g, random, (digits) => String(Number(digits) + random.of([1, -1, 10]))),
  (text, random) => replaceOne(text, wordPattern, random, () => random.of(words)),
  (text, random) =>
    replaceOne(
      text,
      wordPattern,
      random,
      (word) => random.of([word.toUpperCase(), word.toLowerCase(), capital(word)]),
    ),
  (text, random) =>
    replaceOne(text, /\b(true|false)\b/g, random, (word) => word === "true" ? "false" : "true"),
  // Lines.
  (text, random) => changeLines(text, random),
];

const wordPattern = new RegExp(`\\b(${[...new Set(words)].join("|")})\\b`, "gi");

function mutatedHead(text: string, random: Random): string {
  return replaceOne(text, wordPattern, random, () => random.of(words)).slice(
    0,
    1 + random.below(text.length),
  );
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function replaceOne(
  text: string,
  pattern: RegExp,
  random: Random,
  change: (found: string) => string,
): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text;
  const { index, 0: whole } = random.of(found);
  return text.slice(0, index) + change(whole) + text.slice(index + whole.length);
}

function changeLines(text: string, random: Random): string {
  const all = text.split("\n");
  const at = random.below(all.length);
  const other = random.below(all.length);
  switch (random.below(6)) {
    case 0:
      return all.toSpliced(at, 1 + random.below(3)).join("\n");
    case 1:
      return all.toSpliced(at, 0, all[other]!).join("\n");
    case 2:
      return all.with(at, all[other]!).with(other, all[at]!).join("\n");
    case 3:
      return all.toSpliced(at, 0, random.of(lines)).join("\n");
    case 4:
      return all.toSpliced(at, 1).toSpliced(other, 0, all[at]!).join("\n");
    default:
      return all.with(at, random.of(["    ", "  ", "\t", ""]) + all[at]!.trimStart()).join("\n");
  }
}

// --- JSON ----------------------------------------------------------------------------------------

interface Place {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string | number;
}

const keysThatCount =
  /status|outcome|severity|level|event|action|success|errored|fatal|count|num|tests|pass|fail|error/i;

/** Changes the tree of a JSON document, or of one line where each is a document. */
function changeJson(text: string, random: Random): string {
  const whole = parsed(text);
  if (whole !== undefined) return changedTree(whole, random, /\n\s/.test(text));
  const all = text.split("\n");
  const jsonLines = all.keys().filter((at) => /^\s*[{[]/.test(all[at]!)).toArray();
  if (jsonLines.length === 0) return changeLines(text, random);
  const at = random.of(jsonLines);
  const value = parsed(all[at]!);
  return value === undefined ? text : all.with(at, changedTree(value, random, false)).join("\n");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function changedTree(value: unknown, random: Random, isPretty: boolean): string {
  const root = { value };
  const all = [...places(root)];
  // Half of the changes go where a verdict is made.
  const deciding = all.filter(({ key }) => typeof key === "string" && keysThatCount.test(key));
  const place = random.of(random.below(2) === 0 && deciding.length > 0 ? deciding : all);
  const twice = changePlace(place, all, random);
  const json = JSON.stringify(root.value, undefined, isPretty ? 2 : undefined) ?? "";
  return twice
    ? json.replace(`"${twice.key}":`, `"${twice.key}":${twice.value},"${twice.key}":`)
    : json;
}

function* places(holder: Record<string, unknown> | unknown[]): Generator<Place> {
  for (const key of Object.keys(holder)) {
    const at = Array.isArray(holder) ? Number(key) : key;
    yield { holder, key: at };
    const inside = (holder as Record<string, unknown>)[key];
    if (typeof inside === "object" && inside !== null) {
      yield* places(inside as Record<string, unknown>);
    }
  }
}

function changePlace(
  { holder, key }: Place,
  all: readonly Place[],
  random: Random,
): { key: string; value: string } | undefined {
  const at = holder as Record<string | number, unknown>;
  const value = at[key];
  switch (random.below(10)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete at[key];
      return undefined;
    case 1:
      if (Array.isArray(holder)) {
        holder.splice(random.below(holder.length), 0, structuredClone(value));
      } else {at[
          random.of([`${key}s`, String(key).toUpperCase(), capital(String(key)), `_${key}`])
        ] = take(at, key);}
      return undefined;
    case 2:
      at[key] = random.of(oddities);
      return undefined;
    case 3: {
      const other = random.of(all.filter((each) => each.key === key || random.below(4) === 0));
      if (other === undefined) return undefined;
      const there = other.holder as Record<string | number, unknown>;
      at[key] = structuredClone(there[other.key]);
      return undefined;
    }
    case 4:
      return typeof key === "string" && key !== "value"
        ? {
          key,
          value: JSON.stringify(random.below(2) === 0 ? random.of(oddities) : random.of(words)),
        }
        : undefined;
    default:
      at[key] = changedValue(value, random);
      return undefined;
  }
}

function take(holder: Record<string | number, unknown>, key: string | number): unknown {
  const value = holder[key];
  delete holder[key];
  return value;
}

function changedValue(value: unknown, random: Random): unknown {
  if (typeof value === "number") {
    return random.of<unknown>([
      value + 1,
      value - 1,
      value + 0.5,
      -value,
      String(value),
      0,
      1,
      2,
      null,
      `${value}x`,
    ]);
  }
  if (typeof value === "boolean") {
    return random.of<unknown>([!value, !value, String(value), Number(value), null]);
  }
  if (typeof value === "string") {
    return random.of([...words, value.toUpperCase(), capital(value), ""]);
  }
  if (Array.isArray(value)) return changedList(value, random);
  if (value === null) return random.of([...oddities, "no", { message: "no" }]);
  return {
    ...(value as Record<string, unknown>),
    ...(random.of(entries.slice(0, 13)) as Record<string, unknown>),
  };
}

function changedList(list: readonly unknown[], random: Random): unknown {
  const at = random.below(list.length + 1);
  const choices: readonly (() => unknown)[] = [
    () => list.toSpliced(at, 0, random.of(entries)),
    () =>
      list.toSpliced(at, 0, {
        ...(list[0] as Record<string, unknown>),
        ...(random.of(entries.slice(0, 12)) as Record<string, unknown>),
      }),
    () => list.toReversed(),
    () => [list],
    () => list.toSpliced(at, 0, list),
    () => Object.fromEntries(list.entries()),
    () => [],
    () => list.slice(0, at),
    () => null,
    () => [...list, ...list],
  ];
  return random.of(choices)();
}

// --- XML -----------------------------------------------------------------------------------------

const tag = /<[A-Za-z][^<>]*>/g;
const attribute = /(?<=\s)([\w:.-]+)=("[^"<]*"|'[^'<]*')/g;
const deciding =
  /(?<=\s)(tests|failures|errors|skipped|disabled|passed|failed|total|status|result|outcome|success|label|runstate|warnings|inconclusive|error|aborted|timeout)=("[^"]*"|'[^']*')/g;

const xmlChanges: readonly Change[] = [
  // An attribute's value: a word, a number, nothing.
  (text, random) => changeAttribute(text, attribute, random),
  (text, random) => changeAttribute(text, deciding, random),
  (text, random) => changeAttribute(text, deciding, random),
  // Two attributes change their values; one goes, is renamed, is added.
  (text, random) => {
    const from = random.of([...text.matchAll(deciding), ...text.matchAll(attribute)]);
    return from === undefined
      ? text
      : replaceOne(text, deciding, random, (whole) => `${whole.split("=")[0]}=${from[2]}`);
  },
  (text, random) =>
    replaceOne(text, random.below(2) === 0 ? attribute : deciding, random, () => ""),
  (text, random) =>
    replaceOne(
      text,
      attribute,
      random,
      (whole) =>
        random.of(["x", "X", ""]) +
        whole.replace(/^\w/, (letter) => random.of([letter, letter.toUpperCase()])),
    ),
  (text, random) => addAttribute(text, random),
  (text, random) => addAttribute(text, random),
  // An element is added, removed, doubled, renamed, moved, wrapped.
  (text, random) => addElement(text, random),
  (text, random) => addElement(text, random),
  (text, random) => changeElement(text, random, () => ""),
  (text, random) => changeElement(text, random, (element) => element + element),
  (text, random) =>
    changeElement(
      text,
      random,
      (element) => element + element.replace(wordPattern, () => random.of(words)),
    ),
  (text, random) => changeElement(text, random, (element) => renamed(element, random)),
  (text, random) =>
    changeElement(
      text,
      random,
      (element) => `<testsuite name="outer" tests="${random.below(5)}">${element}</testsuite>`,
    ),
  (text, random) =>
    changeElement(
      text,
      random,
      (element) =>
        random.of([
          `<!-- ${element.replaceAll("--", "")} -->`,
          `<![CDATA[${element}]]>`,
          `<group>${element}</group>`,
        ]),
    ),
  (text, random) => {
    let moved = "";
    const without = changeElement(text, random, (element) => {
      moved = element;
      return "";
    });
    return replaceOne(without, tag, random, (found) => found + moved);
  },
];

function changeAttribute(text: string, pattern: RegExp, random: Random): string {
  return replaceOne(text, pattern, random, (whole) => {
    const [name, value] = [
      whole.slice(0, whole.indexOf("=")),
      whole.slice(whole.indexOf("=") + 2, -1),
    ];
    const number = Number(value);
    const values = Number.isNaN(number) || random.below(8) === 0
      ? [...words, "", value.toUpperCase(), capital(value)]
      : [
        number + 1,
        number - 1,
        0,
        1,
        2,
        -1,
        "",
        "x",
        `${value}x`,
        "1e0",
        `0${value}`,
        number + 0.5,
        1000,
      ];
    return `${name}="${random.of<string | number>(values)}"`;
  });
}

function addAttribute(text: string, random: Random): string {
  const value = random.below(3) === 0 ? String(random.below(4)) : random.of(words);
  return replaceOne(
    text,
    tag,
    random,
    (found) => found.replace(/^<[\w:.-]+/, (head) => `${head} ${random.of(attributes)}="${value}"`),
  );
}

function addElement(text: string, random: Random): string {
  const element = random.of(elements);
  return replaceOne(text, tag, random, (found) => {
    const name = /^<([\w:.-]+)/.exec(found)![1]!;
    return found.endsWith("/>") ? `${found.slice(0, -2)}>${element}</${name}>` : found + element;
  });
}

function changeElement(text: string, random: Random, change: (element: string) => string): string {
  const found = [...text.matchAll(tag)];
  if (found.length === 0) return text;
  const { index, 0: whole } = random.of(found.slice(random.below(2)).concat(found.slice(-1)));
  const end = whole.endsWith("/>")
    ? index + whole.length
    : endOf(text, index, /^<([\w:.-]+)/.exec(whole)![1]!);
  return end === undefined
    ? text
    : text.slice(0, index) + change(text.slice(index, end)) + text.slice(end);
}

function endOf(text: string, from: number, name: string): number | undefined {
  const pattern = new RegExp(`<(/?)${name}(?=[\\s/>])[^<>]*?(/?)>`, "g");
  pattern.lastIndex = from;
  let depth = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    depth += match[1] ? -1 : match[2] ? 0 : 1;
    if (depth === 0) return pattern.lastIndex;
  }
  return undefined;
}

function renamed(element: string, random: Random): string {
  const name = /^<([\w:.-]+)/.exec(element)![1]!;
  const other = random.of([
    name.toUpperCase(),
    capital(name),
    `${name}s`,
    "failure",
    "error",
    "skipped",
    "testcase",
    "testsuite",
    "failed",
    "x",
  ]);
  return element.replace(/^<[\w:.-]+/, `<${other}`).replace(/<\/[\w:.-]+>$/, `</${other}>`);
}

const shapeChanges: Readonly<Record<Shape, readonly Change[]>> = {
  json: [changeJson],
  xml: xmlChanges,
  lines: [changeLines, changeJson],
};
