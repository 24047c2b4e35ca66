/**
 * Keeps errors that a plugin does not catch from the runtime, which prints what happens while it reports one:
 * each function the runtime calls for the plugin (timers, microtasks, listeners) is called within a catch.
 */

import { mustReach } from "./grants.ts";
import { whenRead } from "./lazy.ts";
import { apply, defineProperty, messageOf } from "./primordials.ts";

type Callback = (...args: unknown[]) => unknown;

/** Calls a function of the plugin's; what it throws goes to `uncaught`. */
export type Contained = (callback: Callback, self: unknown, args: unknown[]) => unknown;

/** Makes the catch. */
export function container(uncaught: (message: string) => void): Contained {
  return (callback, self, args) => {
    try {
      return apply(callback, self, args);
    } catch (error) {
      uncaught(messageOf(error));
      return undefined;
    }
  };
}

/** Microtasks that catch. */
export function safeMicrotasks(contained: Contained): typeof queueMicrotask {
  const original = queueMicrotask;
  return (callback) => {
    if (typeof callback !== "function") throw new TypeError("queueMicrotask takes a function");
    original(() => void contained(callback as Callback, undefined, []));
  };
}

/**
 * Listeners that catch. The realm itself takes no more listeners: assay's own are there, and are not to be
 * changed by way of the runtime's records.
 */
export function guardListeners(realm: object, contained: Contained): void {
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

/** A class whose instances connect, after it was asked whether they may. */
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

/** `onabort`, `onmessage` and their like. */
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
