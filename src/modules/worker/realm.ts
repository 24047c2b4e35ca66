/**
 * Hardens the realm of a plugin's worker before the plugin's first line: every name that is not on the list is
 * removed, including those that a later runtime adds. What stays only computes, or is governed by the worker's
 * permissions.
 *
 * What is removed and why: `Deno` and `process` (streams, exit, signals, other workers' resources), `console`
 * (prints to assay's streams), `eval`, constructors of functions and text timers (they would import
 * unchecked code), `Worker` (a realm that is not hardened), `BroadcastChannel`, `caches`, `navigator.locks`,
 * storage and object URLs (shared with other workers), `close` and `postMessage` (the way to assay),
 * listeners on the realm itself (assay's).
 *
 * @module
 */

import { mustReach } from "./grants.ts";
import { reader, whenRead } from "./lazy.ts";
import { apply, defineProperty, freeze, messageOf } from "./primordials.ts";

/** ECMAScript's. Shared memory cannot be shared with anyone: there is no way to pass it on. */
const language = `
  AggregateError Array ArrayBuffer AsyncDisposableStack Atomics BigInt BigInt64Array BigUint64Array Boolean
  DataView Date DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array
  Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object Promise Proxy
  RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer String SuppressedError Symbol SyntaxError
  Temporal TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet
  WebAssembly decodeURI decodeURIComponent encodeURI encodeURIComponent escape globalThis isFinite isNaN
  parseFloat parseInt undefined unescape`;

/** The web's, of which fetch, WebSocket and EventSource need the permission `net`. */
const web = `
  AbortController AbortSignal Blob ByteLengthQueuingStrategy CloseEvent CompressionStream
  CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DecompressionStream ErrorEvent Event
  EventSource EventTarget File FormData Headers MessageEvent Performance PerformanceEntry PerformanceMark
  PerformanceMeasure ProgressEvent QuotaExceededError ReadableByteStreamController ReadableStream
  ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController
  ReadableStreamDefaultReader Request Response SubtleCrypto TextDecoder TextDecoderStream TextEncoder
  TextEncoderStream TransformStream TransformStreamDefaultController URL URLPattern URLSearchParams
  WebSocket WritableStream WritableStreamDefaultController WritableStreamDefaultWriter atob btoa crypto
  fetch performance queueMicrotask self structuredClone`;

const kept = new Set(`${language} ${web}`.trim().split(/\s+/));

export interface Replacements {
  readonly deno: object;
  /** Takes what a plugin prints. */
  readonly log: (message: string) => void;
  /** Takes what a plugin throws where nothing catches it. */
  readonly uncaught: (message: string) => void;
}

type Realm = Record<string, unknown>;

/** Removes everything that is not on the list, and installs the replacements. */
export function harden(realm: object, { deno, log, uncaught }: Replacements): void {
  const globals = realm as Realm;
  const contained = container(uncaught);
  const timers = safeTimers(realm, contained);
  const safeFetch = fetchWithoutFiles(realm);
  for (const name of Object.getOwnPropertyNames(globals)) {
    if (!kept.has(name)) delete globals[name];
  }
  refuseCodeFromText(globals);
  guardListeners(realm, contained);
  for (const name of ["createObjectURL", "revokeObjectURL"] as const) {
    delete (URL as unknown as Realm)[name];
  }
  const { userAgent, hardwareConcurrency } = navigatorBefore;
  const added = {
    ...timers,
    fetch: safeFetch,
    queueMicrotask: safeMicrotasks(contained),
    console: safeConsole(log),
    navigator: freeze({ userAgent, hardwareConcurrency }),
  };
  for (const [name, value] of Object.entries(added)) {
    defineProperty(globals, name, { value, writable: true, configurable: true });
  }
  // The runtime's Node modules read it from here when they are loaded: it must not be replaced.
  defineProperty(globals, "Deno", { value: deno, writable: false, configurable: false });
}

const navigatorBefore = navigator;

