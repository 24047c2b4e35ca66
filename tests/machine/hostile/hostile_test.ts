/**
 * A plugin without grants attains nothing: each act of `attacks.ts` is refused in a plugin's worker and
 * succeeds in its control, under `deno run` and in a compiled program of an older Deno.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  isolatedEnv,
  isOnPath,
  projectRoot,
  run,
  testUnless,
  textOf,
  withFolder,
} from "../../support.ts";
import { type Attack, attacks } from "./attacks.ts";
import { markOf, type Result } from "./run.ts";

/** What a whole round of acts left behind. */
interface Round {
  readonly results: ReadonlyMap<string, Result>;
  /** Standard output and standard error. */
  readonly printed: string;
}

type Program = (body: (argv: readonly string[]) => Promise<void>) => Promise<void>;

const flags = ["--allow-all", "--unstable-worker-options", "--no-prompt"];
const script = `${projectRoot}tests/machine/hostile/run.ts`;

/** With a copy of the lock: controls import modules that do not belong into the project's. */
const fromSource: Program = (body) =>
  withFolder(async (folder) => {
    const lock = `${folder}/deno.lock`;
    await Deno.copyFile(`${projectRoot}deno.lock`, lock);
    const config = `--config=${projectRoot}deno.json`;
    await body([
      Deno.execPath(),
      ...["run", "--quiet", config, `--lock=${lock}`, "--frozen=false", ...flags, script],
    ]);
  });

const compileDeno = Deno.env.get("ASSAY_COMPILE_DENO");
const runtime = Deno.env.get("DENORT_BIN");

/** Bundled first: the Deno that compiles is older than the sources. */
const compiled: Program = (body) =>
  withFolder(async (folder) => {
    const place = { cwd: projectRoot, env: { ...isolatedEnv(folder), DENORT_BIN: runtime! } };
    const must = async (argv: readonly string[]) => {
      const { code, stderr } = await run(argv, place);
      assertEquals(code, 0, textOf(stderr));
    };
    const bundle = `${folder}/hostile.js`;
    await must([
      Deno.execPath(),
      ...["bundle", "--quiet", "--platform", "deno", "-o", bundle, script],
    ]);
    const isolation = ["--no-config", "--no-lock", "--no-check", "--quiet"];
    await must([
      compileDeno!,
      ...["compile", ...isolation, ...flags, "-o", `${folder}/hostile`, bundle],
    ]);
    await body([`${folder}/hostile`]);
  });

type Mode = "hardened" | "control";

async function inFolder<T>(
  argv: readonly string[],
  args: readonly [Mode] | readonly [Mode, string],
  look: (finished: { code: number; printed: string }, file: string) => Promise<T>,
): Promise<T> {
  const [mode, ...only] = args;
  return await withFolder(async (folder) => {
    const file = `${folder}/results.json`;
    const { code, stdout, stderr } = await run([...argv, mode, file, ...only], {
      cwd: folder,
      env: { ...isolatedEnv(`${folder}/home`), HOSTILE_SECRET: "GOT" },
      stdin: new TextEncoder().encode("GOT".repeat(1_000)),
    });
    return await look({ code, printed: textOf(stdout) + textOf(stderr) }, file);
  });
}

function round(argv: readonly string[], mode: Mode): Promise<Round> {
  return inFolder(argv, [mode], async ({ code, printed }, file) => {
    assertEquals(code, 0, printed);
    const results: Result[] = JSON.parse(await Deno.readTextFile(file));
    return { results: new Map(results.map((result) => [result.name, result])), printed };
  });
}

/** Whether the control of an act that makes the runtime stumble does so. */
function stumbles(argv: readonly string[], { name }: Attack): Promise<boolean> {
  return inFolder(
    argv,
    ["control", name],
    ({ code, printed }) => Promise.resolve(code !== 0 || printed !== ""),
  );
}

function succeeded(attack: Attack, { results, printed }: Round): boolean {
  const result = results.get(attack.name);
  if (!result) throw new Error(`${attack.name} was not tried`);
  const { shows = "returns", runtimeRefuses } = attack.control;
  if (runtimeRefuses !== undefined && result.refused?.includes(runtimeRefuses)) return true;
  if (shows === "prints") return printed.includes(markOf(attack));
  if (shows === "ends") return result.alive === false;
  return result.returned === "GOT";
}

for (
  const [name, program, missing] of [
    ["deno run", fromSource, undefined],
    [
      "compiled",
      compiled,
      compileDeno && runtime ? undefined : "needs ASSAY_COMPILE_DENO and DENORT_BIN",
    ],
  ] as const
) {
  testUnless(
    missing,
    `hostile plugins, ${name}: every act is refused and every control succeeds`,
    () =>
      program(async (argv) => {
        const hardened = await round(argv, "hardened");
        const control = await round(argv, "control");
        const attained = attacks.filter((attack) =>
          hardened.results.get(attack.name)!.returned === "GOT" ||
          hardened.printed.includes(markOf(attack))
        );
        const vain: Attack[] = [];
        for (const attack of attacks) {
          const works = attack.alone ? await stumbles(argv, attack) : succeeded(attack, control);
          if (!works) vain.push(attack);
        }
        const lines = (list: readonly Attack[], { results }: Round) =>
          list.map((attack) => JSON.stringify(results.get(attack.name)));
        assertEquals(lines(attained, hardened), [], "a plugin without grants attained this");
        assertEquals(lines(vain, control), [], "controls that prove nothing");
        assertEquals(hardened.printed, "", "nothing is printed");
        const dead = attacks.filter(({ name }) => hardened.results.get(name)!.alive !== true);
        assertEquals(lines(dead, hardened), [], "the plugin cannot be called afterwards");
        assert(attacks.length > 80);
      }),
  );
}

testUnless(
  isOnPath("script") ? undefined : "needs script",
  "hostile plugins, in a terminal and without --no-prompt: the user is not asked",
  () =>
    fromSource((argv) =>
      withFolder(async (folder) => {
        const asking = argv.filter((arg) => arg !== "--no-prompt");
        const file = `${folder}/results.json`;
        const command = [...asking, "hardened", file].map((each) => `'${each}'`).join(" ");
        const { code, stdout } = await run(["script", "-qec", command, "/dev/null"], {
          cwd: folder,
          env: { ...isolatedEnv(`${folder}/home`), HOSTILE_SECRET: "GOT" },
        });
        assertEquals([code, textOf(stdout)], [0, ""]);
      })
    ),
);
