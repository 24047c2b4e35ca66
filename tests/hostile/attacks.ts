/**
 * What a plugin without grants might try, each act alone. An act is the body of an async function in the
 * plugin; it returns "GOT" when it attained what it wanted. Its positive control does the same act where
 * nothing stops it, so that an act that cannot work proves nothing.
 *
 * In scope: `services`, `secretFile` (in the project, holds GOT), `outside` (a file elsewhere, holds GOT),
 * `link` (in the project, a link to `outside`), `host` (of a server that answers GOT), `mark` (a text that must
 * appear on no stream), `sleep(ms)`, `node(name)` (a module of Node's by `process`).
 *
 * @module
 */

import type { PluginPermissions } from "../../src/plugin.ts";

/** One act. */
export interface Attack {
  readonly name: string;
  readonly act: string;
  /** What the plugin was granted all the same. */
  readonly granted?: (place: Place) => PluginPermissions;
  readonly control: Control;
  /**
   * It makes the runtime itself stumble: its control runs in a process of its own, and succeeds when that
   * prints something or fails.
   */
  readonly alone?: true;
}

/** Where the acts take place. */
export interface Place {
  readonly root: string;
  readonly outside: string;
  readonly host: string;
}

/** How the act succeeds: as a plugin with a grant, or in a worker that was not hardened. */
export interface Control {
  readonly in: "plugin" | "bare";
  readonly permissions?: (place: Place) => PluginPermissions;
  /** What shows the success: "GOT" is returned, `mark` is printed, or the worker is gone. Default returns. */
  readonly shows?: "returns" | "prints" | "ends";
  /** Part of the message by which some runtimes refuse the act themselves. */
  readonly runtimeRefuses?: string;
}

const read = ({ root }: Place): PluginPermissions => ({ read: [root] });
const readWrite = ({ root }: Place): PluginPermissions => ({ read: [root], write: [root] });
const readAll = (): PluginPermissions => ({ read: true });
const net = ({ host }: Place): PluginPermissions => ({ net: [host] });
const env = (): PluginPermissions => ({ env: ["HOSTILE_SECRET"] });
const run = (): PluginPermissions => ({ run: ["sh"] });

const bare: Control = { in: "bare" };
const printed: Control = { in: "bare", shows: "prints" };
const plugin = (permissions: (place: Place) => PluginPermissions): Control => ({
  in: "plugin",
  permissions,
});
const bareWith = (permissions: (place: Place) => PluginPermissions): Control => ({
  in: "bare",
  permissions,
});

const got = (expression: string) => `return (${expression}).includes("GOT") ? "GOT" : "no";`;

