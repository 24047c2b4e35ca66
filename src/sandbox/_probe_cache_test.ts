import { assert, assertEquals } from "@std/assert";
import type { Io } from "../io.ts";
import { onProbeStage, type ProbeStage } from "./_testing.ts";
import { openProbeCache, type ProbeIdentity } from "./probe.ts";

const engine: ProbeIdentity = { name: "e", source: "https://x/e.ts", version: "1", digest: "d" };
const probe = { works: true, detail: "it did" };

/** Whether an answer stored by one cache is recalled by another. */
async function isRecalled(
  { io }: ProbeStage,
  identity: ProbeIdentity,
  asked: ProbeIdentity,
  other: { readonly io?: Io; readonly version?: string } = {},
): Promise<boolean> {
  await openProbeCache(io, "1").remember(identity, probe);
  const recalled = await openProbeCache(other.io ?? io, other.version ?? "1").recall(asked);
  return recalled !== undefined;
}

Deno.test("an answer is that of one engine, plugin, version, content and assay", async () => {
  await onProbeStage(async (stage) => {
    assertEquals(await isRecalled(stage, engine, engine), true);
    for (const key of ["name", "source", "version", "digest"] as const) {
      assertEquals(await isRecalled(stage, engine, { ...engine, [key]: "other" }), false, key);
    }
    assertEquals(await isRecalled(stage, engine, engine, { version: "2" }), false);
    const env = (name: string) => name === "PATH" ? "/usr/local/bin:/bin" : stage.io.env(name);
    assertEquals(await isRecalled(stage, engine, engine, { io: { ...stage.io, env } }), false);
  });
});

Deno.test("an engine whose plugin may have changed is not remembered", async () => {
  await onProbeStage(async (stage) => {
    const local = { name: "e", source: "./e.js" };
    assertEquals(await isRecalled(stage, local, local), false);
    const builtin = { name: "e", source: "built-in" };
    assertEquals(await isRecalled(stage, builtin, builtin), true);
  });
});

/** An Io whose shell says that the machine, or where assay is in it, is another. */
function elsewhere(io: Io, replace: readonly [RegExp, string]): Io {
  return {
    ...io,
    spawn: (argv, options) => {
      const script = argv[2]!;
      const sed = `{ ${script}\n} | sed -E 's/${replace[0].source}/${replace[1]}/'`;
      return io.spawn(["sh", "-c", sed.replace('exec "$0"', "readlink")], options);
    },
  };
}

Deno.test("an answer holds until the machine is started again, for one user and place", async () => {
  await onProbeStage(async (stage) => {
    const same = elsewhere(stage.io, [/never/, "there"]);
    assertEquals(await isRecalled(stage, engine, engine, { io: same }), true);
    const others: readonly (readonly [RegExp, string])[] = [
      [/^[0-9a-f]{8}-/, "00000000-"],
      [/^Uid:.*/, "Uid: 65534"],
      [/^CapEff:.*/, "CapEff: 7"],
      [/^Seccomp:.*/, "Seccomp: 9"],
      [/^mnt:.*/, "mnt:[1]"],
      [/^net:.*/, "net:[1]"],
    ];
    for (const replace of others) {
      const io = elsewhere(stage.io, replace);
      assertEquals(await isRecalled(stage, engine, engine, { io }), false, replace[1]);
    }
  });
});

Deno.test("where the machine does not tell what it is, nothing is kept", async () => {
  await onProbeStage(async (stage) => {
    for (const said of ["", "58cefd98-8029-421d-b749-80d157a708dc", "boot\nUid: 0"]) {
      const spawn: Io["spawn"] = (_, options) => stage.io.spawn(["printf", "%s", said], options);
      assertEquals(
        await isRecalled({ ...stage, io: { ...stage.io, spawn } }, engine, engine),
        false,
      );
    }
    const broken: Io["spawn"] = () => {
      throw new Deno.errors.NotFound("sh");
    };
    const io = { ...stage.io, spawn: broken };
    assertEquals(await isRecalled({ ...stage, io }, engine, engine), false);
    assertEquals(await stage.io.fs.stat(stage.file), undefined);
  });
});

/** The file after one answer, with a part of it replaced. */
async function forged(
  { io, file }: ProbeStage,
  forge: (text: string) => string,
): Promise<boolean> {
  await io.fs.remove(file);
  await openProbeCache(io, "1").remember(engine, probe);
  await io.fs.writeText(file, forge(await io.fs.readText(file)));
  return await openProbeCache(io, "1").recall(engine) !== undefined;
}

Deno.test("a damaged or forged file is no cache, and is rewritten", async () => {
  await onProbeStage(async (stage) => {
    assertEquals(await forged(stage, (text) => text), true);
    const forgeries: readonly ((text: string) => string)[] = [
      () => "",
      () => "null",
      () => "[]",
      () => '{"version":1,"probes":null}',
      () => '{"version":1,"probes":[null]}',
      (text) => text.slice(0, -10),
      (text) => text.replace('"version": 1', '"version": 2'),
      (text) => text.replace('"works": true', '"works": "true"'),
      (text) => text.replace(/"detail": "[^"]*"/, '"detail": null'),
      (text) => text.replace('"works": true', '"works": true, "missing": {"x": "y"}'),
      (text) => text.replace('"works": true', '"works": true, "facts": [1]'),
      (text) => text.replace(/"at": \d+/, '"at": "now"'),
      (text) => text.replace(/"at": \d+/, '"at": 999999999999'),
      (text) => text.replace('"probes": {', '"probes": { "other": {},'),
      (text) => text + " ".repeat(1024 * 1024),
    ];
    for (const forge of forgeries) {
      assertEquals(await forged(stage, forge), false, String(forge));
    }
    await openProbeCache(stage.io, "1").remember(engine, probe);
    assertEquals(await openProbeCache(stage.io, "1").recall(engine), probe);
  });
});

Deno.test("a folder that cannot be written, or none, is no error", async () => {
  await onProbeStage(async (stage) => {
    await stage.io.fs.writeText(stage.file.replace("/assay/probes.json", "/assay"), "a file");
    assertEquals(await isRecalled(stage, engine, engine), false);
  });
  await onProbeStage(async (stage) => {
    assertEquals(await isRecalled(stage, engine, engine), false);
  }, { XDG_CACHE_HOME: "relative", HOME: undefined });
});

Deno.test("answers of one process at the same time are all kept; those before a start are not", async () => {
  await onProbeStage(async (stage) => {
    const before = elsewhere(stage.io, [/^[0-9a-f]{8}-/, "00000000-"]);
    await openProbeCache(before, "1").remember(engine, probe);
    const cache = openProbeCache(stage.io, "1");
    const names = ["a", "b", "c", "d", "e"];
    await Promise.all(names.map((name) => cache.remember({ ...engine, name }, probe)));
    for (const name of names) assert(await cache.recall({ ...engine, name }), name);
    const { probes } = JSON.parse(await stage.io.fs.readText(stage.file));
    assertEquals(Object.keys(probes).length, names.length);
  });
});