/** Replaces every constructor that compiles text. */
function refuseCodeFromText(globals: Realm): void {
  const examples = [function () {}, async function () {}, function* () {}, async function* () {}];
  for (const example of examples) {
    const prototype = Object.getPrototypeOf(example);
    const refuse = function Function() {
      throw new EvalError("a plugin cannot make code from text");
    };
    defineProperty(refuse, "prototype", { value: prototype, writable: false });
    defineProperty(prototype, "constructor", {
      value: refuse,
      writable: false,
      configurable: false,
    });
  }
  const value = refuseCodeFromText.constructor;
  defineProperty(globals, "Function", { value, writable: true, configurable: true });
}

/**
 * `fetch` would read files without the check of where links lead. The address is read with `Request` as it was
 * before the plugin could change it.
 */
function fetchWithoutFiles(realm: object): typeof fetch {
  const original = fetch;
  const requests = whenRead(realm, "Request", (value: typeof Request) => {
    const { get } = Object.getOwnPropertyDescriptor(value.prototype, "url")!;
    return { value, addressOf: (request: Request): string => apply(get!, request, []) };
  });
  return async function fetch(input, init) {
    const { value: OriginalRequest, addressOf } = requests();
    const request = new OriginalRequest(input, init);
    const address = addressOf(request);
    if (address[0] === "f" && address[1] === "i") {
      throw new TypeError("a plugin reads files by readText or Deno.readTextFile, not by fetch");
    }
    mustReach(address);
    return await original(request);
  };
}

type Handler = (...args: unknown[]) => void;

/** Timers that take only functions, and whose handles are plain numbers. */
function safeTimers(realm: object, contained: Contained): Record<string, unknown> {
  const running = new Map<number, unknown>();
  let last = 0;
  const start = (name: string, once: boolean) => {
    const original = reader<(...args: unknown[]) => unknown>(realm, name);
    return (handler: unknown, ...args: unknown[]): number => {
      if (typeof handler !== "function") {
        throw new TypeError(`${name} takes a function; a plugin cannot make code from text`);
      }
      const id = ++last;
      const [delay, ...rest] = name === "setImmediate" ? [undefined, ...args] : args;
      const fire = () => {
        if (once) running.delete(id);
        contained(handler as Handler, undefined, rest);
      };
      running.set(id, name === "setImmediate" ? original()(fire) : original()(fire, delay));
      return id;
    };
  };
  const stop = (name: string) => {
    const original = reader<(handle: unknown) => void>(realm, name);
    return (id: unknown): void => {
      const handle = running.get(id as number);
      if (handle === undefined) return;
      running.delete(id as number);
      original()(handle);
    };
  };
  return {
    setTimeout: start("setTimeout", true),
    setInterval: start("setInterval", false),
    setImmediate: start("setImmediate", true),
    clearTimeout: stop("clearTimeout"),
    clearInterval: stop("clearInterval"),
    clearImmediate: stop("clearImmediate"),
  };
}

/** A console that prints nothing: its text is sent to assay. */
function safeConsole(log: (message: string) => void): object {
  const say = (...values: unknown[]): void => log(values.map(shown).join(" "));
  const nothing = () => {};
  const said = ["debug", "error", "info", "log", "trace", "warn", "dir", "dirxml", "table"];
  const ignored = ["assert", "clear", "count", "countReset", "group", "groupCollapsed", "groupEnd"];
  const timed = ["time", "timeEnd", "timeLog", "timeStamp"];
  return Object.fromEntries([
    ...said.map((name) => [name, say]),
    ...[...ignored, ...timed].map((name) => [name, nothing]),
  ]);
}

function shown(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return `${value.name}: ${messageOf(value)}`;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // A cycle or a large integer: only its type is shown.
    return typeof value;
  }
}

// Keeps errors that a plugin does not catch from the runtime, which prints what happens while it reports one:
// each function the runtime calls for the plugin (timers, microtasks, listeners) is called within a catch.

type Callback = (...args: unknown[]) => unknown;

/** Calls a function of the plugin's; what it throws goes to `uncaught`. */
type Contained = (callback: Callback, self: unknown, args: unknown[]) => unknown;