const files: readonly Attack[] = [
  {
    name: "read a file: Deno.readTextFile",
    act: got("await Deno.readTextFile(secretFile)"),
    control: plugin(read),
  },
  {
    name: "read a file: Deno.readTextFileSync",
    act: got("Deno.readTextFileSync(secretFile)"),
    control: plugin(read),
  },
  {
    name: "read a file: Deno.readFile",
    act: got("new TextDecoder().decode(await Deno.readFile(secretFile))"),
    control: plugin(read),
  },
  {
    name: "read a file: services.readText",
    act: got('await services.readText("secret.txt") ?? ""'),
    control: plugin(read),
  },
  {
    name: "read a file: Deno.open",
    act: "(await Deno.open(secretFile)).close(); return 'GOT';",
    control: bareWith(read),
  },
  {
    name: "read a file: fetch of its address",
    act: got('await (await fetch("file://" + secretFile)).text()'),
    control: bareWith(read),
  },
  {
    name: "read a file: node:fs",
    act: got('node("fs").readFileSync(secretFile, "utf8")'),
    control: bareWith(read),
  },
  {
    name: "read a file: import as JSON",
    act: got(
      '(await import("file://" + secretFile + ".json", { with: { type: "json" } })).default',
    ),
    control: bareWith(read),
  },
  {
    name: "read a file: import as code",
    act: got('(await import("file://" + secretFile + ".js")).default'),
    control: bareWith(read),
  },
  {
    name: "list a folder",
    act: "for await (const entry of Deno.readDir(secretFile + '/..')) return 'GOT';",
    control: plugin(read),
  },
  {
    name: "see that a file is there",
    act: "await Deno.stat(secretFile); return 'GOT';",
    control: plugin(read),
  },
  {
    name: "write a file",
    act: "await Deno.writeTextFile(secretFile + '.new', 'x'); return 'GOT';",
    control: plugin(readWrite),
  },
  {
    name: "make a folder",
    act: "await Deno.mkdir(secretFile + '.folder/a/b', { recursive: true }); return 'GOT';",
    control: plugin(readWrite),
  },
  {
    name: "remove a file",
    act: "await Deno.remove(secretFile + '.victim'); return 'GOT';",
    control: plugin(readWrite),
  },
  {
    name: "leave a granted folder by a link: Deno.readTextFile",
    granted: read,
    act: got("await Deno.readTextFile(link)"),
    control: plugin(readAll),
  },
  {
    name: "leave a granted folder by a link: Deno.readFileSync",
    granted: read,
    act: got("new TextDecoder().decode(Deno.readFileSync(link))"),
    control: plugin(readAll),
  },
  {
    name: "leave a granted folder by a link: fetch",
    granted: read,
    act: got('await (await fetch("file://" + link)).text()'),
    control: bareWith(read),
  },
  {
    name: "leave a granted folder by a link: services.readText",
    granted: read,
    act: got('await services.readText("link.txt") ?? ""'),
    control: { ...bareWith(read), permissions: read },
  },
  {
    name: "leave a granted folder by a link, with promises that lie",
    granted: read,
    act: `
      Promise.prototype.constructor = { [Symbol.species]: undefined };
      const { then } = Promise.prototype;
      Promise.prototype.then = function (a, b) {
        return then.call(this, (v) => a?.(typeof v === "string" && v[0] === "/" ? link : v), b);
      };
      String.prototype.lastIndexOf = () => 0;
      ${got("await Deno.readTextFile(link)")}`,
    control: plugin(readAll),
  },
  {
    name: "leave a granted folder by a link: write",
    granted: readWrite,
    act: "await Deno.writeTextFile(link + '.out', 'x'); return 'GOT';",
    control: bareWith(readWrite),
  },
  {
    name: "make a link",
    granted: () => ({ read: true, write: true }),
    act: "await Deno.symlink(outside, secretFile + '.link'); return 'GOT';",
    control: bareWith(() => ({ read: true, write: true })),
  },
];

const environment: readonly Attack[] = [
  {
    name: "read the environment: Deno.env.get",
    act: got('Deno.env.get("HOSTILE_SECRET") ?? ""'),
    control: plugin(env),
  },
  {
    name: "read the environment: services.env",
    act: got('services.env("HOSTILE_SECRET") ?? ""'),
    control: plugin(env),
  },
  {
    name: "read the environment: Deno.env.toObject",
    act: got("JSON.stringify(Deno.env.toObject())"),
    control: plugin(() => ({ env: true })),
  },
  {
    name: "read the environment: process.env",
    act: got("process.env.HOSTILE_SECRET"),
    control: bareWith(env),
  },
  {
    name: "change assay's environment",
    granted: env,
    act: "Deno.env.set('HOSTILE_SECRET', 'GOT'); return Deno.env.get('HOSTILE_SECRET');",
    control: bareWith(env),
  },
  {
    name: "read assay's arguments",
    act: "return Deno.args.length > 0 ? 'GOT' : 'no'",
    control: bare,
  },
  {
    name: "read the machine's name",
    act: "return Deno.hostname() ? 'GOT' : 'no';",
    control: plugin(() => ({ sys: ["hostname"] })),
  },
];

