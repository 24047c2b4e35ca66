/** Acts on what lies outside the plugin: files, environment, network, programs. */

import {
  type Attack,
  bare,
  bareWith,
  env,
  got,
  net,
  plugin,
  read,
  readAll,
  readWrite,
  run,
} from "./attack.ts";

export const files: readonly Attack[] = [
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

export const environment: readonly Attack[] = [
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

export const network: readonly Attack[] = [
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

export const programs: readonly Attack[] = [
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
