import { assertEquals, assertMatch } from "@std/assert";
import { realIo } from "../../real_io.ts";
import { allowedNodeModules } from "../_resolve.ts";
import program from "../worker_program.js" with { type: "text" };
import { workerProgram } from "../../../tests/tools/worker.ts";
import { engineHost, withPlugin } from "./_testing.ts";

Deno.test("worker program: it is what the sources give; if not, run deno task worker", async () => {
  assertEquals(program, await workerProgram());
});

/** Functions and objects that nothing in a hardened realm may lead to, collected before it is hardened. */
const collect = `
const forbidden = new Map();
const keysOf = (object) => { try { return Reflect.ownKeys(object); } catch { return []; } };
const descriptorOf = (object, key) => {
  try { return Reflect.getOwnPropertyDescriptor(object, key); } catch { return undefined; }
};
const isObject = (value) => typeof value === "function" || (typeof value === "object" && value !== null);
const forbid = (name, value, parts = false) => {
  if (!isObject(value)) return;
  forbidden.set(value, name);
  if (!parts) return;
  for (const key of keysOf(value)) {
    const { value: part, get, set } = descriptorOf(value, key) ?? {};
    for (const each of [part, get, set]) if (isObject(each)) forbidden.set(each, name + "." + String(key));
  }
};
const say = postMessage;
const { internal, hostname, osRelease, osUptime, loadavg, networkInterfaces, systemMemoryInfo } = Deno;
forbid("Deno", Deno, true);
for (const name of ["env", "permissions", "stdin", "stdout", "stderr"]) forbid(name, Deno[name], true);
for (const name of ["console", "process"]) forbid(name, globalThis[name], true);
for (const name of ["eval", "Function", "Worker", "BroadcastChannel", "caches", "close", "postMessage",
  "MessageChannel", "MessagePort", "navigator", "location", "setTimeout",
  "setInterval", "setImmediate", "fetch", "queueMicrotask", "reportError"]) forbid(name, globalThis[name]);
for (const example of [async () => {}, function* () {}, async function* () {}]) {
  forbid("a constructor of functions", example.constructor);
}
forbid("core", Deno[internal].core);
forbid("core.ops", Deno[internal].core.ops, true);
for (const harmless of [Deno.errors, Deno.build, hostname, osRelease, osUptime, loadavg, networkInterfaces,
  systemMemoryInfo]) forbidden.delete(harmless);
`;

const walk = (modules: readonly string[]) => `
const roots = [["globalThis", globalThis]];
${modules.map((name) => `roots.push(["${name}", await import("node:${name}")]);`).join("\n")}
const seen = new Set();
const reached = [];
for (const [path, object] of roots) {
  if (!isObject(object) || seen.has(object)) continue;
  seen.add(object);
  if (forbidden.has(object)) reached.push(path + " is " + forbidden.get(object));
  for (const key of keysOf(object)) {
    const descriptor = descriptorOf(object, key);
    if (!descriptor) continue;
    const name = path + "." + String(key);
    for (const part of ["value", "get", "set"]) roots.push([name, descriptor[part]]);
    // What refuses to be read (a getter on a prototype, a proxy) reaches nothing.
    if (descriptor.get) { try { roots.push([name, Reflect.apply(descriptor.get, object, [])]); } catch {} }
  }
  try { roots.push([path + ".prototype of", Object.getPrototypeOf(object)]); } catch {}
}
say({ forbidden: forbidden.size, seen: seen.size, reached });
`;

interface Walked {
  readonly forbidden: number;
  readonly seen: number;
  readonly reached: readonly string[];
}

function walked(between: string, modules: readonly string[] = []): Promise<Walked> {
  return new Promise((resolve, reject) => {
    const source = `{${between}} ${walk(modules)}`;
    const worker = realIo().startWorker(`${collect}\n${source}`, {}, {
      message: (data) => {
        worker.terminate();
        if (typeof data === "string") reject(new Error(data));
        else resolve(data as Walked);
      },
      died: (message) => reject(new Error(message)),
    });
  });
}

