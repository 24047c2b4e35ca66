/** What the loader's tests share: servers on loopback, an Io with a cache of its own, graphs to import. */

import { assert, assertEquals } from "@std/assert";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import {
  defaultModuleSettings,
  type LockedPlugin,
  type ModuleMode,
  type ModuleSettings,
  type PluginManifest,
} from "../plugin_setting.ts";
import { realIo } from "../real_io.ts";
import { buildGraph, type BuiltGraph } from "./build.ts";
import { lockedPlugin } from "./lock.ts";

/** What a server answers at a path. */
export type Page =
  | string
  | Uint8Array
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: string }
  | (() => Response | Promise<Response>);

/** A server on loopback whose pages can be changed, and the requests it received. */
export interface TestServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly pages: Record<string, Page>;
  readonly asked: string[];
}

const contentTypes: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  json: "application/json",
  ts: "application/typescript",
};

/** Serves pages by path. */
export function serve(pages: Record<string, Page>): TestServer {
  const asked: string[] = [];
  const stop = new AbortController();
  const options = { port: 0, hostname: "127.0.0.1", signal: stop.signal, onListen() {} };
  const server = Deno.serve(options, (request) => {
    const { pathname, search } = new URL(request.url);
    asked.push(pathname + search);
    const page = pages[pathname + search];
    if (page === undefined) return new Response("nothing here", { status: 404 });
    if (typeof page === "function") return page();
    const type = contentTypes[/\.(\w+)$/.exec(pathname)?.[1] ?? ""] ?? "text/javascript";
    if (typeof page === "string" || page instanceof Uint8Array) {
      return new Response(page as BodyInit, { headers: { "content-type": type } });
    }
    const { status = 200, headers = {}, body = null } = page;
    return new Response(body, { status, headers: { "content-type": type, ...headers } });
  });
  const origin = `http://127.0.0.1:${server.addr.port}`;
  return {
    origin,
    pages,
    asked,
    // Some of the answers never end.
    [Symbol.asyncDispose]() {
      stop.abort();
      return server.finished;
    },
  };
}

/** A redirect. */
export function redirect(to: string, status = 302): Page {
  return { status, headers: { location: to } };
}

/** A project and a cache in folders of their own. */
export interface TestProject extends Disposable {
  readonly io: Io;
  readonly root: string;
  readonly cache: string;
  readonly settings: ModuleSettings;
  write(path: string, text: string): void;
}

/** Makes one. `hosts` maps outside hosts to servers on loopback. */
export function project(hosts: Readonly<Record<string, string>> = {}): TestProject {
  const folder = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "assay-modules-" }));
  const root = `${folder}/project`;
  Deno.mkdirSync(root);
  const real = realIo();
  const io: Io = {
    ...real,
    env: (name) => name === "XDG_CACHE_HOME" ? `${folder}/cache` : real.env(name),
    fetch(url, options) {
      const { origin } = new URL(url);
      const server = hosts[origin];
      return real.fetch(server ? url.replace(origin, server) : url, options);
    },
  };
  return {
    io,
    root,
    cache: `${folder}/cache/assay/modules`,
    settings: { ...defaultModuleSettings, timeoutMs: 20_000 },
    write(path, text) {
      Deno.mkdirSync(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      Deno.writeTextFileSync(`${root}/${path}`, text);
    },
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

/** No flag given. */
export const anyMode: ModuleMode = { frozen: false, cachedOnly: false, reload: false };

/** Options for a build other than its address. */
export interface BuildOptions {
  readonly locked?: LockedPlugin | undefined;
  readonly mode?: Partial<ModuleMode>;
  readonly settings?: Partial<ModuleSettings>;
}

/** Builds a graph of a project. */
export function build(
  { io, root, settings }: TestProject,
  url: string,
  options: BuildOptions = {},
): Promise<BuiltGraph> {
  const mode = { ...anyMode, ...options.mode };
  return buildGraph(io, root, url, { ...settings, ...options.settings }, mode, options.locked);
}

/** The manifest of a plugin that provides nothing. */
export const emptyManifest: PluginManifest = {
  name: "test",
  extensions: [],
  engines: [],
  annotators: [],
  parsers: [],
  runners: [],
};

/** What the lock holds after a graph was loaded. */
export function lockOf({ io }: TestProject, graph: BuiltGraph): Promise<LockedPlugin> {
  return lockedPlugin(io, graph, emptyManifest, { permissions: {}, isolation: "worker" });
}

/** Imports a built graph into the test's own process. */
export async function load<T = Record<string, unknown>>(graph: BuiltGraph): Promise<T> {
  return await import(`file://${graph.entry}`) as T;
}

/** The error that a build is refused with; fails if it is not refused. */
export async function refused(building: Promise<unknown>, code: string): Promise<UserError> {
  try {
    await building;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    assertEquals(error.code, code, error.message);
    return error;
  }
  assert(false, `expected to be refused with ${code}`);
  throw new Error("unreachable");
}

/** Every file below a folder. */
export function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`) : [`${folder}/${name}`]
  ).sort();
}
