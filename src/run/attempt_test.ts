import { assertEquals } from "@std/assert";
import type { Annotator } from "../plugin.ts";
import { openStore } from "../store/mod.ts";
import { extension, onStage } from "../../tests/pipeline.ts";

const toml = `[commands.it]
cmd = "exit 3"
[commands.it.one]
key = "value"
`;

Deno.test("eager annotators speak of an attempt whose outcome is known, before it is stored", async () => {
  const annotator = (name: string, eager: boolean): Annotator => ({
    name,
    eager,
    shouldAnnotate: ({ metadata }) => metadata.verdict === "fail",
    annotate(context) {
      const text = `${context.exitCode} ${JSON.stringify(context.extensionData)}`;
      context.addAnnotation(0, { type: "note", display: "inline", text });
      context.warn("seen");
    },
  });
  await onStage({
    extensions: [extension("one", { store: (_spec, _result, store) => store.set("k", 1) })],
    annotators: [annotator("eager", true), annotator("deferred", false)],
    files: { ".assay/commands.toml": toml },
  }, async ({ io, root, run }) => {
    const { attempts: [attempt] } = await run();
    assertEquals(attempt!.warnings, ['annotator "eager": seen']);
    const store = await openStore(io, root);
    assertEquals(
      store.annotations(attempt!.attempt_id).map(({ ref, annotator, text }) => [
        ref,
        annotator,
        text,
      ]),
      [["it:1", "eager", '3 {"one":{"key":"value"}}']],
    );
    assertEquals(store.latestRun()!.attempts, [attempt!]);
    store.close();
  });
});

Deno.test("an attempt that was cancelled is not annotated", async () => {
  const stop = new AbortController();
  stop.abort("SIGINT received");
  let called = false;
  await onStage({
    extensions: [],
    annotators: [{
      name: "eager",
      eager: true,
      shouldAnnotate: () => called = true,
      annotate: () => {},
    }],
    files: { ".assay/commands.toml": toml.replace(/\[commands.it.one\][^]*/, "") },
    signal: stop.signal,
  }, async ({ run }) => {
    const { attempts: [attempt] } = await run();
    assertEquals(attempt!.reasons[0]!.code, "cancelled");
  });
  assertEquals(called, false);
});
