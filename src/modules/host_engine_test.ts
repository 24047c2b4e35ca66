import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { SandboxDenial, SandboxEngine } from "../plugin.ts";
import { maxFilesBytes, wrappedOf } from "../sandbox/wrapped.ts";
import {
  engineHost,
  result,
  services,
  spec,
  type Started,
  withPlugin,
  wrapContext,
} from "./worker/_testing.ts";

const inner = ["sh", "-c", "a b"];

/** A plugin with one engine, whose members are given. */
const engine = (members: string) =>
  `export default { name: "p", engines: [{ name: "e", capabilities: ["memory"],
    wrap: (argv) => argv, ${members} }] };`;

const first = ({ plugin }: Started): SandboxEngine => plugin.engines![0]!;

/** As the pipeline wraps. */
async function wrap(started: Started, signal?: AbortSignal) {
  return wrappedOf(await first(started).wrap(inner, {}, wrapContext(signal)), inner);
}

Deno.test("host: an engine is rest of the machine, of the command and of what its probe found", () =>
  withPlugin(
    engine(`priority: 7, obtain: "Install it.",
      probe: ({ os, arch, self }) => ({
        works: true, detail: "tried", missing: { cpu: "no" }, facts: { os, arch, self, deep: [{ a: 1 }] },
      }),
      review: (spec, facts) => ({
        missing: { hosts: spec.hosts.join() }, caveats: { network: JSON.stringify(facts) },
      }),
      wrap: (argv, spec, context) => {
        const { signal, options, ...rest } = context;
        return ["limit", String(spec.memory), JSON.stringify(rest), ...argv];
      },`),
    async (started) => {
      const { name, priority, capabilities, obtain, probe, review, wrap, collector } = first(
        started,
      );
      assertEquals([name, priority, capabilities], ["e", 7, ["memory"]]);
      assertEquals([obtain, collector], ["Install it.", undefined]);
      const found = await probe!(engineHost());
      const facts = { os: "linux", arch: "x86_64", self: ["assay", "--self"], deep: [{ a: 1 }] };
      assertEquals(found, { works: true, detail: "tried", missing: { cpu: "no" }, facts });
      const said = await review!({ network: "hosts", hosts: ["a", "b:1"] }, { a: null });
      assertEquals(said, { missing: { hosts: "a,b:1" }, caveats: { network: '{"a":null}' } });
      const context = { ...wrapContext(), facts, resultFile: "/w/report.xml" };
      const argv = await wrap(inner, { memory: 5 }, context) as readonly string[];
      const { attemptId, commandName, workspace, cwd, liveDir } = spec;
      assertEquals(JSON.parse(argv[2]!), {
        ...{ os: "linux", arch: "x86_64", self: ["assay", "--self"], facts },
        ...{ attemptId, commandName, workspace, cwd, liveDir, environment: {} },
        ...{ tmpDir: "/w/tmp", filesDir: "/w/files", resultFile: "/w/report.xml" },
        descriptorsClosed: true,
        protectedPaths: ["/w/.git"],
        root: started.root,
      });
      assertEquals(argv.toSpliced(2, 1), ["limit", "5", ...inner]);
    },
  ));

Deno.test("host: an engine provides files, bytes as they are", () =>
  withPlugin(
    engine(`wrap: (argv) => ({ argv: ["e", ...argv], files: {
      "all.bin": Uint8Array.from({ length: 256 }, (_, i) => i),
      one: new Uint8Array([255]),
      none: new Uint8Array(0),
      most: new Uint8Array(${maxFilesBytes - 257}).fill(7),
    } }),`),
    async (started) => {
      const { argv, files } = await wrap(started);
      assertEquals(argv, ["e", ...inner]);
      assertEquals(Object.keys(files!), ["all.bin", "one", "none", "most"]);
      assertEquals(files!["all.bin"], Uint8Array.from({ length: 256 }, (_, i) => i));
      assertEquals([files!.one, files!.none], [new Uint8Array([255]), new Uint8Array(0)]);
      assertEquals(files!.most, new Uint8Array(maxFilesBytes - 257).fill(7));
    },
  ));

Deno.test("host: an engine that has no review says nothing, one whose manifest is older is asked", () =>
  withPlugin(engine(""), async (started) => {
    assertEquals(first(started).review, undefined);
    const manifest = await started.host.describe(AbortSignal.timeout(10_000));
    const older = JSON.parse(JSON.stringify(manifest).replace('"reviews":false,', ""));
    const [asked] = started.host.plugin(older).engines!;
    assertEquals(await asked!.review!({}, {}), {});
  }));

