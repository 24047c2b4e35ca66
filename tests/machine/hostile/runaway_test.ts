import { assert, assertMatch } from "@std/assert";
import { isolatedEnv, projectRoot, run, textOf, withFolder } from "../../support.ts";
import type { Ended } from "./runaway.ts";

type Part = "prepare" | "parse" | "wrap" | "review";

async function runaway(part: Part, code: string): Promise<[Ended, Ended]> {
  return await withFolder(async (folder) => {
    const config = `--config=${projectRoot}deno.json`;
    const script = `${projectRoot}tests/machine/hostile/runaway.ts`;
    const flags = ["--quiet", "--no-check", config, "-A", "--unstable-worker-options"];
    const { stdout, stderr } = await run([Deno.execPath(), "run", ...flags, script, part, code], {
      cwd: folder,
      env: isolatedEnv(folder),
    });
    assert(stdout.length > 0, textOf(stderr));
    return JSON.parse(textOf(stdout));
  });
}

for (
  const [name, code] of [
    ["loops", "for (;;);"],
    ["loops in microtasks", "const again = () => Promise.resolve().then(again); return again();"],
    ["matches forever", 'return /^(a+)+$/.test("a".repeat(60) + "b");'],
  ] as const
) {
  Deno.test(`runaway: a prepare that ${name} ends by its limit, and is not called again`, async () => {
    const [first, next] = await runaway("prepare", code);
    assertMatch(first.said, /due to timeout/);
    assert(first.ms < 2_000, `${first.ms} ms`);
    assertMatch(next.said, /did not give up control/);
    assert(next.ms < 500, `${next.ms} ms`);
  });
}

for (
  const [name, code] of [
    ["never settles", "return new Promise(() => {});"],
    ["sleeps in a loop", "while (true) await new Promise((resolve) => setTimeout(resolve, 1));"],
  ] as const
) {
  Deno.test(`runaway: a prepare that ${name} ends by its limit, and the next call works`, async () => {
    const [first, next] = await runaway("prepare", code);
    assertMatch(first.said, /due to timeout/);
    assert(first.ms < 2_000, `${first.ms} ms`);
    assertMatch(next.said, /^make$/);
  });
}

for (
  const [name, code] of [
    ["loops", "for (;;);"],
    ["waits for ever", "await new Promise(() => {})"],
  ] as const
) {
  Deno.test(`runaway: a parser that ${name} fails its report`, async () => {
    const [first] = await runaway("parse", code);
    assertMatch(first.said, /no events within 500 ms/);
  });
}

for (const part of ["wrap", "review"] as const) {
  Deno.test(`runaway: a ${part} that loops ends by its limit, and is not called again`, async () => {
    const [first, next] = await runaway(part, "for (;;);");
    assertMatch(first.said, /due to timeout/);
    assert(first.ms < 2_000, `${first.ms} ms`);
    assertMatch(next.said, /did not give up control/);
    assert(next.ms < 500, `${next.ms} ms`);
  });

  Deno.test(`runaway: a ${part} that never settles ends by its limit, and the next call works`, async () => {
    const [first, next] = await runaway(part, "return new Promise(() => {});");
    assertMatch(first.said, /due to timeout/);
    assertMatch(next.said, part === "wrap" ? /^make$/ : /^\{\}$/);
  });
}
