import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { CommandSpec } from "../plugin.ts";
import { programOf } from "../process/programs.ts";
import { attemptWith, extension, onStage } from "../../tests/pipeline.ts";
import { probesOf } from "./call.ts";
import { rehearse } from "./prepare.ts";

/** Changes made by a `prepare` that returns what it was given. */
const changing = (name: string, change: (spec: CommandSpec) => void) =>
  extension(name, {
    prepare(spec) {
      change(spec);
      return spec;
    },
  });

Deno.test("what extensions change is run, in the configured order, and recorded", async () => {
  const attempt = await attemptWith(
    [
      changing("last", (spec) => spec.command += "; echo last >> seen; pwd; env"),
      changing("first", (spec) => {
        spec.command += "; echo first > ../seen; cat ../seen >&2";
        spec.cwd = `${spec.workspace}/sub`;
        spec.env.GIVEN = "a b";
        delete spec.env.PATH;
        spec.timeoutMs = 5_000;
        spec.shell = ["/bin/sh", "-e", "-c"];
        spec.wrappers.push(["/usr/bin/env", "WRAPPED=1"]);
      }),
      changing("absent", (spec) => spec.command = "exit 1"),
    ],
    'cmd = "true {{run_id}}"\ncapture_env = ["GIVEN"]\n[commands.it.last]\n[commands.it.first]',
    { order: ["first"], files: { "sub/keep": "" } },
  );
  assertEquals(attempt.reasons, [{ code: "ok", message: "exit code 0" }]);
  assertEquals(attempt.cwd, "sub");
  assertEquals(attempt.environment, { GIVEN: "a b" });
  assertMatch(attempt.command, /^true [0-9A-Z]{26}; echo first > .*; echo last >> seen; pwd; env$/);
  const [first, last, ...more] = attempt.extensions;
  assertEquals(more, []);
  const before = attempt.command.slice(0, "true ".length + 26);
  const between = `${before}; echo first > ../seen; cat ../seen >&2`;
  assertEquals({ ...first, duration_ms: 0 }, {
    extension: "first",
    changes: {
      command: { before, after: between },
      cwd: { before: ".", after: "sub" },
      timeout_ms: { before: 600_000, after: 5_000 },
      shell: { before: ["sh", "-c"], after: ["/bin/sh", "-e", "-c"] },
      wrappers: { before: [], after: [["/usr/bin/env", "WRAPPED=1"]] },
      env: { set: ["GIVEN"], unset: ["PATH"] },
    },
    duration_ms: 0,
  });
  assertEquals(last!.changes, { command: { before: between, after: attempt.command } });
});

Deno.test("extensions that the user did not order come after the others, by name", async () => {
  const names = ["zeta", "platform", "alpha", "env"];
  const attempt = await attemptWith(
    names.map((name) => extension(name)),
    `cmd = "true"\n${names.map((name) => `[commands.it.${name}]\nX = "1"`).join("\n")}`,
  );
  assertEquals(attempt.extensions.map((each) => each.extension), [
    "env",
    "platform",
    "alpha",
    "zeta",
  ]);
});

Deno.test("no one but assay sets or takes away assay's variables", async () => {
  const attempt = await attemptWith(
    [changing("forger", (spec) => {
      spec.env.ASSAY_RUN_ID = "forged";
      spec.env.ASSAY_RESULT_FILE = "forged";
      spec.env.ASSAY_ATTEMPT_ID = "forged";
      delete spec.env.ASSAY;
    })],
    'cmd = "test $ASSAY = 1 && ! env | grep -q forged && test -n \\"$ASSAY_ATTEMPT_ID\\""\n[commands.it.forger]',
  );
  assertEquals(attempt.verdict, "pass");
});

Deno.test("a time limit that an extension sets holds", async () => {
  const attempt = await attemptWith(
    [changing("hasty", (spec) => spec.timeoutMs = 200)],
    'cmd = "sleep 30"\n[commands.it.hasty]',
  );
  assertEquals(attempt.reasons[0]!.code, "timeout");
  assertStringIncludes(attempt.reasons[0]!.message, "200ms");
});

