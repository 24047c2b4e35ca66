import { assert, assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { ExecutionResult, Extension, ExtensionStore, Json } from "../plugin.ts";
import { attemptWith, extension, onStage } from "../../tests/pipeline.ts";

const storing = (name: string, store: NonNullable<Extension["store"]>) =>
  extension(name, { store });

const tables = (names: readonly string[]) =>
  names.map((name) => `[commands.it.${name}]`).join("\n");

Deno.test("what extensions store is in the attempt, in run.json and in the index", async () => {
  let seen: ExecutionResult | undefined;
  const one = extension("one", {
    prepare(spec) {
      spec.collectors.push({
        collect(_, { metrics, artifacts }) {
          metrics.m = 1;
          artifacts.file = "file";
        },
      });
      return spec;
    },
    store(spec, result, store) {
      seen = result;
      store.set("k", "replaced");
      store.set("k", { text: "v", list: [1, null, true, { deep: "ü" }] });
      store.set("exit", result.exitCode);
      spec.command = "nobody's";
      result.metrics.late = 1;
    },
  });
  const two = storing("two", (_, { metrics }, store) => store.set("metrics", { m: metrics.m! }));
  await onStage({
    extensions: [one, two, storing("idle", () => {})],
    files: {
      ".assay/commands.toml": `[commands.it]\ncmd = "exit 4"\n${tables(["one", "two", "idle"])}\n`,
      file: "f",
    },
  }, async ({ root, run }) => {
    const { run_id, attempts: [attempt] } = await run();
    const expected = {
      one: { k: { text: "v", list: [1, null, true, { deep: "ü" }] }, exit: 4 },
      two: { metrics: { m: 1 } },
    };
    assertEquals(attempt!.extension_data, expected);
    assertEquals(attempt!.metrics.m, 1);
    assertMatch(seen!.artifacts.file!, /\/\.assay\/runs\/.*\/artifacts\/file$/);
    const file = JSON.parse(await Deno.readTextFile(`${root}/.assay/runs/${run_id}/run.json`));
    assertEquals(file.attempts[0].extension_data, expected);
    const db = new DatabaseSync(`${root}/.assay/assay.db`, { readOnly: true });
    const rows = db.prepare("SELECT extension, key, value FROM extension_data ORDER BY 1, 2").all();
    db.close();
    assertEquals(rows.map(({ extension, key, value }) => [extension, key, value]), [
      ["one", "exit", "4"],
      ["one", "k", JSON.stringify(expected.one.k)],
      ["two", "metrics", '{"m":1}'],
    ]);
  });
});

Deno.test("what an extension set before it threw is dropped whole; the others' data and the verdict stand", async () => {
  let late: ExtensionStore | undefined;
  const attempt = await attemptWith(
    [
      storing("good", (_spec, _result, store) => store.set("k", 1)),
      storing("half", (_spec, _result, store) => {
        store.set("k", 1);
        throw new Error("disk on fire");
      }),
      storing("hangs", (_spec, _result, store) => {
        late = store;
        store.set("k", 1);
        return new Promise(() => {});
      }),
    ],
    `cmd = "true"\n${tables(["good", "half", "hangs"])}`,
    { callTimeoutMs: 100 },
  );
  assertEquals(attempt.extension_data, { good: { k: 1 } });
  assertEquals(attempt.verdict, "pass");
  assertEquals(attempt.warnings, [
    'extension "half", store: disk on fire; nothing it set is kept',
    'extension "hangs", store: no answer within 100ms; nothing it set is kept',
  ]);
  assertMatch(String(throwing(() => late!.set("k", 2))), /the call has ended/);
});

Deno.test("a prototype's names are keys like others", async () => {
  const attempt = await attemptWith(
    [storing("odd", (_spec, _result, store) => {
      store.set("__proto__", { a: 1 });
      store.set("constructor", JSON.parse('{"__proto__": 1}'));
    })],
    `cmd = "true"\n${tables(["odd"])}`,
  );
  assertEquals(attempt.warnings, []);
  assertEquals(
    JSON.stringify(attempt.extension_data),
    '{"odd":{"__proto__":{"a":1},"constructor":{"__proto__":1}}}',
  );
});

function throwing(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("it did not throw");
}

const deep: Json = JSON.parse("[".repeat(65) + "]".repeat(65));

const refused: Readonly<Record<string, [unknown, RegExp]>> = {
  "too deep a list": [deep, /nested more than 64 levels deep/],
  "too much": ["x".repeat(64 * 1024), /has 65538 bytes as JSON; at most 65536/],
  "too much in UTF-8": ["ü".repeat(33_000), /has 66002 bytes as JSON/],
};

for (const [what, [value, message]] of Object.entries(refused)) {
  Deno.test(`${what} is not stored, and neither is what was set before`, async () => {
    const attempt = await attemptWith(
      [storing("bad", (_spec, _result, store) => {
        store.set("before", 1);
        store.set("k", value as Json);
      })],
      `cmd = "true"\n${tables(["bad"])}`,
    );
    assertEquals(attempt.extension_data, {});
    assertEquals(attempt.warnings.length, 1);
    assertMatch(
      attempt.warnings[0]!,
      /^extension "bad", store: store\.set: .*; nothing it set is kept$/,
    );
    assertMatch(attempt.warnings[0]!, message);
  });
}

Deno.test("an extension keeps at most 1 MiB, and replacing does not count twice", async () => {
  const attempt = await attemptWith(
    [
      storing("fits", (_spec, _result, store) => {
        for (let i = 0; i < 100; i++) store.set("same", "x".repeat(60_000));
      }),
      storing("bursts", (_spec, _result, store) => {
        for (let i = 0; i < 18; i++) store.set(`k${i}`, "x".repeat(60_000));
      }),
    ],
    `cmd = "true"\n${tables(["fits", "bursts"])}`,
  );
  assertEquals(Object.keys(attempt.extension_data), ["fits"]);
  assertMatch(attempt.warnings[0]!, /with "k17" it is more than 1048576 bytes in all/);
});

Deno.test("a key is a text", async () => {
  for (const key of ["", "x".repeat(201), "a\0", 4 as unknown as string]) {
    const attempt = await attemptWith(
      [storing("bad", (_spec, _result, store) => store.set(key, 1))],
      `cmd = "true"\n${tables(["bad"])}`,
    );
    assert(attempt.warnings[0]!.includes("a key must be a string of 1 to 200 characters"));
  }
});
