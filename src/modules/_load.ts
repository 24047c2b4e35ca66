/** Loads a plugin's modules, one level of imports at a time, to be checked and rewritten afterwards. */

import { messageOf } from "../errors.ts";
import type { Io } from "../io.ts";
import type { LockedPlugin, ModuleMode, ModuleSettings } from "../plugin_setting.ts";
import { analyse, type Analysis } from "./_analyse.ts";
import { get, JsrRegistry, npmAddress } from "./_fetch.ts";
import type { MediaType } from "./_media_type.ts";
import { checkMayFetch, ownValue, readModule, type SourceOptions } from "./_read.ts";
import { refusal, type Refused, shown } from "./_refusal.ts";
import {
  checkAddress,
  importTarget,
  isLocal,
  parseAddress,
  type Target,
  type Zone,
  zoneOf,
} from "./_resolve.ts";

export interface GraphModule {
  /** After every redirect. */
  readonly url: string;
  /** The module that imported it first. */
  readonly importer: string | undefined;
  readonly sha256: string;
  readonly bytes: number;
  readonly type: MediaType;
  readonly analysis: Analysis;
  /** What each of its specifiers names. */
  readonly targets: ReadonlyMap<string, Target>;
}

export interface Graph {
  /** Final address of the entry. */
  readonly entry: string;
  readonly modules: ReadonlyMap<string, GraphModule>;
  readonly redirects: ReadonlyMap<string, string>;
}

/** Where an address finally leads. Redirects cannot loop: they were followed. */
export function finalAddress(redirects: ReadonlyMap<string, string>, url: string): string {
  let address = url;
  for (let next = redirects.get(address); next !== undefined; next = redirects.get(address)) {
    address = next;
  }
  return address;
}

/** The module that a target names, unless it is one of Node's or assay's own. */
export function moduleOf(graph: Graph, target: Target | undefined): GraphModule | undefined {
  if (target === undefined || target.kind === "node" || target.kind === "builtin") return undefined;
  return graph.modules.get(finalAddress(graph.redirects, target.url));
}

const maxDepth = 100;

const maxRedirects = 10;

const concurrency = 8;

export interface LoadRequest {
  readonly io: Io;
  readonly settings: ModuleSettings;
  readonly mode: ModuleMode;
  readonly locked: LockedPlugin | undefined;
  /** As configured. */
  readonly plugin: string;
  readonly entry: AddressTarget;
  /** Where imported files may lie. */
  readonly folders: readonly string[];
  /** Leaves out what is outside the project: nothing is fetched. */
  readonly localOnly?: boolean;
}

export type AddressTarget = Extract<Target, { kind: "module" | "jsr" | "npm" }>;

interface Wanted {
  readonly target: AddressTarget;
  readonly importer: string | undefined;
}

/**
 * Loads the whole graph within its time limit.
 *
 * @throws {UserError} for whatever is refused, once all requests have ended.
 */
export async function loadGraph(request: LoadRequest): Promise<Graph> {
  const { io, settings, plugin } = request;
  const waiting = new Set<string>();
  const [stop, inTime] = [new AbortController(), new AbortController()];
  const tooSlow = io.sleep(settings.timeoutMs, inTime.signal).then(() => {
    const late = [...waiting].map(shown).join(", ");
    const why = `its modules were not fetched within ${settings.timeoutMs} ms` +
      (late === "" ? "" : `; still waiting for ${late}`);
    const hint = "Raise timeout under [modules] in .assay/config.toml, or check the network";
    stop.abort(refusal("module_graph_too_slow", { url: plugin }, why, hint));
  });
  // Rejects once everything finished in time, which is of no interest.
  tooSlow.catch(() => {});
  try {
    return await new Loader(request, stop, waiting).load();
  } finally {
    inTime.abort();
  }
}

class Loader {
  readonly #request: LoadRequest;
  readonly #stop: AbortController;
  readonly #sources: SourceOptions;
  readonly #modules = new Map<string, GraphModule>();
  readonly #redirects = new Map<string, string>();

