/** Stage "store": what extensions keep with an attempt. */

import { PluginError } from "../errors.ts";
import type { ExecutionResult, Extension, ExtensionStore, Json } from "../plugin.ts";
import { callPlugin, hostFor } from "./call.ts";
import { copyOf, nameOf } from "./extend.ts";
import type { Owned } from "./plugins.ts";
import type { CallHost, Prepared } from "./types.ts";

/** Bytes of one value, and of all that one extension keeps with an attempt, as JSON in UTF-8. */
const maxValue = 64 * 1024;
const maxTotal = 1024 * 1024;

/** Nesting depth of a value: too deep would break whatever reads or writes it as JSON later. */
const maxDepth = 64;

/** By extension and key. Values are kept as they are: an extension that stores a secret discloses it. */
export type ExtensionData = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/**
 * Lets each extension that prepared the command keep data, in their order. `resultOf` makes a result for
 * each. What an extension set before it failed is dropped whole, and a warning says so.
 */
export async function storeData(
  prepared: Prepared,
  resultOf: () => ExecutionResult,
  host: CallHost,
): Promise<ExtensionData> {
  const data: [string, Record<string, Json>][] = [];
  for (const extension of prepared.extensions) {
    const own = await storeBy(extension, prepared, resultOf, host);
    if (own && Object.keys(own).length > 0) data.push([extension.value.name, own]);
  }
  return Object.fromEntries(data);
}

async function storeBy(
  extension: Owned<Extension>,
  { spec }: Prepared,
  resultOf: () => ExecutionResult,
  host: CallHost,
): Promise<Record<string, Json> | undefined> {
  const { owner, value } = extension;
  if (!value.store) return undefined;
  const part = nameOf(extension);
  const buffer = new Buffered();
  try {
    await callPlugin(
      owner,
      `${part}, store`,
      hostFor(host, part),
      (services) => value.store!(copyOf(spec), resultOf(), buffer, services),
    );
    return buffer.end();
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    buffer.end();
    host.warn(`${error.message}; nothing it set is kept`);
    return undefined;
  }
}

/** Holds what one extension sets until its call has ended. */
class Buffered implements ExtensionStore {
  readonly #values = new Map<string, { readonly text: string; readonly bytes: number }>();
  #total = 0;
  #ended = false;

  set(key: string, value: Json): void {
    if (this.#ended) throw new Error("store.set: the call has ended");
    if (typeof key !== "string" || !/^[^\0]{1,200}$/.test(key)) {
      throw new Error("store.set: a key must be a string of 1 to 200 characters");
    }
    if (isDeeper(value, maxDepth)) {
      throw new Error(`store.set: "${key}" is nested more than ${maxDepth} levels deep`);
    }
    const text = JSON.stringify(value);
    const bytes = new TextEncoder().encode(text).length;
    if (bytes > maxValue) {
      throw new Error(
        `store.set: "${key}" has ${bytes} bytes as JSON; at most ${maxValue} are kept`,
      );
    }
    this.#total += bytes - (this.#values.get(key)?.bytes ?? 0);
    if (this.#total > maxTotal) {
      throw new Error(`store.set: with "${key}" it is more than ${maxTotal} bytes in all`);
    }
    this.#values.set(key, { text, bytes });
  }

  /** Takes nothing more, and returns what was set. */
  end(): Record<string, Json> {
    this.#ended = true;
    return Object.fromEntries(
      Array.from(this.#values, ([key, { text }]) => [key, JSON.parse(text)]),
    );
  }
}

function isDeeper(value: Json, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((each) => isDeeper(each, depth - 1));
}
