/**
 * One call of a plugin that does not stop, and the call after it; prints how both ended. A program of its
 * own, because what never gives up control lives until its process ends: `deno run -A runaway.ts prepare|parse
 * CODE`.
 *
 * @module
 */

import { messageOf } from "../../src/errors.ts";
import type { CommandSpec } from "../../src/plugin.ts";
import { services, type Started, withPlugin } from "../../src/modules/worker/_testing.ts";

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

const [part, code] = Deno.args;
const module = part === "prepare"
  ? `export default { name: "p", extensions: [{ name: "x", configKey: "x",
      async prepare(spec) { if (spec.command === "hang") { ${code} } return spec; } }] };`
  : `export default { name: "p", parsers: [{ format: "f", description: "", holds: "tests",
      async *parse() { ${code} } }] };`;

await withPlugin(module, async (started) => {
  const call = part === "prepare" ? () => prepare(started, "hang") : () => parse(started);
  const first = await timed(call);
  await new Promise((resolve) => setTimeout(resolve, 400));
  const next = part === "prepare" ? await timed(() => prepare(started, "make")) : await timed(call);
  console.log(JSON.stringify([first, next]));
}, { callTimeoutMs: limitMs });
Deno.exit();
