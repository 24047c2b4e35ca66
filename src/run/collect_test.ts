import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Collector, ExecutionResult } from "../plugin.ts";
import type { Attempt } from "../model.ts";
import { attemptWith, extension, onStage, type Setting } from "../../tests/pipeline.ts";
import { usageNames } from "../process/execute.ts";

/** An extension that registers collectors, in this order. */
const collecting = (name: string, ...collectors: Collector["collect"][]) =>
  extension(name, {
    prepare(spec) {
      for (const collect of collectors) spec.collectors.push({ collect });
      return spec;
    },
  });

const command = 'cmd = "echo out; echo err >&2; printf found > found.txt; exit 3"\n';

function collected(
  collectors: Readonly<Record<string, Collector["collect"][]>>,
  more: Partial<Setting> = {},
) {
  const names = Object.keys(collectors);
  const tables = names.map((name) => `[commands.it.${name}]`).join("\n");
  const extensions = names.map((name) => collecting(name, ...collectors[name]!));
  return attemptWith(extensions, command + tables, { order: names, ...more });
}

/** The metrics that collectors added to what the launcher measured. */
function added({ metrics }: Attempt) {
  return Object.fromEntries(
    Object.entries(metrics).filter(([name]) => !usageNames.includes(name)),
  );
}

Deno.test("collectors run from the last registered to the first, and see what the command did", async () => {
  const seen: string[] = [];
  let result: ExecutionResult | undefined;
  const attempt = await collected({
    a: [() => void seen.push("a1"), () => void seen.push("a2")],
    b: [async (spec, given) => {
      seen.push("b1");
      result = given;
      given.metrics["max.rss"] = (await given.stdout.readText()).length;
      given.metrics.err = (await given.stderr.readText({ from: -3 })).length;
      assertEquals(spec.commandName, "it");
      assertEquals(spec.env.ASSAY_RUNNER, "it");
    }],
  });
  assertEquals(seen, ["b1", "a2", "a1"]);
  assertEquals(added(attempt), { "max.rss": 4, err: 3 });
  assertEquals(attempt.warnings, []);
  const { exitCode, signal, timedOut, cancelled, truncated } = result!;
  assertEquals([exitCode, signal, timedOut, cancelled, truncated], [3, null, false, false, false]);
  assert(result!.pid! > 0);
  assert(result!.completedAt >= result!.startedAt);
  assertEquals(attempt.extensions[0]!.changes, { collectors: 2 });
});

Deno.test("an artifact is copied into the evidence, and one that lies there stays", async () => {
  await onStage({
    extensions: [collecting("keep", async ({ liveDir }, { artifacts }) => {
      await Deno.writeTextFile(`${liveDir}/live.log`, "live");
      artifacts["a/found"] = "found.txt";
      artifacts.live = `${liveDir}/live.log`;
    })],
    files: { ".assay/commands.toml": `[commands.it]\n${command}[commands.it.keep]\n` },
  }, async ({ root, run }) => {
    const { run_id, attempts: [attempt] } = await run();
    assertEquals(attempt!.warnings, []);
    const [stdout, stderr, found, live] = attempt!.artifacts;
    assertEquals([stdout!.name, stderr!.name], ["stdout", "stderr"]);
    const dir = `.assay/runs/${run_id}/it`;
    assertEquals([found!.name, found!.path], ["a/found", `${dir}/artifacts/a%2ffound`]);
    assertEquals([live!.name, live!.path, live!.bytes], ["live", `${dir}/live/live.log`, 4]);
    assertEquals(await Deno.readTextFile(`${root}/${found!.path}`), "found");
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode("found"));
    assertEquals(found!.sha256, new Uint8Array(hash).toHex());
  });
});

