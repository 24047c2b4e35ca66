import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Attempt } from "../model.ts";
import type { SandboxEngine, WrapContext } from "../plugin.ts";
import { attemptWith, onStage } from "../../tests/pipeline.ts";

/** An engine that works, says so, and puts its name into the environment of what it wraps. */
function engine(name: string, more: Partial<SandboxEngine> = {}): SandboxEngine {
  return {
    name,
    capabilities: ["network", "filesystem", "paths_writable"],
    probe: () => ({ works: true, detail: "asked" }),
    wrap: (argv) => ["env", `IN_${name.toUpperCase()}=1`, ...argv],
    ...more,
  };
}

/** Runs one command with a sandbox and returns the result. */
async function attemptIn(
  engines: readonly SandboxEngine[],
  sandbox: string,
  cmd = "env | grep ^IN_ | sort | tr '\\n' ' '",
  toml = "",
): Promise<Attempt> {
  return await attemptWith([], `cmd = ${JSON.stringify(cmd)}\nsandbox = ${sandbox}\n${toml}`, {
    engines,
  });
}

const factOf = ({ sandbox }: Attempt, dimension: string) =>
  sandbox.find((fact) => fact.dimension === dimension)!;

Deno.test("sandbox: the engine that covers it wraps the command and is recorded", async () => {
  const attempt = await attemptIn(
    [engine("alpha")],
    '{ network = "none", filesystem = "readonly" }',
  );
  assertEquals(attempt.verdict, "pass");
  assertEquals(factOf(attempt, "network"), {
    dimension: "network",
    declared: "none",
    enforced_by: "alpha",
  });
  assertEquals(attempt.grade, "pinhole");
  assertEquals(attempt.warnings, []);
});

Deno.test("sandbox: what no engine enforces is seen, and the grade is that of the rest", async () => {
  const attempt = await attemptIn(
    [engine("alpha", { capabilities: ["network"] })],
    '{ network = "none", filesystem = "readonly" }',
  );
  assertEquals(attempt.verdict, "pass");
  assertEquals(factOf(attempt, "filesystem").enforced_by, undefined);
  assertEquals(attempt.grade, "broad");
  assertMatch(attempt.warnings.join("\n"), /filesystem = readonly is not enforced/);
});

Deno.test('sandbox: with on_uncovered = "fail" it is not run', async () => {
  const attempt = await attemptIn([], '{ network = "none", on_uncovered = "fail" }', "touch ran");
  assertEquals(attempt.verdict, "unknown");
  assertEquals(attempt.reasons[0]!.code, "sandbox_unenforced");
  assertEquals(attempt.started_at, null);
});

Deno.test("sandbox: an engine without a probe, or whose probe fails, enforces nothing", async () => {
  const { probe: _, ...unproved } = engine("unproved");
  const broken = engine("broken", { probe: () => ({ works: false, detail: "no kernel for it" }) });
  const throwing = engine("throwing", {
    probe() {
      throw new Error("out of order");
    },
  });
  const attempt = await attemptIn([unproved, broken, throwing], '{ network = "none" }');
  const { enforced_by, why } = factOf(attempt, "network");
  assertEquals(enforced_by, undefined);
  assertMatch(why!, /unproved: .*no probe/);
  assertMatch(why!, /broken: no kernel for it/);
  assertMatch(why!, /throwing: .*out of order/);
});

Deno.test("sandbox: another engine takes the place of one whose probe fails", async () => {
  const attempt = await attemptIn([
    engine("first", { priority: 1, probe: () => ({ works: false, detail: "not here" }) }),
    engine("second", { priority: 2 }),
  ], '{ network = "none" }');
  assertEquals(factOf(attempt, "network").enforced_by, "second");
});

Deno.test("sandbox: another engine takes the place of one that cannot wrap", async () => {
  const attempt = await attemptIn([
    engine("first", {
      priority: 1,
      wrap() {
        throw new Error("cannot");
      },
    }),
    engine("second", { priority: 2 }),
  ], '{ network = "none" }');
  assertEquals(factOf(attempt, "network").enforced_by, "second");
  assertEquals(attempt.verdict, "pass");
});

Deno.test("sandbox: an engine that drops the command is refused, and the command is not called sandboxed", async () => {
  const attempt = await attemptIn(
    [engine("liar", { wrap: () => ["true"] })],
    '{ network = "none", on_uncovered = "fail" }',
  );
  assertEquals(attempt.verdict, "unknown");
  assertMatch(factOf(attempt, "network").why!, /dropped/);
});