const network: readonly Attack[] = [
  {
    name: "use the network: fetch",
    act: got('await (await fetch("http://" + host)).text()'),
    control: plugin(net),
  },
  {
    name: "use the network: WebSocket",
    act: `return await new Promise((resolve, reject) => {
      const socket = new WebSocket("ws://" + host);
      socket.onopen = () => { socket.close(); resolve("GOT"); };
      socket.onerror = () => reject(new Error("refused"));
    });`,
    control: plugin(net),
  },
  {
    name: "use the network: EventSource",
    act: `return await new Promise((resolve, reject) => {
      const source = new EventSource("http://" + host + "/events");
      source.onopen = () => { source.close(); resolve("GOT"); };
      source.onerror = () => { source.close(); reject(new Error("refused")); };
    });`,
    control: plugin(net),
  },
  {
    name: "use the network: Deno.connect",
    act: `const [hostname, port] = host.split(":");
      (await Deno.connect({ hostname, port: Number(port) })).close(); return "GOT";`,
    control: bareWith(net),
  },
  {
    name: "use the network: Deno.listen",
    act: 'Deno.listen({ hostname: "127.0.0.1", port: 0 }).close(); return "GOT";',
    control: bareWith(() => ({ net: ["127.0.0.1"] })),
  },
];

const programs: readonly Attack[] = [
  {
    name: "start a program: services.run",
    act: got('(await services.run(["sh", "-c", "echo GOT"], { cwd: "/" })).stdout'),
    control: plugin(run),
  },
  {
    name: "start a program: Deno.Command",
    act: 'return (await new Deno.Command("sh", { args: ["-c", ":"] }).output()).success && "GOT";',
    control: bareWith(run),
  },
  {
    name: "start a program: node:child_process",
    act: 'node("child_process").execFileSync("sh", ["-c", ":"]); return "GOT";',
    control: bareWith(() => ({ run: true, env: true, read: true })),
  },
  {
    name: "call native code",
    act: `const libc = Deno.dlopen("libc.so.6", { getpid: { parameters: [], result: "i32" } });
      return libc.symbols.getpid() > 0 ? "GOT" : "no";`,
    control: plugin(() => ({ ffi: true })),
  },
];