Deno.test("what is no metric or artifact is a warning and nothing more", async () => {
  const attempt = await collected({
    bad: [(_, { metrics, artifacts }) => {
      metrics["a b"] = 1;
      metrics.good = 1;
      artifacts.stdout = "found.txt";
      artifacts.gone = "gone.txt";
      artifacts.folder = ".assay";
      artifacts.outside = "/etc/passwd";
      artifacts.nul = "a\0b";
      artifacts.link = "link";
      artifacts.large = "large";
    }],
  }, { files: { large: "x".repeat(200) }, outputCap: 100 });
  assertEquals(added(attempt), { good: 1 });
  assertEquals(attempt.artifacts.map(({ name }) => name), ["stdout", "stderr"]);
  assertEquals(attempt.warnings.map((warning) => warning.replace('extension "bad": ', "")), [
    'metric "a b" is not kept: its name may only have letters, digits and _ . : / @ -',
    'artifact "stdout" is not kept: assay\'s own evidence has that name',
    'artifact "nul" is not kept: it is not a path',
    "artifact gone (gone.txt) is not kept: there is no such file",
    "artifact folder (.assay) is not kept: it is not a file",
    "artifact outside (/etc/passwd) is not kept: it is outside the project",
    "artifact link (link) is not kept: there is no such file",
    "artifact large (large) is not kept: its 200 bytes are more than the 100 that are kept",
  ]);
  assertEquals(attempt.reasons[0]!.code, "exit_nonzero");
});

Deno.test("a link out of the project is no artifact", async () => {
  const attempt = await collected({
    bad: [async ({ workspace }, { artifacts }) => {
      await Deno.symlink("/etc/passwd", `${workspace}/link`);
      artifacts.link = "link";
    }],
  });
  assertEquals(attempt.warnings, ["artifact link (link) is not kept: it is outside the project"]);
});

Deno.test("two collectors of one name: the later wins, and it is reported", async () => {
  const attempt = await collected({
    first: [(_, { metrics, artifacts }) => {
      metrics.n = 1;
      artifacts.file = "one";
    }],
    second: [(_, { metrics, artifacts }) => {
      metrics.n = 2;
      artifacts.file = "two";
    }],
  }, { files: { one: "1", two: "2" } });
  assertEquals(added(attempt), { n: 1 });
  assertEquals(attempt.artifacts.at(-1)!.name, "file");
  assertMatch(attempt.artifacts.at(-1)!.sha256, /^6b86b273ff34fce1/); // of "1"
  assertEquals(attempt.warnings, [
    'extension "first": metric n: it replaces another collector\'s',
    'extension "first": artifact file: it replaces another collector\'s',
  ]);
});

Deno.test("a collector that throws or hangs contributes nothing; the others and the verdict stand", async () => {
  const attempt = await collected({
    throws: [(_, { metrics }) => {
      metrics.half = 1;
      throw new Error("no proc");
    }],
    hangs: [() => new Promise(() => {})],
    good: [(_, { metrics }) => void (metrics.good = 1)],
  }, { callTimeoutMs: 100 });
  assertEquals(added(attempt), { good: 1 });
  assertEquals([attempt.verdict, attempt.exit_code], ["fail", 3]);
  assertEquals(attempt.warnings, [
    'extension "hangs", collector: no answer within 100ms',
    'extension "throws", collector: no proc',
  ]);
});

Deno.test("collectors also look at a command that was stopped, and at one that did not start", async () => {
  const stop = new AbortController();
  const results: ExecutionResult[] = [];
  const look = extension("look", {
    prepare(spec) {
      if (spec.commandName === "gone") spec.wrappers.push(["/no/such/program"]);
      spec.collectors.push({
        collect: async (_, result) => {
          results.push(result);
          assertEquals(await result.stdout.readText(), "");
        },
      });
      return spec;
    },
  });
  const command = (name: string, cmd: string) =>
    `[commands.${name}]\ncmd = "${cmd}"\n[commands.${name}.look]\n`;
  const toml = command("gone", "true") + command("slow", "sleep 30");
  setTimeout(() => stop.abort("SIGINT received"), 500);
  await onStage(
    { extensions: [look], files: { ".assay/commands.toml": toml }, signal: stop.signal },
    async ({ run }) => {
      const [gone, slow] = (await run()).attempts;
      assertEquals(gone!.reasons.map(({ code }) => code), ["tool_missing"]);
      assertEquals(gone!.warnings, []);
      assertEquals(slow!.reasons[0]!.code, "cancelled");
    },
  );
  assertEquals(results.map(({ pid, cancelled }) => [pid === null, cancelled]), [
    [true, false],
    [false, true],
  ]);
});

