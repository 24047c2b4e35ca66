/** A plugin's modules as they were loaded, before they are built. */

import type { MediaType } from "./_address.ts";
import type { Analysis } from "./_analyse.ts";
import type { Target } from "./_specifier.ts";

/** One loaded module. */
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

/** All modules of a plugin. */
export interface Graph {
  /** Final address of the entry. */
  readonly entry: string;
  readonly modules: ReadonlyMap<string, GraphModule>;
  readonly redirects: ReadonlyMap<string, string>;
}

/** Where an address leads in the end. Redirects do not go in a circle: they were followed. */
export function finalAddress(redirects: ReadonlyMap<string, string>, url: string): string {
  let address = url;
  for (let next = redirects.get(address); next !== undefined; next = redirects.get(address)) {
    address = next;
  }
  return address;
}

/** The module that a target names, unless it is Node's or assay's own. */
export function moduleOf(graph: Graph, target: Target | undefined): GraphModule | undefined {
  if (target === undefined || target.kind === "node" || target.kind === "builtin") return undefined;
  return graph.modules.get(finalAddress(graph.redirects, target.url));
}