Deno.test("sandbox: engines nest by priority, each with its own part of the sandbox", async () => {
  const seen: unknown[] = [];
  const part = (name: string, priority: number, capabilities: SandboxEngine["capabilities"]) =>
    engine(name, {
      priority,
      capabilities,
      wrap(argv, spec) {
        seen.push([name, spec]);
        return [
          "env",
          `ORDER=${name}`,
          "sh",
          "-c",
          'echo "$ORDER" >> order; exec "$@"',
          "-",
          ...argv,
        ];
      },
    });
  await onStage({
    extensions: [],
    engines: [part("inner", 9, ["memory", "pids"]), part("outer", 3, ["network"])],
    files: {
      ".assay/commands.toml":
        '[commands.it]\ncmd = "true"\nsandbox = { network = "none", memory = "1m", pids = 7 }\n',
    },
  }, async ({ run, io, root }) => {
    const [attempt] = (await run()).attempts;
    assertEquals(attempt!.verdict, "pass");
    assertEquals(await io.fs.readText(`${root}/order`), "outer\ninner\n");
    assertEquals(seen, [["inner", { memory: 1048576, pids: 7 }], ["outer", { network: "none" }]]);
  });
});

Deno.test("sandbox: what a review leaves out is not enforced, and a caveat is shown with what is", async () => {
  const attempt = await attemptIn([
    engine("alpha", {
      review: () => ({
        missing: { network: "no such network" },
        caveats: { filesystem: "save its own folder" },
      }),
    }),
  ], '{ network = "none", filesystem = "readonly" }');
  assertMatch(factOf(attempt, "network").why!, /no such network/);
  assertEquals(factOf(attempt, "filesystem").caveat, "save its own folder");
});

Deno.test("sandbox: the limit of time and the environment are assay's own", async () => {
  const attempt = await attemptIn(
    [],
    '{ timeout = "300ms", env = "clean", on_uncovered = "fail" }',
    "sleep 20",
  );
  assertEquals(attempt.reasons[0]!.code, "timeout");
  assertEquals(attempt.sandbox.map(({ dimension, enforced_by }) => [dimension, enforced_by]), [
    ["timeout", "assay"],
    ["env", "assay"],
  ]);
});

Deno.test("sandbox: an engine's files and the temporary folder are there while the command runs, and gone after", async () => {
  let seen: WrapContext | undefined;
  await onStage({
    extensions: [],
    engines: [engine("alpha", {
      wrap(argv, _spec, context) {
        seen = context;
        return { argv, files: { filter: new TextEncoder().encode("bytes") } };
      },
    })],
    files: {
      ".assay/commands.toml":
        '[commands.it]\ncmd = "ls -ld $TMPDIR; echo x > $TMPDIR/y; cat .assay/runs/*/.files-*/alpha/filter"\n' +
        'sandbox = { filesystem = "readonly" }\n',
    },
  }, async ({ run, io, root }) => {
    const { run_id, attempts: [attempt] } = await run();
    assertEquals(attempt!.verdict, "pass");
    const output = await io.fs.readText(`${root}/${attempt!.output_file}`);
    assertMatch(output, /^drwx------/);
    assertStringIncludes(output, "bytes");
    assertEquals(seen!.environment.TMPDIR, seen!.tmpDir);
    assertEquals(await io.fs.stat(seen!.tmpDir), undefined);
    const left = await io.fs.list(`${root}/.assay/runs/${run_id}`);
    assertEquals(left.some(({ name }) => name.startsWith(".files")), false);
  });
});

Deno.test("sandbox: a report next to a closed workspace has its place, and is missing when no one writes it", async () => {
  let seen: string | undefined;
  const alpha = engine("alpha", {
    wrap(argv, _spec, { resultFile }) {
      seen = resultFile;
      return argv;
    },
  });
  const toml = 'format = "tap"\nresult_file = "out/report.tap"\n';
  const written = await attemptIn(
    [alpha],
    '{ filesystem = "readonly" }',
    "echo '1..1\nok 1' > out/report.tap",
    toml,
  );
  assert(seen?.endsWith("/out/report.tap"));
  assertEquals(written.verdict, "pass");
  const missing = await attemptIn([alpha], '{ filesystem = "readonly" }', "true", toml);
  assertEquals(missing.reasons[0]!.code, "report_missing");
});