Deno.test({
  name: "assay's own numbers come last: a collector that knows one better keeps it (Linux)",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const attempt = await collected({
      a: [(_, { metrics }) => {
        assertEquals(metrics, {});
        metrics.memory_peak_bytes = 7;
      }],
    });
    assertEquals(attempt.metrics.memory_peak_bytes, 7);
    assert(attempt.metrics.cpu_user_ms! >= 0);
    assertEquals(attempt.warnings, []);
  },
});

Deno.test("what a sandbox denied is kept with the attempt, and what is no denial is a warning", async () => {
  const push = (result: ExecutionResult, ...denials: unknown[]) =>
    (result.denials as unknown[]).push(...denials);
  const attempt = await collected({
    a: [(_, result) => {
      assertEquals(result.denials.length, 2);
      push(result, { dimension: "pids", evidence: "pids.events: max 3" });
    }],
    b: [(_, result) => {
      const long = "x".repeat(600);
      push(
        result,
        { dimension: "pids", evidence: "pids.events: max 3", more: 1 },
        { dimension: "filesystem", subject: long, evidence: long, killed: false },
        { dimension: "cpu", evidence: " " },
      );
    }],
  });
  assertEquals(attempt.denials, [
    { dimension: "pids", evidence: "pids.events: max 3" },
    { dimension: "filesystem", subject: "x".repeat(500), evidence: "x".repeat(500) },
  ]);
  assertEquals(attempt.warnings, ['extension "b": a denial is not kept: it has no evidence']);
  assertEquals(attempt.reasons.map(({ code }) => code), ["sandbox_denied", "exit_nonzero"]);
});

Deno.test("of many denials fifty are kept", async () => {
  const many = Array.from(
    { length: 60 },
    (_, n) => ({ dimension: "network" as const, evidence: `e${n}` }),
  );
  const attempt = await collected({ a: [(_, { denials }) => void denials.push(...many)] });
  assertEquals(attempt.denials!.length, 50);
  assertEquals(attempt.warnings.length, 1);
});

Deno.test("a command that succeeds though it was denied something has a warning and its verdict", async () => {
  const denial = { dimension: "network" as const, subject: "a.example", evidence: "socket" };
  const attempt = await attemptWith(
    [collecting("a", (_, { denials }) => void denials.push(denial))],
    'cmd = "true"\nkind = "build"\n[commands.it.a]',
  );
  assertEquals([attempt.verdict, attempt.reasons[0]!.code], ["pass", "ok"]);
  assertEquals(attempt.denials, [denial]);
  assertEquals(attempt.warnings, [
    "denied by its sandbox: network, a.example (socket)",
  ]);
});

Deno.test("a kill for memory that a collector tells of is oom, one for time is the sandbox's", async () => {
  const killed = (dimension: "memory" | "cpu", signal: string) =>
    attemptWith(
      [collecting("a", (_, { denials }) =>
        void denials.push({ dimension, evidence: "counter", killed: true }))],
      `cmd = "kill -${signal} $$"\n[commands.it.a]`,
    ).then(({ reasons }) =>
      reasons.map(({ code }) => code)
    );
  assertEquals(await killed("memory", "KILL"), ["oom"]);
  assertEquals(await killed("cpu", "XCPU"), ["sandbox_denied"]);
});
