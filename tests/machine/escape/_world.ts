/** The two sides of `world.py`: what it is told to do, and what it tells. */

import type { SandboxFact } from "../../../src/model.ts";
import type { SandboxDoctor } from "./_doctor.ts";
import { assayCommand, isolatedEnv, isOnPath, projectRoot, run, textOf } from "../../support.ts";

/** The interpreter of the probe: the system's own, which every user may read. */
export const python = "/usr/bin/python3";

/** What limits are tried with: processes, bytes, seconds of processor time. */
export const limits = { pids: 64, memory: 128 * 1024 * 1024, cpu: 1 };

/** A run of assay with acts in it. */
export interface Spec {
  /** A folder that is not there yet. */
  readonly base: string;
  /** A table in TOML; `null`: none, a control. */
  readonly sandbox: string | null;
  /** What `sandbox` declares, by dimension. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** Engines that are allowed: where none gives anything of it the run is left out. */
  readonly engines?: readonly string[];
  /** The acts of this limit instead of all others. */
  readonly limit?: string | undefined;
  /** Files of the project, by path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The result of one act. */
export interface Act {
  readonly name: string;
  /** `unseen`: it works inside, and nothing of it may be seen outside. */
  readonly kind: "deny" | "allow" | "unseen";
  /** It counts when one of these is enforced. */
  readonly dimensions: readonly string[];
  /** What its control needs of the machine. */
  readonly needs: readonly string[];
  /** A regular expression for caveats that say it is left out. */
  readonly caveat: string | null;
  /** Nothing of it can be seen from outside. */
  readonly claimed: boolean;
  /** Whether the probe came to it. */
  readonly reached: boolean;
  /** Whether it worked, as it says itself; `null`: it cannot tell, or was not reached. */
  readonly ok: boolean | null;
  /** What it got hold of, or what refused it. */
  readonly detail?: string;
  /** What was found outside by other means. */
  readonly seen: string | null;
}

/** The result of a run. */
export interface Result {
  readonly skipped?: undefined;
  readonly run: {
    readonly code: number;
    readonly stderr: string;
    readonly ms: number;
    /** What assay printed, if it was JSON. */
    readonly json?: { readonly attempts: readonly Attempt[] };
    readonly stdout?: string;
  };
  /** Why which needs are not met here. */
  readonly missing: Readonly<Record<string, string>>;
  readonly acts: readonly Act[];
}

/** A run that was left out: no engine gives anything of its sandbox. */
export interface Skipped {
  readonly skipped: true;
}

/** What is read of an attempt. */
export interface Attempt {
  readonly verdict: string;
  readonly exit_code: number | null;
  /** The signal that ended the command. */
  readonly signal: string | null;
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
  readonly sandbox: readonly SandboxFact[];
}

/** Who runs assay, and how. */
export interface Place {
  /** Where all files of its runs are; every user may look into it. */
  readonly folder: string;
  readonly uid: number;
  /** The argv that starts assay. */
  readonly assay: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What the whole is started by, such as a program that starts a systemd. */
  readonly wrapper?: string | undefined;
}

/** A place with a home of its own; `program` where that user cannot start assay as it is. */
export async function placeOf(
  folder: string,
  part: string,
  uid: number,
  program: Pick<Place, "assay" | "env"> = { assay: assayCommand(), env: {} },
): Promise<Place> {
  await Deno.chmod(folder, 0o755);
  const home = `${folder}/home-${part}`;
  await Deno.mkdir(home);
  if (Deno.uid() === 0) await Deno.chown(home, uid, uid);
  return { folder, uid, assay: program.assay, env: { ...isolatedEnv(home), ...program.env } };
}

/** Does all runs, one after the other; first comes what `assay sandbox doctor` says there. */
export async function runAll(
  specs: readonly Spec[],
  place: Place,
): Promise<{ doctor: SandboxDoctor; results: (Result | Skipped)[] }> {
  const id = crypto.randomUUID().slice(0, 8);
  const [input, output] = [`${place.folder}/${id}.json`, `${place.folder}/${id}.jsonl`];
  const { uid, assay, env } = place;
  const common = { uid, assay, env, limits };
  const doctor = { ...common, doctor: true, base: `${place.folder}/${id}` };
  const all = [doctor, ...specs.map((spec) => ({ ...common, ...spec }))];
  await Deno.writeTextFile(input, JSON.stringify(all));
  const script = `${place.folder}/tools/world.py`;
  const argv = [python, "-B", script, input, output];
  const { code, stderr } = await run(place.wrapper ? [place.wrapper, ...argv] : argv, {
    cwd: place.folder,
    env: Deno.env.toObject(),
  });
  if (code !== 0) throw new Error(`world.py ended with ${code}: ${textOf(stderr)}`);
  const lines = (await Deno.readTextFile(output)).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  for (const line of lines) if (line.error) throw new Error(line.error);
  return { doctor: lines[0].doctor, results: lines.slice(1) };
}

/** Why no run is possible at all on this machine. */
export function missingForAll(): string | undefined {
  if (Deno.build.os !== "linux") return "the acts are Linux's";
  if (!isOnPath("python3", "/usr/bin")) return `needs ${python}`;
  return undefined;
}

/** The program under test where an ordinary user can start it: with a runtime and modules of its own. */
export async function assayForAnybody(
  folder: string,
): Promise<{ assay: string[]; env: Record<string, string> }> {
  const [program, ...rest] = assayCommand();
  await copy(program!, `${folder}/program`);
  if (Deno.env.get("ASSAY_UNDER_TEST")) return { assay: [`${folder}/program`, ...rest], env: {} };
  const modules = Deno.env.get("DENO_DIR") ??
    `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/deno`;
  await Deno.mkdir(`${folder}/modules`);
  await copy(`${modules}/npm`, `${folder}/modules/npm`);
  for (const part of ["deno.json", "deno.lock", "src", "plugins"]) {
    await copy(`${projectRoot}${part}`, `${folder}/${part}`);
  }
  const moved = rest.map((each) => each.replace(projectRoot, `${folder}/`));
  return { assay: [`${folder}/program`, ...moved], env: { DENO_DIR: `${folder}/modules` } };
}

/** Copies, links followed at the top, and lets everybody read it. */
export async function copy(from: string, to: string): Promise<void> {
  const place = { cwd: "/", env: { PATH: "/usr/bin:/bin" } };
  const script = 'cp -RH "$0" "$1" && chmod -R a+rX "$1"';
  const { code, stderr } = await run(["/bin/sh", "-c", script, from, to], place);
  if (code !== 0) throw new Error(`cannot copy ${from}: ${textOf(stderr)}`);
}
