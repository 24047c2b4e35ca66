/**
 * Reports of any size for the benchmarks. The same size gives the same bytes, on every machine.
 *
 * The shape is that of a big test suite's: nested classes, about 2 in 100 tests fail with a stack
 * trace of a dozen frames, 3 in 100 are skipped, 1 in 20 has output, names hold entities and text
 * beyond ASCII.
 *
 * @module
 */

/** What a generated report holds, to check that a reader read all of it. */
export interface ReportFacts {
  bytes: number;
  tests: number;
  failed: number;
  skipped: number;
}

const testsPerSuite = 40;
const modules = ["billing", "catalog", "checkout", "identity", "inventory", "search", "shipping"];
const subjects = ["Address", "Cart", "Discount", "Invoice", "Ledger", "Order", "Session", "Token"];
const verbs = ["accepts", "keeps", "refuses", "rounds", "sorts", "stores", "updates", "validates"];
const objects = ["an empty list", "a &lt;b&gt; tag", "a naïve café", "the last page", "two owners"];
const causes = ["NullPointerException", "AssertionError", "TimeoutException", "IOException"];

/** Random numbers from 0 to 1 that are the same each time (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;

function oneOf(random: Random, words: readonly string[]): string {
  return words[Math.floor(random() * words.length)]!;
}

function failure(random: Random, className: string): string {
  const cause = `java.lang.${oneOf(random, causes)}`;
  const message = `expected: &lt;${Math.floor(random() * 1000)}&gt; but was: &lt;null&gt;`;
  const frames = Array.from({ length: 12 }, (_, depth) => {
    const file = oneOf(random, subjects);
    const line = 1 + Math.floor(random() * 400);
    return `\tat ${className}$${file}.step${depth}(${file}.java:${line})`;
  });
  const text = [`${cause}: ${message}`, ...frames].join("\n");
  return `      <failure message="${message}" type="${cause}">${text}</failure>\n`;
}

function output(random: Random): string {
  const lines = Array.from(
    { length: 3 },
    (_, index) => `2024-05-0${index + 1} INFO <${oneOf(random, modules)}> ${random()} & done`,
  );
  return `      <system-out><![CDATA[${lines.join("\n")}]]></system-out>\n`;
}

function testCase(random: Random, className: string, serial: number, facts: ReportFacts): string {
  const name = `${oneOf(random, verbs)} ${oneOf(random, objects)} (${serial})`;
  const time = (random() * 0.2).toFixed(3);
  const opening = `    <testcase classname="${className}" name="${name}" time="${time}"`;
  const chance = random();
  facts.tests++;
  let content = "";
  if (chance < 0.02) {
    facts.failed++;
    content = failure(random, className);
  } else if (chance < 0.05) {
    facts.skipped++;
    content = `      <skipped message="needs ${oneOf(random, modules)}"/>\n`;
  } else if (chance < 0.1) content = output(random);
  return content === "" ? `${opening}/>\n` : `${opening}>\n${content}    </testcase>\n`;
}

function suite(random: Random, serial: number, facts: ReportFacts): string {
  const className = `com.example.${oneOf(random, modules)}.${oneOf(random, subjects)}${serial}Test`;
  const before = { ...facts };
  const cases = Array.from(
    { length: testsPerSuite },
    (_, index) => testCase(random, className, index, facts),
  );
  const failures = facts.failed - before.failed;
  const skipped = facts.skipped - before.skipped;
  const counts =
    `tests="${testsPerSuite}" failures="${failures}" errors="0" skipped="${skipped}" time="4.2"`;
  return `  <testsuite name="${className}" ${counts}>\n${cases.join("")}  </testsuite>\n`;
}

/** Writes a JUnit report of at least `bytes` bytes, and of one suite more at most. */
export async function writeJUnit(path: string, bytes: number): Promise<ReportFacts> {
  const random = randomNumbers(bytes);
  const facts: ReportFacts = { bytes: 0, tests: 0, failed: 0, skipped: 0 };
  const encoder = new TextEncoder();
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const writer = file.writable.getWriter();
  const write = async (text: string) => {
    const chunk = encoder.encode(text);
    facts.bytes += chunk.length;
    await writer.write(chunk);
  };
  await write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n');
  for (let serial = 0; facts.bytes < bytes; serial++) await write(suite(random, serial, facts));
  await write("</testsuites>\n");
  await writer.close();
  return facts;
}

/** Writes a JUnit report of one test that passed. */
export async function writeSmallJUnit(path: string): Promise<void> {
  const test = '<testcase classname="a" name="b" time="0.01"/>';
  await Deno.writeTextFile(
    path,
    `<testsuite name="a" tests="1" failures="0">${test}</testsuite>\n`,
  );
}
