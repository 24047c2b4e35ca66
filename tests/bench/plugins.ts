/**
 * What a plugin that is a module costs: one whose `prepare` is called, against the runtime's own start of a
 * worker that does nothing; and one that has nothing to do, against none.
 */

import { interleave, quantile, ratioOf, runOnce, type Side, type Times } from "./measure.ts";
import { makeProject, settle } from "./project.ts";
import type { Bench, Figure, Row } from "./types.ts";

const rounds = 40;

const plugin = `export default {
  name: "greeting",
  extensions: [{ name: "greeting", configKey: "greeting", prepare(spec) {
    spec.env.GREETING = "hello";
    return spec;
  } }],
};
`;

/** Does nothing but start a worker without permissions, hear it once, and end. */
const bareWorker = `
const worker = new Worker("data:text/javascript,postMessage(1)", {
  type: "module",
  deno: { permissions: "none" },
});
worker.onmessage = () => Deno.exit(0);
`;

type Use = "none" | "idle" | "called";

/** A project whose one command needs the plugin's work when it is called. */
async function projectOf(folder: string, use: Use, { assay, env }: Bench): Promise<Side> {
  const command = use === "called" ? 'test "$GREETING" = hello' : "true";
  const runner = {
    id: "job",
    kind: "test",
    detect_file: "README.md",
    command,
    result_format: "exit-code",
  };
  const runners = [use === "called" ? { ...runner, greeting: {} } : runner];
  await makeProject(folder, [], {
    ".assay/plugins.json": JSON.stringify({ name: "bench", version: "1.0.0", runners }),
    ...(use === "none" ? {} : {
      ".assay/config.toml": '[[plugin]]\nurl = "./greeting.js"\n',
      "greeting.js": plugin,
    }),
  });
  const side = { argv: [...assay, "verify"], cwd: folder, exit: 0 };
  // The first use builds the plugin and writes the lock, which is committed as users do.
  runOnce(side, env);
  const git = `git add -A && git -c user.name=b -c user.email=b@example.invalid commit -qm lock`;
  if (use !== "none") runOnce({ argv: ["sh", "-c", git], cwd: folder, exit: 0 }, env);
  await settle(folder);
  return side;
}

/** Runs the benchmark. */
export async function plugins(bench: Bench): Promise<Row[]> {
  const { folder, floor, env } = bench;
  const script = `${folder}/worker.js`;
  await Deno.writeTextFile(script, bareWorker);
  const empty: Side = { argv: floor, cwd: folder, exit: 0 };
  const worker: Side = { argv: [...floor.slice(0, -1), script], cwd: folder, exit: 0 };
  const none = await projectOf(`${folder}/none`, "none", bench);
  const idle = await projectOf(`${folder}/idle`, "idle", bench);
  const called = await projectOf(`${folder}/called`, "called", bench);
  const [emptyTimes, workerTimes, noneTimes, idleTimes, calledTimes] = interleave(
    [empty, worker, none, idle, called],
    rounds,
    env,
  ) as [Times, Times, Times, Times, Times];
  const commands = (side: Side, against: Side) => ({
    command: side.argv.join(" "),
    against_command: against.argv.join(" "),
  });
  return [
    {
      name: "One module plugin in `verify`, what it adds",
      against: "the start of a bare worker",
      goal: 1.5,
      ...added(difference(calledTimes, noneTimes), difference(workerTimes, emptyTimes)),
      ...commands(called, worker),
    },
    {
      name: "`verify` with a module plugin that is not called",
      against: "`verify` without one",
      goal: 1.1,
      ...ratioOf(idleTimes, noneTimes),
      ...commands(idle, none),
    },
  ];
}

function difference(times: Times, without: Times): Times {
  return times.map((time, round) => time - without[round]!);
}

/** Differences of single rounds are mostly noise: only their quartiles are compared. */
function added(times: Times, against: Times): Pick<Figure, "value" | "unit" | "spread" | "rounds"> {
  const middle = quantile(against, 0.5);
  const share = (at: number) => Math.round(quantile(times, at) / middle * 1000) / 1000;
  return { value: share(0.5), unit: "×", spread: [share(0.25), share(0.75)], rounds: times.length };
}