const before: SandboxDenial = { dimension: "network", evidence: "another's" };

Deno.test("host: an engine's collector adds metrics and denials, and takes none away", () =>
  withPlugin(
    engine(`collector: (spec) => spec.memory > 1 ? { collect(_, result) {
      result.metrics.memory = spec.memory;
      const [other] = result.denials;
      result.denials.length = 0;
      result.denials.push(
        { dimension: "memory", evidence: other.evidence, killed: true },
        { dimension: "filesystem", subject: "/etc", evidence: "b" },
      );
    } } : undefined,`),
    async (started) => {
      const { collector } = first(started);
      assertEquals(await collector!({ memory: 1 }, wrapContext()), undefined);
      const made = await collector!({ memory: 2 }, wrapContext());
      const collected = result();
      collected.denials.push(before);
      await made!.collect(spec, collected, services());
      assertEquals(collected.metrics, { memory: 2 });
      assertEquals(collected.denials, [
        before,
        { dimension: "memory", evidence: "another's", killed: true },
        { dimension: "filesystem", subject: "/etc", evidence: "b" },
      ]);
    },
  ));

for (
  const [name, denials, message] of [
    ["of no dimension", '[{ dimension: "sleep", evidence: "e" }]', /"sleep" is not a dimension/],
    ["without evidence", '[{ dimension: "cpu" }]', /evidence/],
    ["that are no list", "5", /filter|denials/],
  ] as const
) {
  Deno.test(`host: denials ${name} are refused, and nothing of the collector's is kept`, () =>
    withPlugin(
      engine(`collector: () => ({ collect(_, result) {
        result.metrics.a = 1;
        result.denials = ${denials};
      } }),`),
      async (started) => {
        const made = await first(started).collector!({}, wrapContext());
        const collected = result();
        const collect = async () => await made!.collect(spec, collected, services());
        assertMatch((await assertRejects(collect, Error)).message, message);
        assertEquals([collected.metrics, collected.denials], [{}, []]);
      },
    ));
}

for (
  const [name, returned, message] of [
    ["nothing", "undefined", /wrong shape/],
    ["a promise of nothing", "Promise.resolve()", /wrong shape/],
    ["that it works, as a text", '{ works: "yes", detail: "" }', /works: /],
    ["no detail", "{ works: true }", /detail/],
    ["a key that is misspelt", '{ works: true, detail: "", mising: {} }', /mising: /],
    [
      "an unknown dimension",
      '{ works: true, detail: "", missing: { sleep: "a" } }',
      /"sleep" is not a dimension/,
    ],
    [
      "no reason",
      '{ works: true, detail: "", missing: { cpu: "" } }',
      /missing\.cpu: must say why/,
    ],
    ["a list of facts", '{ works: true, detail: "", facts: [] }', /facts: must be a table/],
    [
      "65 KiB of facts",
      '{ works: true, detail: "", facts: { a: "ü".repeat(33_000) } }',
      /facts: has more than 65536 bytes/,
    ],
  ] as const
) {
  Deno.test(`host: a probe that finds ${name} is refused`, () =>
    withPlugin(engine(`probe: () => (${returned}),`), async (started) => {
      const error = await assertRejects(
        async () => await first(started).probe!(engineHost()),
        Error,
      );
      assertMatch(error.message, message);
    }));
}

Deno.test("host: what a probe tells is cut, not refused", () =>
  withPlugin(
    engine('probe: () => ({ works: false, detail: "x".repeat(1e6) }),'),
    async (started) => {
      const { detail } = await first(started).probe!(engineHost());
      assertEquals(detail, "x".repeat(4096));
    },
  ));

for (
  const [name, returned, message] of [
    ["nothing", "undefined", /wrong shape/],
    ["a list", "[]", /must be an object/],
    ["a key that is misspelt", '{ lack: { cpu: "a" } }', /lack: /],
    [
      "a caveat of no dimension",
      '{ caveats: { everything: "a" } }',
      /"everything" is not a dimension/,
    ],
    ["an empty caveat", '{ caveats: { cpu: "" } }', /caveats\.cpu: must say why/],
    [
      "a long reason",
      '{ missing: { cpu: "x".repeat(1001) } }',
      /missing\.cpu: is longer than 1000/,
    ],
    ["a reason that is a number", "{ missing: { cpu: 1 } }", /missing\.cpu: /],
  ] as const
) {
  Deno.test(`host: a review that says ${name} is refused`, () =>
    withPlugin(engine(`review: () => (${returned}),`), async (started) => {
      const error = await assertRejects(async () => await first(started).review!({}, {}), Error);
      assertMatch(error.message, message);
    }));
}