  constructor(request: LoadRequest, stop: AbortController, waiting: Set<string>) {
    const { io, settings, mode, locked, plugin, folders } = request;
    this.#request = request;
    this.#stop = stop;
    const jsr = new JsrRegistry(settings.jsr, (url, refused) => this.#fetchJson(url, refused));
    const limits = { maxBytes: settings.maxBytes, signal: stop.signal, waiting };
    this.#sources = { io, mode, locked, limits, plugin, jsr, folders };
  }

  async load(): Promise<Graph> {
    const { entry } = this.#request;
    const wanted = new Set([entry.url]);
    let level: Wanted[] = [{ target: entry, importer: undefined }];
    for (let depth = 0; level.length > 0; depth++) {
      this.#checkSize(level, depth);
      const before = new Set(this.#modules.keys());
      for (let at = 0; at < level.length; at += concurrency) {
        // After the first failure nothing new starts, and the rest is aborted.
        const loading = level.slice(at, at + concurrency).map((each) => this.#load(each));
        for (const each of loading) each.catch((error) => this.#stop.abort(error));
        await Promise.allSettled(loading);
        this.#stop.signal.throwIfAborted();
      }
      level = [];
      for (const [url, module] of this.#modules) {
        if (before.has(url)) continue;
        for (const target of module.targets.values()) {
          if (target.kind === "node" || target.kind === "builtin" || wanted.has(target.url)) {
            continue;
          }
          if (this.#request.localOnly && !isLocal(target.url)) continue;
          wanted.add(target.url);
          level.push({ target, importer: url });
        }
      }
    }
    return {
      entry: finalAddress(this.#redirects, entry.url),
      modules: this.#modules,
      redirects: this.#redirects,
    };
  }

  #checkSize(level: readonly Wanted[], depth: number): void {
    const { settings, plugin } = this.#request;
    const refused = { url: plugin };
    if (this.#modules.size + level.length > settings.maxModules) {
      const why = `it consists of more than ${settings.maxModules} modules`;
      const hint = "Raise max_modules under [modules] in .assay/config.toml if it needs that many";
      throw refusal("module_graph_too_large", refused, why, hint);
    }
    if (depth <= maxDepth) return;
    const why = `its imports are nested more than ${maxDepth} deep, at ${level[0]!.target.url}`;
    throw refusal("module_graph_too_large", refused, why);
  }

  async #load({ target, importer }: Wanted): Promise<void> {
    const refused = { url: target.url, importer };
    let url = target.kind === "module" ? target.url : await this.#resolvePackage(target, refused);
    for (let hops = 0; hops <= maxRedirects; hops++) {
      if (this.#modules.has(url)) return;
      const source = await readModule(url, { ...refused, url }, this.#sources);
      if (source.kind === "bytes") {
        await this.#add(url, importer, source);
        return;
      }
      url = this.#redirect(url, source.to, refused);
    }
    const why = `its server redirects more than ${maxRedirects} times`;
    throw refusal("module_too_many_redirects", refused, why);
  }

  /** Notes where an address leads, once that is allowed. */
  #redirect(from: string, to: string, refused: Refused): string {
    const next = parseAddress(to, refused, from);
    const led = { ...refused, url: refused.url === from ? from : `${refused.url} (${from})` };
    if (next.startsWith("data:")) {
      throw refusal(
        "module_import_refused",
        led,
        "it redirects to a data: URL, which is not allowed",
      );
    }
    checkAddress(next, zoneOf(from, false), this.#request.settings.allow, led);
    this.#redirects.set(from, next);
    return next;
  }

  async #add(
    url: string,
    importer: string | undefined,
    { bytes, sha256, type }: Extract<Awaited<ReturnType<typeof readModule>>, { kind: "bytes" }>,
  ): Promise<void> {
    const analysis = await analyse(this.#request.io, type, bytes, { url, importer });
    const zone = zoneOf(url, importer === undefined);
    const targets = new Map(
      analysis.imports.map(({ specifier }) => [specifier, this.#target(specifier, url, zone)]),
    );
    // Two addresses that lead here may have been fetched at the same time: the first one counts.
    if (this.#modules.has(url)) return;
    this.#modules.set(url, { url, importer, sha256, bytes: bytes.length, type, analysis, targets });
  }

  #target(specifier: string, importer: string, zone: Zone): Target {
    const target = importTarget(specifier, importer);
    if (target.kind === "module") {
      const { allow } = this.#request.settings;
      checkAddress(target.url, zone, allow, { url: target.url, importer });
    }
    return target;
  }

  /** The address behind `jsr:` and `npm:`; the registry is the user's choice, so any zone may use it. */
  async #resolvePackage(target: AddressTarget, refused: Refused): Promise<string> {
    const { settings, locked } = this.#request;
    const pinned = ownValue(locked?.redirects, target.url);
    if (pinned === undefined) checkMayFetch(refused, false, this.#sources);
    const url = pinned ??
      (target.kind === "jsr"
        ? await this.#sources.jsr.resolve(target.url, refused)
        : npmAddress(settings.npm, target.url, refused));
    const address = parseAddress(url, refused);
    // As if a module on loopback asked: a registry may be there, but it is never the file system.
    checkAddress(address, "loopback", settings.allow, refused);
    this.#redirects.set(target.url, address);
    return address;
  }

  async #fetchJson(address: string, refused: Refused): Promise<unknown> {
    let url = address;
    for (let hops = 0; hops <= maxRedirects; hops++) {
      const { io, settings } = this.#request;
      checkAddress(url, hops === 0 ? "loopback" : zoneOf(address, false), settings.allow, refused);
      const answer = await get(io, url, this.#sources.limits, refused);
      if (answer.kind === "content") return parseJson(answer.bytes, url, refused);
      url = parseAddress(answer.to, refused, url);
    }
    const why = `${address} redirects more than ${maxRedirects} times`;
    throw refusal("module_too_many_redirects", refused, why);
  }
}

function parseJson(bytes: Uint8Array, url: string, refused: Refused): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    const why = `${url} is not JSON: ${messageOf(error)}`;
    throw refusal("module_unreachable", refused, why, undefined, error);
  }
}
