/** Plain data that crosses between assay and its plugins. */

/** Data that survives JSON. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** An object of {@linkcode Json}. */
export interface JsonObject {
  /** Any key. */
  readonly [key: string]: Json;
}

/** A table of configuration, as the user wrote it. */
export type ConfigTable = Readonly<Record<string, unknown>>;
