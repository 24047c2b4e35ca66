import { assertEquals } from "@std/assert";

/**
 * The value at a path such as `gates[id=test].status`, `attempts[0].reasons[*].code`, `a.length`;
 * `undefined` when there is none. `.` alone is the whole document.
 */
export function valueAt(document: unknown, path: string): unknown {
  const parts = path.match(/\[[^\]]*\]|[^.[\]]+/g) ?? [];
  return follow(document, parts);
}

function follow(value: unknown, parts: readonly string[]): unknown {
  const [part, ...rest] = parts;
  if (part === undefined) return value;
  if (part === "[*]") {
    return Array.isArray(value) ? value.map((each) => follow(each, rest)) : undefined;
  }
  return follow(child(value, part), rest);
}

function child(value: unknown, part: string): unknown {
  if (value === null || value === undefined) return undefined;
  const selector = /^\[(?:(-?\d+)|([^=]+)=(.*))\]$/.exec(part);
  if (!selector) return Object(value)[part];
  if (!Array.isArray(value)) return undefined;
  const [, index, key, wanted] = selector;
  if (index !== undefined) return value.at(Number(index));
  return value.find((each) => String(Object(each)[key!]) === wanted);
}

/** A value as written in a scenario: JSON where it is JSON, else the text itself. */
function literal(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: a bare word such as `ready_for_review` stands for itself.
    return text;
  }
}

function isEqual(actual: unknown, expected: unknown): boolean {
  try {
    assertEquals(actual, expected);
    return true;
  } catch {
    // The assertion is the comparison; its failure is the answer.
    return false;
  }
}

function contains(actual: unknown, expected: unknown): boolean {
  if (typeof actual === "string") return actual.includes(String(expected));
  return Array.isArray(actual) && actual.some((each) => isEqual(each, expected));
}

const operators: Readonly<Record<string, (actual: unknown, expected: unknown) => boolean>> = {
  "==": isEqual,
  "!=": (actual, expected) => actual !== undefined && !isEqual(actual, expected),
  "<": (actual, expected) => typeof actual === "number" && actual < Number(expected),
  ">": (actual, expected) => typeof actual === "number" && actual > Number(expected),
  "<=": (actual, expected) => typeof actual === "number" && actual <= Number(expected),
  ">=": (actual, expected) => typeof actual === "number" && actual >= Number(expected),
  contains,
  matches: (actual, expected) =>
    typeof actual === "string" && new RegExp(String(expected), "m").test(actual),
  present: (actual) => actual !== undefined,
  absent: (actual) => actual === undefined,
};

/** Throws unless `PATH OP VALUE` holds of the document. */
export function checkJson(document: unknown, [path, operator, ...rest]: readonly string[]): void {
  const holds = operators[operator ?? ""];
  if (path === undefined || !holds) {
    throw new Error(`usage: json PATH ${Object.keys(operators).join("|")} VALUE`);
  }
  const text = rest.join(" ");
  const expected = operator === "matches" ? text : literal(text);
  const actual = valueAt(document, path);
  if (!holds(actual, expected)) {
    throw new Error(`${path} is ${JSON.stringify(actual)}, not ${operator} ${text}`);
  }
}
