/** Acts on the realm itself: code, streams, errors, life, other plugins. */

import { type Attack, bare, bareWith, got, printed } from "./attack.ts";

export const code: readonly Attack[] = [
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

export const streams: readonly Attack[] = [
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
    name: "print: an uncaught error",
    act: "setTimeout(() => { throw new Error(mark); }, 1); await sleep(100); return 'no';",
    control: printed,
  },
  {
    name: "print: an unhandled rejection",
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

export const stumbles: readonly Attack[] = [
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

export const life: readonly Attack[] = [
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

export const others: readonly Attack[] = [
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
