/**
 * What a sandbox costs: what assay adds to a command over the engine's own program, and what it costs to start
 * assay once more for Landlock.
 */

import keeper from "../../plugins/engines/systemd_keeper.pl" with { type: "text" };
import {
  interleave,
  median,
  quantile,
  ratioOf,
  runOnce,
  type Side,
  type Times,
} from "./measure.ts";
import { makeProject, settle } from "./project.ts";
import type { Bench, Figure, Row } from "./types.ts";

const rounds = 30;

/** Commands of one run: what a run costs once is shared by so many. */
const commands = 25;

/** An engine whose own program is put in front of the command. */
interface Engine {
  readonly name: string;
  readonly program: string;
  readonly sandbox: string;
}

/** A project with commands that do nothing, each in the sandbox or none. */
async function projectOf(folder: string, sandbox: string | undefined, { assay, env }: Portable) {
  const each = (index: number) =>
    `[commands.c${index}]\ncmd = "true"\n${sandbox === undefined ? "" : `sandbox = ${sandbox}\n`}`;
  const runners = Array.from({ length: commands }, (_, index) => ({
    id: `c${index}`,
    kind: "test",
    detect_file: "README.md",
    command: "true",
    result_format: "exit-code",
  }));
  await makeProject(folder, [], {
    ".assay/plugins.json": JSON.stringify({ name: "bench", version: "1.0.0", runners }),
    ".assay/commands.toml": each(0).replace("c0", "one"),
    ...sandbox === undefined ? {} : { ".assay/config.toml": `sandbox = ${sandbox}\n` },
  });
  const side: Side = { argv: [...assay, "verify", "--jobs", "1"], cwd: folder, exit: 0 };
  runOnce(side, env);
  await settle(folder);
  return side;
}

/** The argv of a sandboxed `true`, all that assay puts around it included; its folders are made. */
function wholeArgv(folder: string, { assay, env }: Portable): string[] {
  const side = { argv: [...assay, "sandbox", "explain", "one", "--json"], cwd: folder, exit: 0 };
  const { argv }: { argv: string[] } = JSON.parse(runOnce(side, env));
  for (const [index, each] of argv.entries()) {
    if (argv[index - 1] === "--bind") Deno.mkdirSync(each, { recursive: true });
    const file = /^(\/\S*\/\.assay\/runs\/\S*)\/[^/]*$/.exec(each)?.[1];
    if (file !== undefined) Deno.mkdirSync(file, { recursive: true });
    if (each.endsWith("/keeper.pl")) Deno.writeTextFileSync(each, keeper);
  }
  return argv;
}

/** The engine's own program with the options assay gives it, around the command alone. */
function ownArgv(argv: readonly string[], program: string): string[] {
  const start = argv.findIndex((each) => each === program || each.endsWith(`/${program}`));
  const end = argv.indexOf("--", start);
  if (start < 0 || end < 0) throw new Error(`${program} is not in ${argv.join(" ")}`);
  return [...argv.slice(start, end + 1), "sh", "-c", "true"];
}

/**
 * Milliseconds that assay adds to each command of a run: in its own process, over what the argv takes by itself;
 * and in all, its shells included, over what the engine's own program takes.
 */