Deno.test("sandbox: an engine's collector adds to the attempt", async () => {
  const attempt = await attemptIn([
    engine("alpha", {
      collector: () => ({
        collect(_spec, result) {
          result.metrics.sandbox_things = 3;
        },
      }),
    }),
  ], '{ network = "none" }');
  assertEquals(attempt.metrics.sandbox_things, 3);
});

Deno.test("sandbox: an engine that fails by itself says nothing of the command", async () => {
  const attempt = await attemptIn([
    engine("broken", {
      wrap: (argv) => ["sh", "-c", "echo broken: no room >&2; exit 1", "-", ...argv],
    }),
  ], '{ network = "none" }');
  assertEquals(attempt.verdict, "unknown");
  assertEquals(attempt.reasons[0]!.code, "prepare_failed");
  assertMatch(attempt.reasons[0]!.message, /could not start it \(exit code 1\): broken: no room/);
});

/** An engine that fails by itself the first `times` times it is started. */
function faltering(times: number): SandboxEngine {
  const script = `echo >>starts; [ $(wc -l <starts) -gt ${times} ] && exec "$@"; ` +
    "echo a mount went away >&2; exit 1";
  return engine("faltering", { wrap: (argv) => ["sh", "-c", script, "-", ...argv] });
}

Deno.test("sandbox: what did not start its command is made again, and it says so", async () => {
  const attempt = await attemptIn([faltering(1)], '{ network = "none" }', "echo >>ran; wc -l <ran");
  assertEquals(attempt.verdict, "pass");
  assertEquals(attempt.warnings.length, 1);
  assertMatch(
    attempt.warnings[0]!,
    /could not start it \(exit code 1\): a mount went away; it was made again/,
  );
});

Deno.test("sandbox: what never starts its command is given up, and the command did not run", async () => {
  const toml = 'cmd = "touch ran"\nsandbox = { network = "none" }';
  await onStage({
    extensions: [],
    engines: [faltering(9)],
    files: { ".assay/commands.toml": `[commands.it]\n${toml}\n` },
  }, async ({ io, root, run }) => {
    const { attempts: [attempt] } = await run();
    assertEquals([attempt!.verdict, attempt!.reasons[0]!.code], ["unknown", "prepare_failed"]);
    assertEquals(await io.fs.readText(`${root}/starts`), "\n\n\n");
    assertEquals(await io.fs.stat(`${root}/ran`), undefined);
  });
});

Deno.test("sandbox: a command that removes its mark is not run twice, and proves nothing", async () => {
  const cmd = "rm $ASSAY_RUN_DIR/*/live/.started; echo >>ran; echo done";
  const toml = `cmd = ${JSON.stringify(cmd)}\nsandbox = { network = "none" }`;
  await onStage({
    extensions: [],
    engines: [engine("alpha")],
    files: { ".assay/commands.toml": `[commands.it]\n${toml}\n` },
  }, async ({ io, root, run }) => {
    const { attempts: [attempt] } = await run();
    assertEquals(attempt!.verdict, "unknown");
    assertEquals(await io.fs.readText(`${root}/ran`), "\n");
  });
});

Deno.test("sandbox: variables of the command do not reach the programs around it, and reach the command", async () => {
  const seen: WrapContext["environment"][] = [];
  const attempt = await attemptWith(
    [{
      name: "variables",
      configKey: "variables",
      prepare(spec) {
        spec.env.LD_PRELOAD = "/nowhere/evil.so";
        spec.env.PATH = `/nowhere:${spec.env.PATH}`;
        return spec;
      },
    }],
    'cmd = "printf %s \\"$LD_PRELOAD $PATH\\""\nsandbox = { network = "none" }\n[commands.it.variables]',
    {
      engines: [engine("alpha", {
        wrap(argv, _spec, { environment }) {
          seen.push(environment);
          return ["sh", "-c", 'echo "outside: [$LD_PRELOAD]"; exec "$@"', "-", ...argv];
        },
      })],
    },
  );
  assertEquals(attempt.verdict, "pass");
  assertEquals(seen[0]!.LD_PRELOAD, undefined);
  assertEquals(seen[0]!.PATH, Deno.env.get("PATH"));
});
