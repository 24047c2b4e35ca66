/**
 * One call of a plugin that does not stop, and the call after it; prints how both ended. A program of its
 * own, because what never gives up control lives until its process ends: `deno run -A runaway.ts
 * prepare|parse|wrap|review CODE`.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";
import type { CommandSpec } from "../../../src/plugin.ts";
import {
  services,
  type Started,
  withPlugin,
  wrapContext,
} from "../../../src/modules/worker/_testing.ts";

/** How a call ended. */
export interface Ended {
  /** What it returned, or the error's message. */
  readonly said: string;
  readonly ms: number;
}

const limitMs = 500;

async function timed(call: () => Promise<string>): Promise<Ended> {
  const start = performance.now();
  const said = await call().catch(messageOf);
  return { said, ms: Math.round(performance.now() - start) };
}

async function prepare({ plugin }: Started, command: string): Promise<string> {
  const spec = {
    command,
    env: {},
    shell: ["sh", "-c"],
    wrappers: [],
    collectors: [],
    extensionData: {},
  };
  const prepared = await plugin.extensions![0]!.prepare(
    { ...spec, timeoutMs: 1_000, cwd: "/", workspace: "/" } as unknown as CommandSpec,
    services({}, AbortSignal.timeout(limitMs)),
  );
  return prepared.command;
}

async function parse({ plugin }: Started): Promise<string> {
  const input = new Blob(["a"]).stream();
  const context = { root: "/", cwd: "/", source: "report" };
  for await (const _ of plugin.parsers![0]!.parse(input, context)) return "an event";
  return "nothing";
}

async function wrap({ plugin }: Started, command: string): Promise<string> {
  const context = wrapContext(AbortSignal.timeout(limitMs));
  const wrapped = await plugin.engines![0]!.wrap([command], {}, context) as readonly string[];
  return wrapped.join();
}

async function review({ plugin }: Started, hang: boolean): Promise<string> {
  return JSON.stringify(await plugin.engines![0]!.review!({}, { hang }));
}

const [part, code] = Deno.args;

const modules: Readonly<Record<string, string>> = {
  prepare: `extensions: [{ name: "x", configKey: "x",
    async prepare(spec) { if (spec.command === "hang") { ${code} } return spec; } }]`,
  parse: `parsers: [{ format: "f", description: "", holds: "tests", async *parse() { ${code} } }]`,
  wrap: `engines: [{ name: "e", capabilities: [],
    async wrap(argv) { if (argv[0] === "hang") { ${code} } return argv; } }]`,
  review: `engines: [{ name: "e", capabilities: [], wrap: (argv) => argv,
    async review(_, { hang }) { if (hang) { ${code} } return {}; } }]`,
};

/** The call that does not stop, and one that would. */
const calls: Readonly<Record<string, (started: Started, hang: boolean) => Promise<string>>> = {
  prepare: (started, hang) => prepare(started, hang ? "hang" : "make"),
  parse: (started) => parse(started),
  wrap: (started, hang) => wrap(started, hang ? "hang" : "make"),
  review,
};

await withPlugin(`export default { name: "p", ${modules[part!]} };`, async (started) => {
  const call = calls[part!]!;
  const first = await timed(() => call(started, true));
  await new Promise((resolve) => setTimeout(resolve, 400));
  const next = await timed(() => call(started, false));
  console.log(JSON.stringify([first, next]));
}, { callTimeoutMs: limitMs });
Deno.exit();