async function overhead({ name, program, sandbox }: Engine, bench: Portable): Promise<Row[]> {
  const { folder, env } = bench;
  const plain = await projectOf(`${folder}/plain-${name}`, undefined, bench);
  const held = await projectOf(`${folder}/held-${name}`, sandbox, bench);
  const argv = wholeArgv(held.cwd, bench);
  const side = (name: string, argv: readonly string[]): Side => ({
    argv,
    // The name of a scope is taken for a moment after its end.
    ofRound: (round) =>
      argv.map((each) =>
        each.replace(/^(?:--unit=)?assay-[0-9A-Z]{26}(?=$|\.scope$)/, `$&-${name}${round}`)
      ),
    cwd: held.cwd,
    exit: 0,
  });
  const [whole, own] = [side("w", argv), side("o", ownArgv(argv, program))];
  const [plainTimes, heldTimes, wholeTimes, ownTimes, bareTimes] = interleave(
    [plain, held, whole, own, side("b", ["sh", "-c", "true"])],
    rounds,
    env,
  ) as [Times, Times, Times, Times, Times];
  const over = (times: Times) => {
    const engine = median(times) - median(bareTimes);
    return inMs(heldTimes.map((time, round) => (time - plainTimes[round]!) / commands - engine));
  };
  return [
    {
      name: `\`${name}\` around one command: what assay's process adds`,
      against: "the same argv by itself",
      goal: 3,
      ...over(wholeTimes),
      command: held.argv.join(" "),
      against_command: whole.argv.join(" "),
    },
    {
      name: `\`${name}\` around one command: what assay adds in all`,
      against: `\`${program}\` alone`,
      goal: null,
      ...over(ownTimes),
      command: held.argv.join(" "),
      against_command: own.argv.join(" "),
    },
  ];
}

function inMs(times: Times): Pick<Figure, "value" | "unit" | "spread" | "rounds"> {
  const at = (share: number) => Math.round(quantile(times, share) * 100) / 100;
  return { value: at(0.5), unit: "ms", spread: [at(0.25), at(0.75)], rounds: times.length };
}

/** How long Landlock's second start of assay takes, as a share of the runtime's own start. */
async function restart(bench: Bench): Promise<Row> {
  const { folder, floor, env } = bench;
  await projectOf(
    `${folder}/landlock`,
    '{ filesystem = "readonly", engines = ["landlock"] }',
    bench,
  );
  const argv = ownArgv(wholeArgv(`${folder}/landlock`, bench), floor[0]!.split("/").at(-1)!);
  const confined: Side = { argv, cwd: `${folder}/landlock`, exit: 0 };
  const empty: Side = { argv: floor, cwd: folder, exit: 0 };
  const [confinedTimes, emptyTimes] = interleave([confined, empty], rounds, env) as [Times, Times];
  return {
    name: "`landlock` around `true`: assay started once more",
    against: "an empty program on the same runtime",
    goal: null,
    ...ratioOf(confinedTimes, emptyTimes),
    command: confined.argv.join(" "),
    against_command: empty.argv.join(" "),
  };
}

const bwrap: Engine = {
  name: "bwrap",
  program: "bwrap",
  sandbox: '{ filesystem = "readonly", engines = ["bwrap"] }',
};

const systemd: Engine = {
  name: "systemd",
  program: "systemd-run",
  sandbox: '{ memory = "512m", engines = ["systemd"] }',
};

/** The part of a workbench that another process can be handed. */
type Portable = Pick<Bench, "folder" | "assay" | "floor" | "env">;

/** `ASSAY_SYSTEMD` names a program that runs another next to a systemd, where none is PID 1. */
async function besideSystemd({ folder, assay, floor, env }: Portable): Promise<Row[]> {
  const start = Deno.env.get("ASSAY_SYSTEMD");
  if (start === undefined) {
    const name = "`systemd` around one command: what assay's process adds";
    const why = "ASSAY_SYSTEMD is not set";
    return [{ name, against: "the same argv by itself", goal: 3, unit: "ms", not_measured: why }];
  }
  const bench = JSON.stringify({ folder, assay, floor, env });
  const { code, stdout, stderr } = await new Deno.Command(start, {
    args: [Deno.execPath(), "run", "-A", new URL(import.meta.url).pathname, bench],
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Runs the benchmark. */
export async function sandbox(bench: Bench): Promise<Row[]> {
  return [
    ...await overhead(bwrap, bench),
    ...await besideSystemd(bench),
    await restart(bench),
  ];
}

if (import.meta.main) {
  const bench: Portable = JSON.parse(Deno.args[0]!);
  console.log(JSON.stringify(await overhead(systemd, bench)));
}
