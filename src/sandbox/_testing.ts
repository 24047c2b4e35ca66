/** What the tests of probes share: a cache folder of their own, and an engine that counts its probes. */

import { withFolder } from "../../tests/support.ts";
import type { Io } from "../io.ts";
import { realIo } from "../real_io.ts";
import type { Probe } from "../plugin.ts";
import type { ProbedEngine } from "./probe.ts";

/** The real Io with a cache folder of its own and a clock that is set by hand. */
export interface ProbeStage {
  readonly io: Io;
  /** `probes.json`. */
  readonly file: string;
  /** Milliseconds since 1970. */
  time: number;
}

/** Runs the body with a stage. */
export async function onProbeStage(
  body: (stage: ProbeStage) => Promise<void>,
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<void> {
  await withFolder(async (folder) => {
    const real = realIo();
    const own: Readonly<Record<string, string | undefined>> = {
      XDG_CACHE_HOME: folder,
      ...environment,
    };
    const env = (name: string) => name in own ? own[name] : real.env(name);
    const stage: ProbeStage = {
      io: { ...real, env, now: () => stage.time },
      file: `${folder}/assay/probes.json`,
      time: 1_000_000,
    };
    await body(stage);
  });
}

/** An engine whose probe gives these answers, one after the other, and the last one from then on. */
export function engineOf(
  answers: readonly Probe[],
  identity: Partial<ProbedEngine> = {},
): { readonly engine: ProbedEngine; readonly asked: () => number } {
  let asked = 0;
  const ask = () => Promise.resolve(answers[Math.min(asked++, answers.length - 1)]!);
  return { engine: { name: "e", source: "built-in", ask, ...identity }, asked: () => asked };
}