function container(uncaught: (message: string) => void): Contained {
  return (callback, self, args) => {
    try {
      return apply(callback, self, args);
    } catch (error) {
      uncaught(messageOf(error));
      return undefined;
    }
  };
}

function safeMicrotasks(contained: Contained): typeof queueMicrotask {
  const original = queueMicrotask;
  return (callback) => {
    if (typeof callback !== "function") throw new TypeError("queueMicrotask takes a function");
    original(() => void contained(callback as Callback, undefined, []));
  };
}

/**
 * Listeners that catch errors. The realm itself takes no more listeners: assay's own must not be changed through
 * the runtime's records.
 */
function guardListeners(realm: object, contained: Contained): void {
  freezeListeners(realm);
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  const wrappers = new WeakMap<object, Callback>();
  const { get, set } = WeakMap.prototype;
  const wrapperOf = (listener: unknown): unknown => {
    if (typeof listener !== "function" && (typeof listener !== "object" || listener === null)) {
      return listener;
    }
    const known = apply(get, wrappers, [listener]) as Callback | undefined;
    if (known) return known;
    const wrapper = function (this: unknown, event: unknown): unknown {
      if (typeof listener === "function") return contained(listener as Callback, this, [event]);
      const call = () => (listener as EventListenerObject).handleEvent(event as Event);
      return contained(call, undefined, []);
    };
    apply(set, wrappers, [listener, wrapper]);
    return wrapper;
  };
  const guarded = (original: Callback) =>
    function (this: unknown, type: unknown, listener: unknown, options: unknown): unknown {
      if (this === undefined || this === null || this === realm) {
        throw new TypeError("a plugin cannot listen to its realm");
      }
      return apply(original, this, [type, wrapperOf(listener), options]);
    };
  replace(EventTarget.prototype, "addEventListener", guarded(addEventListener as Callback));
  replace(EventTarget.prototype, "removeEventListener", guarded(removeEventListener as Callback));
  guardAttributes(AbortSignal.prototype, wrapperOf);
  for (const name of ["WebSocket", "EventSource"]) {
    whenRead(realm, name, (value: Connecting) => {
      guardAttributes(value.prototype, wrapperOf);
      return { value: askingFirst(value) };
    });
  }
}

type Connecting = new (url: string | URL, options?: never) => EventTarget;

/** A class whose instances connect, after checking the permission. */
function askingFirst(Original: Connecting): Connecting {
  const Asking = class extends Original {
    constructor(url: string | URL, options?: never) {
      const address = `${url}`;
      mustReach(address);
      super(address, options);
    }
  };
  defineProperty(Asking, "name", { value: Original.name });
  defineProperty(Original.prototype, "constructor", { value: Asking });
  return Asking;
}

/** `onabort`, `onmessage` and so on. */
function guardAttributes(prototype: object, wrapperOf: (listener: unknown) => unknown): void {
  const { get, set } = WeakMap.prototype;
  for (const [name, { get: read, set: write }] of attributesOf(prototype)) {
    const given = new WeakMap<object, unknown>();
    defineProperty(prototype, name, {
      configurable: true,
      enumerable: true,
      get(this: object) {
        return apply(read!, this, []) === null ? null : apply(get, given, [this]) ?? null;
      },
      set(this: object, listener: unknown) {
        apply(write!, this, [wrapperOf(listener)]);
        apply(set, given, [this, listener]);
      },
    });
  }
}

function attributesOf(prototype: object): [string, PropertyDescriptor][] {
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { get, set }]) => name.startsWith("on") && get && set);
}

/** The runtime keeps the listeners of a target in an object under a symbol, for anyone to find. */
function freezeListeners(realm: object): void {
  for (const symbol of Object.getOwnPropertySymbols(realm)) {
    const record = (realm as Record<symbol, unknown>)[symbol];
    if (typeof record === "object" && record !== null && "listeners" in record) deepFreeze(record);
  }
}

function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const key of Reflect.ownKeys(value)) {
    deepFreeze((value as Record<string | symbol, unknown>)[key]);
  }
}

function replace(target: object, name: string, value: unknown): void {
  defineProperty(target, name, { value, writable: true, configurable: true });
}
