import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { UserError, UserErrors } from "../errors.ts";
import type { Event, Json, NewAnnotation, RunContext } from "../plugin.ts";
import { realIo } from "../real_io.ts";
import { checkGrants, moduleHost } from "./host.ts";
import { result, services, spec, type Started, withFolder, withPlugin } from "./worker/_testing.ts";

/** A plugin with one extension, whose members are given. */
const extension = (members: string) =>
  `export default { name: "p", extensions: [{ name: "x", configKey: "x", prepare: (spec) => spec, ${members} }] };`;

const first = ({ plugin }: Started) => plugin.extensions![0]!;

Deno.test("host: prepare changes what it may change, is lent services, and prints to assay", () =>
  withPlugin(
    extension(`async prepare(spec, services) {
      console.log("seen", spec.extensionData.x.key, services.options.option);
      services.warn("a word");
      spec.command += await services.readText("a.txt");
      spec.env.ADDED = "1";
      spec.wrappers.push(["nice", "-n", "5"]);
      spec.timeoutMs = 5;
      return spec;
    }`),
    async (started) => {
      const warnings: string[] = [];
      const prepared = await first(started).prepare(
        spec,
        services({ option: "set" }, undefined, warnings),
      );
      assertEquals(prepared, {
        ...spec,
        command: "make all",
        env: { ADDED: "1" },
        wrappers: [["nice", "-n", "5"]],
        timeoutMs: 5,
      });
      assertEquals(warnings, ["a word"]);
      assertEquals(started.logs, ["seen value set"]);
      assertEquals(spec.env, {});
    },
    { permissions: { read: ["."] }, files: { "a.txt": " all" } },
  ));

Deno.test("host: of assay's environment a plugin sees in a command what it was granted", () =>
  withPlugin(
    extension(`prepare(spec) {
      spec.command = Object.keys(spec.env).sort().join();
      spec.env.HOME = "changed";
      return spec;
    }`),
    async (started) => {
      const { HOME = "", PATH = "", ...rest } = Deno.env.toObject();
      const prepared = await first(started).prepare(
        { ...spec, env: { ...rest, HOME, PATH, OWN: "of the command" } },
        services(),
      );
      assertEquals(prepared.command, "OWN,PATH");
      const env = { ...rest, HOME: "changed", PATH, OWN: "of the command" };
      assertEquals(prepared.env, env);
    },
    { permissions: { env: ["PATH"] } },
  ));

Deno.test("host: collectors stay in the worker, read outputs, and add metrics and artifacts", () =>
  withPlugin(
    extension(`prepare(spec) {
      let calls = 0;
      spec.collectors.push({ async collect(spec, result) {
        result.metrics.calls = ++calls;
        result.artifacts.part = await result.stdout.readText({ from: 9, bytes: 3 });
      } });
      return spec;
    }`),
    async (started) => {
      const own = { collect: () => {} };
      const prepared = await first(started).prepare({ ...spec, collectors: [own] }, services());
      assertEquals(prepared.collectors.length, 2);
      assertEquals(prepared.collectors[0], own);
      const collected = result();
      await prepared.collectors[1]!.collect(prepared, collected, services());
      assertEquals(collected.metrics, { calls: 1 });
      assertEquals(collected.artifacts, { part: "out" });
      started.host.end();
      await assertRejects(
        async () => await prepared.collectors[1]!.collect(prepared, result(), services()),
        Error,
        "it no longer exists",
      );
    },
  ));

Deno.test("host: store sets all of its keys or none", () =>
  withPlugin(
    extension(`async store(spec, result, store) {
      store.set("out", await result.stderr.readText());
      store.set("data", { "__proto__": null, list: [1, null, { a: true }] });
      if (spec.commandName === "bad") throw new Error("half-way");
      if (spec.commandName === "function") store.set("f", () => {});
    }`),
    async (started) => {
      const stored: [string, Json][] = [];
      const store = { set: (key: string, value: Json) => void stored.push([key, value]) };
      const call = async (commandName: string) =>
        await first(started).store!({ ...spec, commandName }, result(), store, services());
      await call("good");
      assertEquals(stored, [
        ["out", "standard error"],
        ["data", { list: [1, null, { a: true }] }],
      ]);
      await assertRejects(() => call("bad"), Error, "half-way");
      await assertRejects(() => call("function"), Error, 'the value of "f" is not JSON');
      assertEquals(stored.length, 2);
    },
  ));