Deno.test("an extension has a spec of its own: what it does to it later, or to its tables, changes nothing", async () => {
  let kept: CommandSpec | undefined;
  const attempt = await attemptWith(
    [
      extension("before", {
        prepare(spec) {
          kept = spec;
          return { ...spec, collectors: [] };
        },
      }),
      changing("later", (spec) => {
        kept!.command = "exit 3";
        kept!.env.LATER = "1";
        spec.env.SEEN = JSON.stringify(spec.extensionData);
      }),
    ],
    'cmd = "test -z \\"$LATER\\""\ncapture_env = ["SEEN"]\n[commands.it.before]\na = [1]\n[commands.it.later]',
  );
  assertEquals(attempt.verdict, "pass");
  assertEquals(JSON.parse(attempt.environment.SEEN!), { before: { a: [1] }, later: {} });
});

Deno.test("options, warnings and the root reach the extension", async () => {
  const attempt = await attemptWith(
    [extension("noted", {
      prepare(spec, { options, root, warn }) {
        warn(`${options.tone} ${root === spec.workspace}`);
        return spec;
      },
    })],
    'cmd = "true"\n[commands.it.noted]',
  );
  assertEquals(attempt.warnings, ['extension "noted": loud true']);
});

Deno.test("a chatty extension is cut", async () => {
  const attempt = await attemptWith(
    [extension("chatty", {
      prepare(spec, { warn }) {
        for (let i = 0; i < 5_000; i++) warn("x".repeat(5_000));
        return spec;
      },
    })],
    'cmd = "true"\n[commands.it.chatty]',
  );
  assertEquals(attempt.warnings.length, 101);
  assertEquals(attempt.warnings.at(-1), "more messages of plugins were not kept");
  assert(attempt.warnings.every((warning) => warning.length <= 1_000));
});

/** What a `prepare` may do wrong, and what is said of it. */
const wrongs: Readonly<Record<string, [(spec: CommandSpec) => unknown, RegExp]>> = {
  "throws": [() => {
    throw new Error("no clock here");
  }, /: no clock here$/],
  "leaves no command": [(spec) => ({ ...spec, command: "  " }), /: it left no command$/],
  "leaves a command with NUL": [(spec) => ({ ...spec, command: "a\0b" }), /: it left no command$/],
  "leaves the project": [(spec) => ({ ...spec, cwd: "/" }), /: its cwd \/ is outside the project$/],
  "leaves it by a link": [
    (spec) => ({ ...spec, cwd: `${spec.workspace}/out` }),
    /: its cwd out is outside the project$/,
  ],
  "names a relative cwd": [
    (spec) => ({ ...spec, cwd: "." }),
    /a cwd that is not an absolute path$/,
  ],
  "names no folder": [
    (spec) => ({ ...spec, cwd: `${spec.workspace}/file` }),
    /: its cwd file is not a folder$/,
  ],
  "names a missing cwd": [
    (spec) => ({ ...spec, cwd: `${spec.workspace}/gone` }),
    /: its cwd gone does not exist$/,
  ],
  "takes the time away": [(spec) => ({ ...spec, timeoutMs: 0 }), /not a positive number$/],
  "sets a strange name": [(spec) => ({ ...spec, env: { "A=B": "" } }), /with the name "A=B"$/],
  "sets NUL": [
    (spec) => ({ ...spec, env: { A: "\0" } }),
    /the variable A to a string with a NUL character$/,
  ],
  "leaves a shell without a name": [
    (spec) => ({ ...spec, shell: [""] }),
    /a shell that is not a program/,
  ],
  "wraps with nothing": [(spec) => ({ ...spec, wrappers: [[]] }), /wrappers that are not programs/],
  "has a getter that throws": [(spec) => ({
    ...spec,
    get command() {
      throw new Error("mine");
    },
  }), /: mine$/],
  "hangs": [() => new Promise(() => {}), /: no answer within 100ms$/],
};