for (
  const [name, returned, message] of [
    ["nothing", "undefined", /expected an argv/],
    ["a text", '"sh"', /expected an argv/],
    ["another command", '["sh", "-c", "true"]', /does not end with the argv it was given/],
    ["the command as one text", 'argv.join(" ")', /expected an argv/],
    ["a third key", '{ argv, file: { a: "b" } }', /expected an argv/],
    ["a text as a file", '{ argv, files: { a: "b" } }', /the file a must be a Uint8Array/],
    ["a file outside", '{ argv, files: { "../a": new Uint8Array(1) } }', /not a plain file name/],
    [
      "a file by its path",
      '{ argv, files: { "/etc/passwd": new Uint8Array(1) } }',
      /not a plain file name/,
    ],
    [
      "a file of 300 MB",
      "{ argv, files: { a: new Uint8Array(3e8) } }",
      /more than 1048576 bytes in all/,
    ],
    [
      "files of 2 MiB in all",
      "{ argv, files: { a: new Uint8Array(2 ** 20), b: new Uint8Array(2 ** 20) } }",
      /more than 1048576 bytes in all/,
    ],
  ] as const
) {
  Deno.test(`host: a wrap that returns ${name} is refused, and its worker lives`, () =>
    withPlugin(engine(`wrap: (argv) => (${returned}),`), async (started) => {
      assertMatch((await assertRejects(() => wrap(started), Error)).message, message);
      assertMatch((await assertRejects(() => wrap(started), Error)).message, message);
    }));
}

/** An engine whose worker sends its answer past what runs in it to make files text. */
const forging = (files: string) =>
  engine(`wrap: (argv) => ({ argv, get files() { return undefined; },
    toJSON: () => ({ argv, files: ${files} }) }),`);

for (
  const [name, files, message] of [
    ["no Base64", '{ a: "%%%%" }', /expected an argv/],
    ["Base64 of no bytes", '{ a: "A" }', /expected an argv/],
    ["2 MiB", '{ a: "A".repeat(2 ** 21 / 3 * 4) }', /expected an argv/],
    ["1 MiB twice", '{ a: "A".repeat(1398100), b: "A".repeat(1398100) }', /bytes in all/],
    ["a name that leads out", '{ "../a": "AAAA" }', /not a plain file name/],
    ["a text", '"AAAA"', /expected an argv/],
  ] as const
) {
  Deno.test(`host: files as a worker forges them are checked where they arrive: ${name}`, () =>
    withPlugin(forging(files), async (started) => {
      assertMatch((await assertRejects(() => wrap(started), Error)).message, message);
    }));
}

Deno.test("host: files as a worker forges them count for what they are", () =>
  withPlugin(forging('{ a: "AQID" }'), async (started) => {
    assertEquals((await wrap(started)).files, { a: new Uint8Array([1, 2, 3]) });
  }));

Deno.test("host: an engine that throws or hangs fails its call, and the next one works", () =>
  withPlugin(
    `let calls = 0; ${
      engine(`
      review() { if (++calls === 1) throw new Error("not today"); return {}; },
      wrap(argv) { if (++calls === 3) return new Promise(() => {}); return ["e", ...argv]; },`)
    }`,
    async (started) => {
      const review = async () => await first(started).review!({}, {});
      await assertRejects(review, Error, "not today");
      assertEquals(await review(), {});
      await assertRejects(() => wrap(started, AbortSignal.timeout(300)), DOMException);
      await new Promise((resolve) => setTimeout(resolve, 400));
      assertEquals((await wrap(started)).argv, ["e", ...inner]);
    },
  ));

Deno.test("host: a review that hangs ends by the time of a call", () =>
  withPlugin(
    engine("review: () => new Promise(() => {}),"),
    async (started) => {
      const review = async () => await first(started).review!({}, {});
      await assertRejects(review, DOMException, "due to timeout");
      await new Promise((resolve) => setTimeout(resolve, 400));
    },
    { callTimeoutMs: 300 },
  ));
