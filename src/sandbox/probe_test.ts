import { assert, assertEquals } from "@std/assert";
import { engineOf, onProbeStage } from "./_testing.ts";
import { openProbeCache, probeOf } from "./probe.ts";

const works = { works: true, detail: "a denied write failed" };
const fails = { works: false, detail: "no user namespaces" };

/** A cache that holds nothing. */
const none = { recall: () => Promise.resolve(undefined), remember: () => Promise.resolve() };

Deno.test("an engine without a probe does not work", async () => {
  const { works, detail } = await probeOf({ name: "e", source: "built-in" }, none);
  assertEquals([works, detail], [false, "it has no probe, so nothing proves that it works"]);
});

Deno.test("a probe that throws does not work, and is asked again the next time", async () => {
  await onProbeStage(async ({ io }) => {
    const cache = openProbeCache(io, "1");
    let asked = 0;
    const ask = () => {
      asked++;
      return Promise.reject(new Error('engine "e", probe: no answer within 50ms'));
    };
    const engine = { name: "e", source: "built-in", ask };
    const { works, detail } = await probeOf(engine, cache);
    assertEquals(works, false);
    assert(detail.includes("no answer within 50ms"), detail);
    await probeOf(engine, cache);
    assertEquals(asked, 2);
  });
});

Deno.test("success is remembered by another process of the same machine", async () => {
  await onProbeStage(async (stage) => {
    const answer = { ...works, missing: { pids: "no" }, facts: { abi: 7 } };
    const { engine, asked } = engineOf([answer, fails]);
    assertEquals(await probeOf(engine, openProbeCache(stage.io, "1")), answer);
    stage.time += 365 * 24 * 3_600_000;
    assertEquals(await probeOf(engine, openProbeCache(stage.io, "1")), answer);
    assertEquals(asked(), 1);
  });
});

Deno.test("failure is remembered for a minute", async () => {
  await onProbeStage(async (stage) => {
    const { engine, asked } = engineOf([fails, works]);
    const cache = openProbeCache(stage.io, "1");
    await probeOf(engine, cache);
    stage.time += 59_999;
    assertEquals(await probeOf(engine, cache), fails);
    assertEquals(asked(), 1);
    stage.time += 1;
    assertEquals(await probeOf(engine, cache), works);
  });
});

Deno.test("asked afresh, an engine answers itself, and that is remembered", async () => {
  await onProbeStage(async ({ io }) => {
    const { engine, asked } = engineOf([works, fails]);
    const cache = openProbeCache(io, "1");
    await probeOf(engine, cache);
    assertEquals(await probeOf(engine, cache, { fresh: true }), fails);
    assertEquals(await probeOf(engine, cache), fails);
    assertEquals(asked(), 2);
  });
});
