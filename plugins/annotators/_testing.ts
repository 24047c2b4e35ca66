/** Shared by the annotators' tests: a stored attempt with events, actually annotated. */

import { anAttempt, anEvent, aRun } from "../../tests/records.ts";
import { withFolder } from "../../tests/support.ts";
import type { Io } from "../../src/io.ts";
import type { Annotation, Event, Run } from "../../src/model.ts";
import { annotateStored } from "../../src/run/annotate.ts";
import { pluginsOf } from "../../src/run/plugins.ts";
import { realIo } from "../../src/real_io.ts";
import { openStore, type Store, ulid } from "../../src/store/mod.ts";
import { annotators } from "./mod.ts";

/** A project whose problems are annotated. */
export interface Annotating {
  readonly root: string;
  /** Stores a run of one failed command with these events, annotates it, and returns the annotations. */
  annotate(
    name: string,
    events: readonly Partial<Event>[],
    run?: Partial<Run>,
  ): Promise<{ readonly said: readonly Annotation[]; readonly warnings: readonly string[] }>;
}

/** Calls `body` with a project in the folder `root`. */
export async function annotatingIn(
  root: string,
  body: (project: Annotating) => Promise<void>,
  io: Io = realIo(),
): Promise<void> {
  const store = await openStore(io, root);
  try {
    await body({
      root,
      annotate: (name, events, run) => annotateRun(io, store, root, name, events, run),
    });
  } finally {
    store.close();
  }
}

/** The same in a fresh folder with these files. */
export function annotating(
  files: Readonly<Record<string, string | Uint8Array>>,
  body: (project: Annotating) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    const root = `${folder}/project`;
    await Deno.mkdir(root);
    for (const [path, content] of Object.entries(files)) {
      await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      if (typeof content === "string") await Deno.writeTextFile(`${root}/${path}`, content);
      else await Deno.writeFile(`${root}/${path}`, content);
    }
    await annotatingIn(root, body);
  });
}

async function annotateRun(
  io: Io,
  store: Store,
  root: string,
  name: string,
  parts: readonly Partial<Event>[],
  more: Partial<Run> = {},
) {
  const attempt = anAttempt({ name: "test", attempt_id: ulid(io), verdict: "fail", exit_code: 1 });
  const writer = await store.startRun(aRun({ run_id: ulid(io), root, ...more }), ["test"]);
  const { run } = writer;
  const { ref } = writer.startAttempt({ ...attempt, started_at: run.started_at });
  await writer.addEvents(
    attempt.attempt_id,
    parts.map((part, index) => anEvent({ index: index + 1, ...part })),
  );
  writer.finishAttempt({ ...attempt, ref, started_at: run.started_at });
  await writer.finishRun({ ...run, attempts: [{ ...attempt, ref, started_at: run.started_at }] });
  const { warnings } = await annotateStored(
    { run, attempt: { ...attempt, ref }, extensionData: {} },
    {
      io,
      project: { root, extensions: { order: [], callTimeoutMs: 10_000 } },
      store,
      plugins: pluginsOf([{
        plugin: { name: "assay", annotators },
        options: {},
        source: "built-in",
      }], []),
    },
    (annotator) => annotator.name === name,
  );
  return { said: store.annotations(attempt.attempt_id), warnings };
}