Deno.test("host: what store sets is refused by its size before it is copied, and the worker lives", () =>
  withPlugin(
    extension(`store(spec, result, store) {
      const set = (key, value) => {
        try {
          store.set(key, value);
        } catch ({ message }) {
          store.set("why", message);
        }
      };
      if (spec.commandName === "text") set("h", "x".repeat(3e8));
      if (spec.commandName === "deep") set("h", { a: ["x".repeat(3e8)] });
      if (spec.commandName === "name") set("h", { ["x".repeat(3e8)]: 1 });
      if (spec.commandName === "list") set("h", Array(1000).fill("x".repeat(1e6)));
      if (spec.commandName === "bytes") set("h", "ü".repeat(33_000));
      if (spec.commandName === "all") {
        for (let i = 0; i < 17; i++) set("a" + i, "x".repeat(65_000));
      }
      if (spec.commandName === "again") {
        for (let i = 0; i < 99; i++) set("a", "x".repeat(65_000));
      }
    }`),
    async (started) => {
      const reasons: unknown[] = [];
      for (const commandName of ["text", "deep", "name", "list", "bytes", "all", "again"]) {
        let why: Json = null;
        const store = { set: (key: string, value: Json) => void (key === "why" && (why = value)) };
        await first(started).store!({ ...spec, commandName }, result(), store, services());
        reasons.push(why);
      }
      const most = 'store.set: "h" has more than 65536 bytes as JSON; at most 65536 are kept';
      assertEquals(reasons, [
        most,
        most,
        most,
        most,
        'store.set: "h" has 66002 bytes as JSON; at most 65536 are kept',
        'store.set: with "a16" it is more than 1048576 bytes in all',
        null,
      ]);
    },
  ));

Deno.test("host: validate", () =>
  withPlugin(
    extension('validate: (config) => config.a ? ["a must not be"] : []'),
    async (started) => {
      const { validate } = first(started);
      assertEquals(await validate!({ a: 1 }, services()), ["a must not be"]);
      assertEquals(await validate!({}, services()), []);
    },
  ));

for (
  const [name, returned, message] of [
    ["nothing", "undefined", /returned the wrong shape/],
    ["a text", '"make"', /returned the wrong shape/],
    ["a command that is no text", "{ ...spec, command: 5 }", /command: .*expected a string/],
    ["a variable that is no text", "{ ...spec, env: { A: 1 } }", /env\.A: .*expected a string/],
    ["no shell", "{ ...spec, shell: [] }", /shell: /],
    ["a cycle", "(spec.env.self = spec, spec)", /cannot be handed over: .*circular/],
    ["a large integer", "{ ...spec, command: 1n }", /cannot be handed over/],
    [
      "17 MiB",
      '{ ...spec, command: "x".repeat(17 * 2 ** 20) }',
      /cannot be handed over: .*larger than 16 MiB/,
    ],
  ] as const
) {
  for (const isolation of ["worker", "none"] as const) {
    Deno.test(`host: prepare returns ${name}, isolation ${isolation}`, () =>
      withPlugin(extension(`prepare: (spec) => (${returned})`), async (started) => {
        const error = await assertRejects(
          async () => await first(started).prepare(spec, services()),
          Error,
        );
        assertMatch(error.message, message);
      }, { isolation }));
  }
}

Deno.test("host: a call that stops when aborted costs no worker", () =>
  withPlugin(
    `let calls = 0; ${
      extension(`async prepare(spec, { signal }) {
      spec.command = String(++calls);
      if (calls === 1) await new Promise((_, reject) => signal.addEventListener("abort", reject));
      return spec;
    }`)
    }`,
    async (started) => {
      const prepare = first(started).prepare(spec, services({}, AbortSignal.timeout(50)));
      await assertRejects(async () => await prepare, DOMException);
      await new Promise((resolve) => setTimeout(resolve, 400));
      assertEquals((await first(started).prepare(spec, services())).command, "2");
    },
  ));

Deno.test("host: an error that no one catches ends the worker, and costs what it was doing", () =>
  withPlugin(
    extension(`prepare(spec) {
      if (spec.command !== "throw") return spec;
      setTimeout(() => { throw new Error("late"); });
      return new Promise(() => {});
    }`),
    async (started) => {
      await assertRejects(
        async () => await first(started).prepare({ ...spec, command: "throw" }, services()),
        Error,
        "late",
      );
      assertEquals((await first(started).prepare(spec, services())).command, "make");
    },
  ));

function event(index: number): Event {
  const [identity, cluster] = ["i", "c"];
  return { index, type: "diagnostic", status: "error", message: `m${index}`, identity, cluster };
}

function runContext(count: number) {
  const added: [number, NewAnnotation][] = [];
  let read = 0;
  const context: RunContext = {
    ...services(),
    runId: "r",
    attemptId: "a",
    ref: "test:1",
    sourceRoot: "/w",
    metadata: {
      name: "test",
      kind: "test",
      command: "make",
      cwd: "",
      startedAt: null,
      verdict: "fail",
      reasons: [],
      commit: null,
    },
    exitCode: 1,
    durationMs: 5,
    extensionData: {},
    async *events({ problems = false } = {}) {
      for (let index = 1; index <= (problems ? count : 2 * count); index++) {
        read++;
        yield await Promise.resolve(event(index));
      }
    },
    query: (query) => Promise.resolve([{ asked: JSON.stringify(query) }]),
    addAnnotation: (event, annotation) =>
      void added.push([typeof event === "number" ? event : event.index, annotation]),
  };
  return { context, added, read: () => read };
}

