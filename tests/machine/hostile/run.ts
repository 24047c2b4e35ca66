/**
 * Runs the acts of {@link ./attacks.ts} in real workers of this process and writes the results to a
 * file: standard output and standard error must stay empty, which the test that starts this looks at.
 *
 * `run.ts hardened|control RESULT_FILE [ONLY]`; standard input holds something. It is also compiled.
 *
 * @module
 */

import { buildGraph } from "../../../src/modules/build.ts";
import { moduleHost } from "../../../src/modules/host.ts";
import type { EngineHost, PluginPermissions } from "../../../src/plugin.ts";
import { defaultModuleSettings } from "../../../src/plugin_setting.ts";
import { realIo } from "../../../src/real_io.ts";
import { type Attack, attacks, type Place } from "./attacks.ts";

/** The result of one act. */
export interface Result {
  readonly name: string;
  /** What it returned. */
  readonly returned?: string;
  /** Why it did not. */
  readonly refused?: string;
  /** Whether the plugin could be called afterwards. */
  readonly alive?: boolean;
}

/** The text an act must not get onto a stream. */
export const markOf = (attack: Attack) => `MARK<${attack.name}>`;

const io = realIo();
const limitMs = 3_000;

function scope(attack: Attack, { root, outside, host }: Place): string {
  const values = {
    secretFile: `${root}/secret.txt`,
    outside,
    link: `${root}/link.txt`,
    host,
    mark: markOf(attack),
  };
  const constants = Object.entries(values).map(([name, value]) =>
    `const ${name} = ${JSON.stringify(value)};`
  ).join(" ");
  return `${constants}
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const node = (name) => process.getBuiltinModule("node:" + name);
    const act = async (services) => {${attack.act}};\n`;
}

const mode = { frozen: false, cachedOnly: false, reload: false };

/** The act as an engine's probe, in a plugin that came through the loader. */
async function asPlugin(
  attack: Attack,
  place: Place,
  permissions: PluginPermissions,
): Promise<Result> {
  const { root } = place;
  await Deno.writeTextFile(
    `${root}/hostile.js`,
    `${scope(attack, place)} export default { name: "hostile", engines: [{
      name: "hostile", capabilities: [], wrap: (argv) => argv,
      probe: async (services) => ({ works: true, detail: String(await act(services)) }),
    }] };`,
  );
  const url = "./hostile.js";
  const { entry } = await buildGraph(io, root, url, defaultModuleSettings, mode, undefined);
  const host = moduleHost(io, { entry, url, permissions, root });
  try {
    const signal = () => AbortSignal.timeout(limitMs);
    const { engines: [engine] = [] } = host.plugin(await host.describe(signal()));
    const probe = () => engine!.probe!(hostOf(signal()));
    // An act that broke its own realm may cost one more call; the next one has a realm of its own.
    const answers = async () => {
      for (let call = 0; call < 2; call++) {
        if (await host.describe(signal()).then(() => true, () => false)) return true;
      }
      return false;
    };
    const result = await Promise.resolve(probe()).then(
      ({ detail }) => ({ returned: detail }),
      (error) => ({ refused: String(error) }),
    );
    return { name: attack.name, ...result, alive: await answers() };
  } finally {
    host.end();
  }
}

function hostOf(signal: AbortSignal): EngineHost {
  const unused = () => {
    throw new Error("the worker has its own");
  };
  const nothing = () => {};
  return {
    options: {},
    root: "",
    signal,
    readText: unused,
    run: unused,
    program: unused,
    env: unused,
    warn: nothing,
    os: "linux",
    arch: "x86_64",
    // What starts assay again is a text to it: nothing follows from knowing it.
    self: ["/bin/sh", "-c", "echo GOT", "sh"],
  };
}

/** The act in a worker of the runtime's as it is. */
function bareWorker(
  attack: Attack,
  place: Place,
  permissions: PluginPermissions,
): Promise<Result> {
  const { name } = attack;
  return new Promise((resolve) => {
    const source = `${scope(attack, place)}
      const services = { readText: (path) => Deno.readTextFile(${
      JSON.stringify(place.root)
    } + "/" + path) };
      act(services).then((value) => postMessage({ returned: String(value) }),
        (error) => postMessage({ refused: String(error) }));`;
    const end = (result: Partial<Result>) => {
      clearTimeout(timer);
      worker.terminate();
      resolve({ name, ...result });
    };
    const timer = setTimeout(() => end({ alive: false }), 1_000);
    const worker = io.startWorker(source, permissions, {
      message: (data) => end(data as Partial<Result>),
      died: (message) => end({ refused: message }),
    });
  });
}

async function attackAll(mode: string, place: Place, only?: string): Promise<Result[]> {
  const results: Result[] = [];
  const together = (attack: Attack) => mode === "hardened" || !attack.alone;
  for (const attack of attacks) {
    if (only === undefined ? !together(attack) : attack.name !== only) continue;
    const { control } = attack;
    if (mode === "hardened") {
      results.push(await asPlugin(attack, place, attack.granted?.(place) ?? {}));
    } else {
      const act = control.in === "plugin" ? asPlugin : bareWorker;
      results.push(await act(attack, place, control.permissions?.(place) ?? {}));
    }
  }
  return results;
}

async function prepare(folder: string, host: string): Promise<Place> {
  const [root, outside] = [`${folder}/project`, `${folder}/outside.txt`];
  await Deno.mkdir(root);
  const files = {
    [outside]: "GOT",
    [`${folder}/written.txt`]: "",
    [`${root}/secret.txt`]: "GOT",
    [`${root}/secret.txt.json`]: '"GOT"',
    [`${root}/secret.txt.js`]: 'export default "GOT";',
    [`${root}/secret.txt.victim`]: "",
  };
  for (const [path, text] of Object.entries(files)) await Deno.writeTextFile(path, text);
  await Deno.symlink(outside, `${root}/link.txt`);
  await Deno.symlink(`${folder}/written.txt`, `${root}/link.txt.out`);
  return { root, outside, host };
}

function answer(request: Request): Response {
  if (request.headers.get("upgrade") === "websocket") {
    return Deno.upgradeWebSocket(request).response;
  }
  const { pathname } = new URL(request.url);
  if (pathname === "/module.js") {
    return new Response('export default "GOT";', {
      headers: { "content-type": "text/javascript" },
    });
  }
  if (pathname === "/events") {
    return new Response("data: GOT\n\n", { headers: { "content-type": "text/event-stream" } });
  }
  return new Response("GOT");
}

if (import.meta.main) {
  const [mode = "", file = "", only] = Deno.args;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer);
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "assay-hostile-" }));
  try {
    const place = await prepare(folder, `127.0.0.1:${server.addr.port}`);
    await Deno.writeTextFile(file, JSON.stringify(await attackAll(mode, place, only)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  Deno.exit(0);
}