const code: readonly Attack[] = [
  { name: "code from text: eval", act: "return (0, eval)('\"GOT\"');", control: bare },
  { name: "code from text: direct eval", act: "return eval('\"GOT\"');", control: bare },
  {
    name: "code from text: eval imports data:",
    act: "return (await eval(`import('data:text/javascript,export default \"GOT\"')`)).default;",
    control: bare,
  },
  {
    name: "code from text: eval imports node:",
    act:
      "return typeof (await eval(`import('node:worker_threads')`)).Worker === 'function' && 'GOT';",
    control: bare,
  },
  { name: "code from text: Function", act: "return Function('return \"GOT\"')();", control: bare },
  {
    name: "code from text: the constructor of a function",
    act: "return (() => {}).constructor('return \"GOT\"')();",
    control: bare,
  },
  {
    name: "code from text: the constructor of an async function",
    act: "return await (async () => {}).constructor('return \"GOT\"')();",
    control: bare,
  },
  {
    name: "code from text: the constructor of a generator",
    act: "return (function* () {}).constructor('yield \"GOT\"')().next().value;",
    control: bare,
  },
  {
    name: "code from text: the constructor of an async generator",
    act: "return (await (async function* () {}).constructor('yield \"GOT\"')().next()).value;",
    control: bare,
  },
  {
    name: "code from text: the constructor of a function of the runtime's",
    act: "return structuredClone.constructor('return \"GOT\"')();",
    control: bare,
  },
  {
    name: "code from text: a subclass of Function",
    act: "class Made extends Function {}; return new Made('return \"GOT\"')();",
    control: bare,
  },
  {
    name: "code from text: Reflect.construct",
    act:
      "return Reflect.construct(Object.getPrototypeOf(class {}).constructor, ['return \"GOT\"'])();",
    control: bare,
  },
  {
    name: "code from text: setTimeout",
    act: "setTimeout('globalThis.made = \"GOT\"', 1); await sleep(50); return globalThis.made;",
    control: { in: "bare", runtimeRefuses: "ERR_INVALID_ARG_TYPE" },
  },
  {
    name: "code from text: setInterval",
    act: "setInterval('globalThis.made = \"GOT\"', 1); await sleep(50); return globalThis.made;",
    control: { in: "bare", runtimeRefuses: "ERR_INVALID_ARG_TYPE" },
  },
  {
    name: "code from text: the engine of the runtime",
    act: "return Deno[Deno.internal].core.evalContext('\"GOT\"', 'file:///x.js')[0];",
    control: bare,
  },
  {
    name: "code from text: node:vm",
    act: "return node('vm').runInThisContext('\"GOT\"');",
    control: bareWith(() => ({ read: true, env: true })),
  },
  {
    name: "code from elsewhere: another worker",
    act: `return await new Promise((resolve, reject) => {
      const source = "data:text/javascript,postMessage('GOT')";
      const worker = new Worker(source, { type: "module" });
      worker.onmessage = ({ data }) => { worker.terminate(); resolve(data); };
    });`,
    control: bare,
  },
  {
    name: "code from elsewhere: import of http:",
    act: got('(await import("http://" + host + "/module.js")).default'),
    control: {
      in: "bare",
      permissions: ({ host }) => ({ net: [host], import: [host] } as never),
      runtimeRefuses: "Module not found",
    },
  },
  {
    name: "code from elsewhere: import of data:",
    act:
      "const url = 'data:text/javascript,export default \"GOT\"'; return (await import(url)).default;",
    control: bare,
  },
  {
    name: "code from elsewhere: import of node:",
    act:
      "const n = 'node:worker_threads'; return typeof (await import(n)).Worker === 'function' && 'GOT'",
    control: bare,
  },
  {
    name: "code from elsewhere: import of npm:",
    act: "const n = 'npm:saxes@6.0.0'; return (await import(n)).SaxesParser && 'GOT'",
    control: { in: "bare", runtimeRefuses: "list of packages" },
  },
  {
    name: "modules of Node's by process",
    act: "return typeof process.getBuiltinModule === 'function' ? 'GOT' : 'no';",
    control: bare,
  },
  {
    name: "what the runtime keeps for itself",
    act: "return Deno[Deno.internal].core.ops ? 'GOT' : 'no';",
    control: bare,
  },
];

const streams: readonly Attack[] = [
  { name: "print: console.log", act: "console.log(mark); return 'no';", control: printed },
  { name: "print: console.error", act: "console.error(mark); return 'no';", control: printed },
  {
    name: "print: Deno.stdout",
    act: "Deno.stdout.writeSync(new TextEncoder().encode(mark)); return 'GOT';",
    control: bare,
  },
  {
    name: "print: Deno.stderr",
    act: "await Deno.stderr.write(new TextEncoder().encode(mark)); return 'GOT';",
    control: bare,
  },
  {
    name: "print: process.stdout",
    act: "process.stdout.write(mark); await sleep(50); return 'no';",
    control: printed,
  },
  {
    name: "print: the runtime's own print",
    act: "Deno[Deno.internal].core.print(mark); return 'no';",
    control: printed,
  },
  {
    name: "print: an error that nobody catches",
    act: "setTimeout(() => { throw new Error(mark); }, 1); await sleep(100); return 'no';",
    control: printed,
  },
  {
    name: "print: a rejection that nobody handles",
    act: "Promise.reject(new Error(mark)); await sleep(100); return 'no';",
    control: printed,
  },
  {
    name: "print: an error in a listener for errors",
    act: `addEventListener("error", () => { throw new Error(mark); });
      setTimeout(() => { throw new Error(mark); }, 1);
      await sleep(100); return 'no';`,
    control: printed,
  },
  {
    name: "print: an error in a listener for errors, set on the prototype's",
    act:
      `EventTarget.prototype.addEventListener.call(null, "error", () => { throw new Error(mark); });
      setTimeout(() => { throw new Error(mark); }, 1);
      await sleep(100); return 'no';`,
    control: printed,
  },
  {
    name: "read standard input: Deno.stdin",
    act: "return await Deno.stdin.read(new Uint8Array(1)) === 1 ? 'GOT' : 'no';",
    control: bare,
  },
  {
    name: "read standard input: a stream that claims to be it",
    act: `const stream = new ReadableStream();
      for (const key of Object.getOwnPropertySymbols(stream)) {
        if (String(key).includes("resourceBacking")) stream[key] = { rid: 0, autoClose: false };
      }
      return (await Promise.race([new Response(stream).text(), sleep(300)]))?.length > 0 ? "GOT" : "no";`,
    control: bare,
  },
];