const annotator = (annotate: string) =>
  `export default { name: "p", annotators: [{ name: "a", eager: true,
    shouldAnnotate: (context) => context.exitCode === 1, async annotate(context) { ${annotate} } }] };`;

Deno.test("host: annotators read events in pages and history, and what they add arrives", () =>
  withPlugin(
    annotator(`
      const [row] = await context.query({ from: "events", where: { name: "x" }, limit: 5 });
      for await (const event of context.events({ problems: true })) {
        context.addAnnotation(event, { type: "t", display: "detail", text: event.message });
      }
      context.addAnnotation(0, { type: "q", display: "hidden", data: row });`),
    async ({ plugin }) => {
      const { context, added, read } = runContext(450);
      assertEquals(await plugin.annotators![0]!.shouldAnnotate(context), true);
      assertEquals(read(), 0);
      await plugin.annotators![0]!.annotate(context);
      assertEquals([added.length, read()], [451, 450]);
      assertEquals(added[449], [450, { type: "t", display: "detail", text: "m450" }]);
      const asked = '{"from":"events","where":{"name":"x"},"limit":5}';
      assertEquals(added[450], [0, { type: "q", display: "hidden", data: { asked } }]);
    },
  ));

Deno.test("host: events that an annotator does not read are not read", () =>
  withPlugin(
    annotator("for await (const event of context.events()) break;"),
    async ({ plugin }) => {
      const { context, read } = runContext(10_000);
      await plugin.annotators![0]!.annotate(context);
      assert(read() <= 200);
    },
  ));

Deno.test("host: what an annotator added before it threw stays", () =>
  withPlugin(
    annotator(`context.addAnnotation(1, { type: "t", display: "inline" });
      if (context.durationMs === 5) throw new Error("on one event");`),
    async ({ plugin }) => {
      const { context, added } = runContext(1);
      const call = async () => await plugin.annotators![0]!.annotate(context);
      await assertRejects(call, Error, "on one event");
      assertEquals(added, [[1, { type: "t", display: "inline" }]]);
    },
  ));

async function loading(module: string, load: "worker" | "none"): Promise<unknown> {
  return await withFolder(async (root) => {
    const entry = `${root}/entry.js`;
    await Deno.writeTextFile(entry, module);
    const options = { entry, url: "./p.ts", permissions: {}, root, isolation: load };
    const host = moduleHost(realIo(), options);
    try {
      return await host.describe(AbortSignal.timeout(10_000));
    } finally {
      host.end();
    }
  });
}

for (const load of ["worker", "none"] as const) {
  Deno.test(`host: what a module provides is known and checked, isolation ${load}`, async () => {
    const manifest = await loading(extension("store() {}"), load);
    assertEquals(manifest, {
      name: "p",
      extensions: [{ name: "x", configKey: "x", validates: false, stores: true }],
      engines: [],
      annotators: [],
      parsers: [],
      runners: [],
    });
  });

  Deno.test(`host: a default export of the wrong shape is reported with all that is wrong, ${load}`, async () => {
    const wrong =
      'export default { name: "a b", annotator: [], engines: [{ name: "e", wrap: 1 }] };';
    const error = await assertRejects(() => loading(wrong, load), UserErrors);
    assertEquals(error.message.split("\n").toSorted(), [
      './p.ts: the default export is not a plugin: "annotator" is not a key of a plugin',
      "./p.ts: the default export is not a plugin: engines[0].capabilities is missing",
      "./p.ts: the default export is not a plugin: engines[0].wrap must be a function",
      "./p.ts: the default export is not a plugin: name must be letters, digits, _, . and -",
    ]);
    assertMatch(error.errors[0]!.hint ?? "", /definePlugin/);
  });

  Deno.test(`host: a module without a default export, or that throws, cannot be loaded, ${load}`, async () => {
    const none = await assertRejects(() => loading("export const plugin = 1;", load), UserError);
    assertMatch(none.message, /^\.\/p\.ts: the default export is not a plugin: it is missing$/);
    const throwing = 'throw new Error("at its first line"); export default 1;';
    const thrown = await assertRejects(() => loading(throwing, load), UserError);
    assertMatch(thrown.message, /cannot be loaded: at its first line/);
  });
}

Deno.test("host: a grant that assay itself does not have is reported with the flag", async () => {
  const missing = ["net"] as const;
  const io = { ...realIo(), missing: () => missing };
  const grants = { url: "./p.ts", permissions: { net: ["a.example:443"] }, root: "/" };
  const error = await assertRejects(() => checkGrants(io, grants), UserError);
  assertMatch(error.message, /granted net, which assay itself may not use/);
  assertMatch(error.hint ?? "", /--allow-net/);
  await checkGrants(realIo(), grants);
});
