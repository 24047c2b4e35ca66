import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { realIo } from "../real_io.ts";
import { execute } from "./execute.ts";
import { attemptMark } from "./stop.ts";
import type { Execution } from "./types.ts";

const io = realIo();

async function inFolder(
  command: string,
  options: Partial<Execution>,
  check: (
    executed: Awaited<ReturnType<typeof execute>>,
    dir: string,
    took: number,
  ) => void | Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const attemptId = crypto.randomUUID();
  try {
    const start = performance.now();
    const executed = await execute(io, {
      argv: ["sh", "-c", command],
      cwd: dir,
      env: { PATH: Deno.env.get("PATH")!, [attemptMark]: attemptId },
      timeoutMs: 60_000,
      attemptId,
      stdoutFile: `${dir}/stdout`,
      stderrFile: `${dir}/stderr`,
      outputCap: 1024 * 1024,
      signal: new AbortController().signal,
      ...options,
    });
    await check(executed, dir, performance.now() - start);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Whether the process whose pid the command wrote still runs; a dead one no one reaped does not. */
const alive = async (dir: string) => {
  const pid = (await Deno.readTextFile(`${dir}/pid`)).trim();
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", pid] }).output();
  return /^[^Z]/.test(new TextDecoder().decode(stdout).trim());
};

Deno.test("both streams are kept byte for byte, invalid UTF-8 included", () =>
  inFolder("printf 'a\\377b'; printf 'c\\200' >&2; exit 3", {}, async (executed, dir) => {
    assertEquals(executed.exitCode, 3);
    assertEquals(await Deno.readFile(`${dir}/stdout`), new Uint8Array([97, 255, 98]));
    assertEquals(await Deno.readFile(`${dir}/stderr`), new Uint8Array([99, 128]));
  }));

Deno.test("a stream above the cap is cut, said so, and does not block the command", () =>
  inFolder("head -c 300000 /dev/zero; echo end >&2", { outputCap: 1000 }, async (executed, dir) => {
    assertEquals(executed.exitCode, 0);
    assertEquals(executed.stdout, { seen: 300_000, kept: 1000, truncated: true, abandoned: false });
    assertEquals((await Deno.stat(`${dir}/stdout`)).size, 1000);
    assertEquals(await Deno.readTextFile(`${dir}/stderr`), "end\n");
  }));

Deno.test("standard input is closed", () =>
  inFolder("cat; echo read", {}, async (_, dir) => {
    assertEquals(await Deno.readTextFile(`${dir}/stdout`), "read\n");
  }));

Deno.test("a command past its limit is ended with its whole group", () =>
  inFolder("sleep 100 & echo $! > pid; wait", { timeoutMs: 200 }, async (executed, dir, took) => {
    assert(executed.timedOut);
    assert(took < 4_000, `took ${took} ms`);
    assert(!await alive(dir));
  }));

Deno.test("a command that ignores SIGTERM is killed after the grace", () =>
  inFolder(
    "trap '' TERM; echo $$ > pid; while :; do sleep 0.1; done",
    { timeoutMs: 200 },
    async (executed, dir, took) => {
      assert(executed.timedOut);
      assertEquals(executed.signal, "SIGKILL");
      assert(took > 4_500 && took < 15_000, `took ${took} ms`);
      assert(!await alive(dir));
    },
  ));

Deno.test("a background child that holds the pipe does not hang the run and does not outlive it", () =>
  inFolder("sleep 100 & echo $! > pid; echo done", {}, async (executed, dir, took) => {
    assertEquals(executed.exitCode, 0);
    assert(executed.leftBehind);
    assert(took < 4_000, `took ${took} ms`);
    assertEquals(await Deno.readTextFile(`${dir}/stdout`), "done\n");
    assert(!await alive(dir));
  }));

Deno.test({
  name: "a child that left the group and holds the pipe is found by its mark (Linux)",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inFolder(
      "setsid sh -c 'echo $$ > pid; trap \"\" TERM; sleep 100' & while [ ! -s pid ]; do :; done",
      {},
      async (executed, dir, took) => {
        assert(executed.leftBehind);
        assert(took < 4_000, `took ${took} ms`);
        assert(!await alive(dir));
      },
    ),
});

Deno.test("a cancelled command ends and says so", async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort("SIGINT received"), 200);
  await inFolder("sleep 100", { signal: stop.signal }, (executed, _, took) => {
    assert(executed.cancelled);
    assert(!executed.timedOut);
    assert(took < 4_000, `took ${took} ms`);
  });
});

Deno.test("a command that a signal ended has no exit code", () =>
  inFolder("kill -SEGV $$", {}, (executed) => {
    assertEquals(executed.exitCode, null);
    assertEquals(executed.signal, "SIGSEGV");
  }));

Deno.test("a shell that cannot be started is reported, not thrown", () =>
  inFolder("true", { argv: ["/no/such/shell", "-c", "true"] }, (executed) => {
    assertEquals(executed.pid, null);
    assertStringIncludes(executed.spawnError!.message, "/no/such/shell");
    assert(executed.spawnError!.isMissing);
  }));

Deno.test("a program that is not executable is reported as missing, an argv that is too long is not", async () => {
  await inFolder("true", { argv: ["/etc/passwd"] }, ({ spawnError }) => {
    assert(spawnError!.isMissing);
  });
  await inFolder("true", { argv: ["sh", "-c", "x".repeat(3_000_000)] }, ({ pid, spawnError }) => {
    assertEquals(pid, null);
    assert(!spawnError!.isMissing);
  });
});