/** An error whose message, when the runtime asks for it, makes another error happen. */
const trap = `
  const target = new EventTarget();
  target.addEventListener("x", () => { throw new Error(mark); });
  const trap = () => Object.defineProperty(new Error("outer"), "message", {
    get() { target.dispatchEvent(new Event("x")); return mark; },
  });`;

const trapped = (where: string, throwing: string): Attack => ({
  name: `stumble: an error within the reporting of an error, in ${where}`,
  act: `${trap} ${throwing}; await sleep(100); return "no";`,
  control: { in: "bare" },
  alone: true,
});

const stumbles: readonly Attack[] = [
  trapped("a timer", "setTimeout(() => { throw trap(); }, 1)"),
  trapped("a microtask", "queueMicrotask(() => { throw trap(); })"),
  trapped(
    "a listener",
    'const t = new EventTarget(); t.addEventListener("y", { handleEvent() { throw trap(); } });' +
      't.dispatchEvent(new Event("y"))',
  ),
  trapped(
    "an attribute",
    "const c = new AbortController(); c.signal.onabort = () => { throw trap(); }; c.abort()",
  ),
];

const life: readonly Attack[] = [
  {
    name: "end: Deno.exit",
    act: "Deno.exit(9); return 'no';",
    control: { in: "bare", shows: "ends" },
  },
  {
    name: "end: process.exit",
    act: "process.exit(9); return 'no';",
    control: { in: "bare", shows: "ends" },
  },
  {
    name: "end: close",
    act: "close(); await sleep(50); return 'no';",
    control: { in: "bare", shows: "ends" },
  },
  {
    name: "listen to signals",
    act: "Deno.addSignalListener('SIGUSR2', () => {}); return 'GOT';",
    control: bare,
  },
  {
    name: "send signals",
    act: "Deno.kill(Deno.pid, 'SIGCONT'); return 'GOT';",
    control: bareWith(() => ({ run: true })),
  },
  {
    name: "ask the user for permissions",
    act: "return typeof Deno.permissions.request === 'function' ? 'GOT' : 'no';",
    control: bare,
  },
];

const others: readonly Attack[] = [
  {
    name: "reach another plugin: BroadcastChannel",
    act: "new BroadcastChannel('x').close(); return 'GOT';",
    control: { in: "bare", runtimeRefuses: "is not defined" },
  },
  {
    name: "reach another plugin: caches",
    act: "await caches.open('x'); return 'GOT';",
    control: { in: "bare", runtimeRefuses: "not available" },
  },
  {
    name: "reach another plugin: object URLs",
    act: "return URL.createObjectURL(new Blob(['x'])).startsWith('blob:') ? 'GOT' : 'no';",
    control: bare,
  },
  {
    name: "reach another plugin: ports",
    act: "new MessageChannel(); return 'GOT';",
    control: bare,
  },
  {
    name: "speak for assay's own code: postMessage",
    act: "return typeof postMessage === 'function' ? 'GOT' : 'no';",
    control: bare,
  },
  {
    name: "hear what assay says: a listener on the realm",
    act: "addEventListener('message', () => {}); return 'GOT';",
    control: bare,
  },
  {
    name: "hear what assay says: onmessage",
    act: "return 'onmessage' in globalThis ? 'GOT' : 'no';",
    control: bare,
  },
];

/** All of them. */
export const attacks: readonly Attack[] = [
  ...files,
  ...environment,
  ...network,
  ...programs,
  ...code,
  ...streams,
  ...stumbles,
  ...life,
  ...others,
];