const harden = `${program}\nbegin({ root: "/", ffi: false }, () => new Promise(() => {}));`;

Deno.test("realm: nothing in it leads to what was taken out of it", async () => {
  const { forbidden, seen, reached } = await walked(harden);
  assertEquals(reached, []);
  assertEquals([forbidden > 200, seen > 1_000], [true, true]);
});

Deno.test("realm: the modules of Node's that a plugin may import lead nowhere either", async () => {
  const { reached } = await walked(harden, allowedNodeModules);
  // Timers of Node's take functions alone, as those of the realm do.
  assertEquals(reached.filter((each) => !/^timers\.set\w+ is set\w+$/.test(each)), []);
});

Deno.test("realm: the walk finds what is there when nothing is taken out", async () => {
  // Getters that are called on what they are not for may reject long after.
  const { reached } = await walked(
    'addEventListener("unhandledrejection", (event) => event.preventDefault());',
  );
  assertMatch(reached.join("\n"), /^globalThis\.Deno is Deno$/m);
  assertMatch(reached.join("\n"), /^globalThis\.eval is eval$/m);
});

/** What a module says in a hardened realm that no one touched before. */
async function saidBy(act: string): Promise<string> {
  const module = `export default { name: "p", engines: [{
    name: "e", capabilities: [], wrap: (argv) => argv,
    probe: async () => ({ works: true, detail: String(await (async () => {${act}})()) }),
  }] };`;
  return await withPlugin(module, async ({ plugin }) => {
    const { detail } = await plugin.engines![0]!.probe!(engineHost());
    return detail;
  });
}

Deno.test("realm: what is left of it works", async () => {
  const said = await saidBy(`
    const out = [];
    const timer = setTimeout(() => out.push("cleared"), 5);
    clearTimeout(timer);
    await new Promise((resolve) => setTimeout(() => resolve(out.push("timeout")), 1));
    await new Promise((resolve) => setImmediate(resolve));
    let ticks = 0;
    await new Promise((resolve) => {
      const interval = setInterval(() => { if (++ticks === 2) { clearInterval(interval); resolve(); } }, 1);
    });
    await new Promise((resolve) => queueMicrotask(resolve));
    out.push(ticks, await (await fetch("data:text/plain,data")).text());
    const stream = new Blob(["text"]).stream().pipeThrough(new CompressionStream("gzip"))
      .pipeThrough(new DecompressionStream("gzip"));
    out.push(await new Response(stream).text(), new URL("/a", "http://b").href, crypto.randomUUID().length);
    const target = new EventTarget();
    const listener = () => out.push("heard");
    target.addEventListener("x", listener);
    target.addEventListener("x", listener);
    target.dispatchEvent(new Event("x"));
    target.removeEventListener("x", listener);
    target.dispatchEvent(new Event("x"));
    const controller = new AbortController();
    controller.signal.onabort = () => out.push("aborted");
    out.push(typeof controller.signal.onabort);
    controller.abort();
    out.push(structuredClone({ a: [1] }).a[0], typeof navigator.userAgent, Deno.build.os, Deno.cwd());
    return out.join();`);
  const root = /,([^,]*)$/.exec(said)![1];
  assertMatch(
    said,
    /^timeout,2,data,text,http:\/\/b\/a,36,heard,function,aborted,1,string,\w+,\/[^,]*$/,
    root,
  );
});

for (const name of allowedNodeModules) {
  Deno.test(`realm: node:${name} can be loaded in it`, async () => {
    assertEquals(
      await saidBy(`return Object.keys(await import("node:${name}")).length > 1;`),
      "true",
    );
  });
}

Deno.test("realm: whatever is kept can be read", async () => {
  const said = await saidBy(`return Object.getOwnPropertyNames(globalThis).flatMap((name) => {
    try { void globalThis[name]; return []; } catch (error) { return [name + ": " + error.message]; }
  }).join();`);
  assertEquals(said, "");
});
