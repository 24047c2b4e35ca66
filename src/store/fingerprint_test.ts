import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { type EventParts, fingerprint } from "./fingerprint.ts";

const test: EventParts = {
  type: "test",
  file: "tests/test_cart.py",
  suite: "tests.test_cart.Cart",
  name: "test_total",
  message: "expected 3 to be 4",
};

function assertSame(a: string, b: string, parts: EventParts = test) {
  assertEquals(fingerprint({ ...parts, message: a }), fingerprint({ ...parts, message: b }));
}

function assertDiffer(a: string, b: string, parts: EventParts = test) {
  const [one, other] = [a, b].map((message) => fingerprint({ ...parts, message }));
  assertNotEquals(one!.identity, other!.identity);
  assertNotEquals(one!.cluster, other!.cluster);
}

Deno.test("fingerprints are 64 bits in hexadecimal and do not change between versions", () => {
  const { identity, cluster } = fingerprint(test);
  assertMatch(identity, /^[0-9a-f]{16}$/);
  // The store holds them for years: another value here orphans the history of every event.
  assertEquals([identity, cluster], ["d8a62b11baba40af", "6c84c66b318469ae"]);
});

Deno.test("identity knows tool, file, suite, test and rule", () => {
  const seen = new Set([fingerprint(test).identity]);
  const others: Partial<EventParts>[] = [
    { tool: "pytest" },
    { file: "tests/test_other.py" },
    { suite: "Other" },
    { name: "test_other" },
    { rule: "E501" },
    { type: "suite_error" },
  ];
  for (const other of others) seen.add(fingerprint({ ...test, ...other }).identity);
  assertEquals(seen.size, others.length + 1);
});

Deno.test("the parts do not run into each other, and nothing is not the empty text", () => {
  const parts = [
    { type: "test", suite: "ab", name: "c" },
    { type: "test", suite: "a", name: "bc" },
    { type: "test", name: "abc" },
    { type: "test", suite: "", name: "abc" },
    { type: "test", suite: "abc" },
  ] as const;
  assertEquals(new Set(parts.map((each) => fingerprint(each).identity)).size, parts.length);
});

const alike: readonly (readonly [string, string, string])[] = [
  ["numbers", "expected 3 to be 4", "expected -17 to be 4.25e-3"],
  ["lines and columns", "at cart.py:12:3: boom", "at cart.py:1234: boom"],
  ["addresses", "<Cart object at 0x7f3a9c1b2d30>", "<Cart object at 0x10aa>"],
  ["Java's identity hashes", "Cart@1a2b3c4d is closed", "Cart@6f7e is closed"],
  ["object ids and commits", "no commit 9fceb02d0ae5", "no commit a3f1c77e8b20d1"],
  [
    "UUIDs",
    "user f81d4fae-7dec-11d0-a765-00a0c91e6bf6 is unknown",
    "user ABCDEFAB-CDEF-ABCD-EFAB-CDEFABCDEFAB is unknown",
  ],
  ["timestamps", "late at 2026-01-02T03:04:05.678Z!", "late at 1999-12-31T23:59:59+02:00!"],
  ["durations", "took 12ms", "took 1450ms"],
  [
    "temporary paths",
    "no file '/tmp/pytest-of-me/p-1/x.db'",
    'no file "/var/folders/zz/ab/T/x.db"',
  ],
  ["Windows' temporary paths", "no C:\\Users\\me\\AppData\\Local\\Temp\\a1 here", "no /tmp/b here"],
  ["quotes", 'no `x` in "y"', "no ‘x’ in “y”"],
  ["white space", "expected\n   a\tto be b", "expected a to be b "],
  ["colours", "\x1b[31mexpected\x1b[0m 3", "expected 4"],
];

for (const [what, a, b] of alike) {
  Deno.test(`a message is the same whatever its ${what}`, () => assertSame(a, b));
}

Deno.test("messages that say different things differ", () => {
  assertDiffer("expected 3 to be 4", "expected 3 not to be 4");
  assertDiffer("No module named 'foo'", "No module named 'bar'");
  assertDiffer("foo1 is undefined", "foo2 is undefined");
  assertDiffer("utf8", "utf16");
  assertDiffer("facade", "decade");
  assertDiffer("", "x");
});

Deno.test("a cluster is one cause in many places: it knows neither file nor test", () => {
  const other = { ...test, file: "tests/test_user.py", suite: "User", name: "test_name" };
  assertEquals(fingerprint(other).cluster, fingerprint(test).cluster);
  const named = (parts: EventParts) =>
    fingerprint({
      ...parts,
      message: `${parts.name} failed in src/${parts.file} (/work/${parts.file}:3)`,
    });
  assertEquals(named(other).cluster, named(test).cluster);
  assertNotEquals(named(other).identity, named(test).identity);
});

Deno.test("where a rule names the cause, what is in quotes is a name like any other", () => {
  const lint: EventParts = { type: "diagnostic", rule: "no-unused-vars", file: "a.js" };
  const [x, y] = ["'x' is never used", "'total' is never used"].map((message) =>
    fingerprint({ ...lint, message })
  );
  assertEquals(x!.cluster, y!.cluster);
  assertNotEquals(x!.identity, y!.identity);
  const other = fingerprint({ ...lint, rule: "prefer-const", message: "'x' is never used" });
  assertNotEquals(other.cluster, x!.cluster);
});

Deno.test("20,000 events have 20,000 identities", () => {
  const seen = new Set<string>();
  for (let index = 0; index < 20_000; index++) {
    seen.add(fingerprint({ ...test, name: `test_${index}`, message: `it is n${index}` }).identity);
  }
  assertEquals(seen.size, 20_000);
});

Deno.test("only the beginning of a message of a megabyte is looked at", () => {
  const long = "long ".repeat(200_000);
  const cost = (message: string) => {
    const start = performance.now();
    for (let round = 0; round < 200; round++) fingerprint({ ...test, rule: "x", message });
    return performance.now() - start;
  };
  cost(long);
  const [whole, beginning] = [cost(long), cost(long.slice(0, 20_000))];
  // The same work; looking at all of it would take fifty times as long.
  if (whole > 10 * beginning) throw new Error(`${whole} ms, and its beginning ${beginning} ms`);
});