for (const [what, [wrong, message]] of Object.entries(wrongs)) {
  Deno.test(`a prepare that ${what} leaves its command unknown and not run`, async () => {
    const bad = extension("bad", {
      prepare: (spec) => wrong(spec) as CommandSpec | Promise<CommandSpec>,
    });
    const toml = '[commands.bad]\ncmd = "touch ran"\n[commands.bad.bad]\n' +
      '[commands.good]\ncmd = "true"\n';
    await onStage({
      extensions: [bad],
      files: { ".assay/commands.toml": toml, "file": "" },
      callTimeoutMs: what === "hangs" ? 100 : 10_000,
    }, async ({ root, run }) => {
      await Deno.symlink("/", `${root}/out`);
      const { attempts: [broken, good], recommendation } = await run();
      assertEquals(broken!.verdict, "unknown");
      assertEquals(broken!.reasons.map(({ code }) => code), ["prepare_failed"]);
      assertMatch(
        broken!.reasons[0]!.message,
        /^could not be prepared: extension "bad", prepare: /,
      );
      assertMatch(broken!.reasons[0]!.message, message);
      assertEquals([broken!.exit_code, broken!.started_at, broken!.extensions], [null, null, []]);
      assertEquals(good!.verdict, "pass");
      assertEquals(recommendation, "blocked");
      assertEquals(await Deno.stat(`${root}/ran`).catch(() => "nothing ran"), "nothing ran");
    });
  });
}

Deno.test("the extensions before the one that failed are recorded, those after it are not called", async () => {
  let called = false;
  const attempt = await attemptWith(
    [
      changing("a", (spec) => spec.env.A = "1"),
      changing("b", () => {
        throw new Error("broken");
      }),
      changing("c", () => called = true),
    ],
    'cmd = "true"\n[commands.it.a]\n[commands.it.b]\n[commands.it.c]',
  );
  assertEquals(attempt.extensions.map((each) => each.extension), ["a"]);
  assertEquals(called, false);
});

Deno.test("a prepare that hangs does not hold up the end of the run", async () => {
  const stop = new AbortController();
  const start = performance.now();
  const attempt = await attemptWith(
    [extension("slow", {
      prepare: (_, { signal }) => {
        setTimeout(() => stop.abort("SIGINT received"), 50);
        return new Promise((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason))
        );
      },
    })],
    'cmd = "touch ran"\n[commands.it.slow]',
    { signal: stop.signal, callTimeoutMs: 60_000 },
  );
  assertEquals(attempt.reasons[0]!.code, "cancelled");
  assertEquals(attempt.cancelled, true);
  assert(performance.now() - start < 5_000);
});

Deno.test("paths in a command are absolute when an extension may run it elsewhere", async () => {
  const command = 'cmd = "echo {{run_dir}}"\ncwd = "sub"\n';
  const [moved, kept] = await Promise.all(
    ["mover", "env"].map((name) =>
      attemptWith([extension(name)], `${command}[commands.it.${name}]\nX = "1"`, {
        files: { "sub/keep": "" },
      })
    ),
  );
  assertMatch(moved!.command, /^echo \/.*\.assay\/runs\/\w{26}$/);
  assertMatch(kept!.command, /^echo \.\.\/\.assay\/runs\/\w{26}$/);
});

Deno.test("a rehearsal prepares for real, and neither executes nor writes", async () => {
  const toml = '[commands.it]\ncmd = "touch ran"\n[commands.it.noted]\n';
  await onStage({
    extensions: [changing("noted", (spec) => spec.env.NOTED = "1")],
    files: { ".assay/commands.toml": toml },
  }, async ({ io, root, project, plugins }) => {
    const signal = new AbortController().signal;
    const context = { io, project, plugins, probes: probesOf(io, "0"), signal };
    const { argv, applied, spec } = await rehearse(project.commands[0]!, context);
    assertEquals(argv, [await programOf(io, "sh"), "-c", "touch ran"]);
    assertEquals(applied[0]!.changes, { env: { set: ["NOTED"], unset: [] } });
    assertEquals(spec.env.NOTED, "1");
    const names = Array.from(Deno.readDirSync(`${root}/.assay`), ({ name }) => name);
    assertEquals(names, ["commands.toml"]);
  });
});
