/**
 * The messages between assay's process and a plugin's worker. Both sides are compiled against this file.
 *
 * Messages to the worker are structured clones: they come from assay. Messages from the worker are JSON text
 * only: what a plugin returns cannot be an accessor, proxy, port or shared memory, and its size is known before
 * it is read. The receiver checks every message before it is used.
 *
 * @module
 */

import type {
  CommandSpec,
  ConfigTable,
  EngineHost,
  ExecutionResult,
  HistoryQuery,
  ParseContext,
  RunContext,
  SandboxSpec,
  Services,
  WrapContext,
} from "../../plugin.ts";

/** Most characters of one message of a worker. */
export const maxMessage = 16 * 1024 * 1024;

/** Most questions of a worker that wait for an answer at once. */
export const maxAsks = 64;

/** Most warnings of a call, and most characters of one. */
export const maxWarnings = 100;
export const maxSentence = 4096;

export interface WorkerSetup {
  readonly root: string;
  /** Whether native libraries were granted. */
  readonly ffi: boolean;
  /** `PATH` of the programs it runs. */
  readonly path: string;
}

/** A command without what cannot be sent: its collectors. */
export type SpecData = Omit<CommandSpec, "collectors">;

/** A result without what cannot be sent: its outputs are requested by name. */
export type ResultData = Omit<ExecutionResult, "stdout" | "stderr"> & {
  readonly stdout: OutputData;
  readonly stderr: OutputData;
};

/** What is known of an output without reading it. */
export interface OutputData {
  readonly bytes: number;
  readonly truncated: boolean;
}

export type HostData = Omit<EngineHost, keyof Services>;

export type WrapData = Omit<WrapContext, keyof Services>;

/** What an annotator gets about a command; it requests events and history. */
export type RunData = Omit<RunContext, keyof Services | "events" | "query" | "addAnnotation">;

/** The index of a part in the plugin's list of its kind. */
type At = { readonly index: number };

/** The arguments of a call, for each of the plugin's functions. */
export interface Calls {
  readonly describe: unknown;
  readonly validate: At & { readonly config: ConfigTable };
  readonly prepare: At & { readonly spec: SpecData };
  readonly store: At & { readonly spec: SpecData; readonly result: ResultData };
  readonly probe: At & { readonly host: HostData };
  readonly review: At & { readonly sandbox: SandboxSpec; readonly facts: ConfigTable };
  readonly wrap: At & {
    readonly argv: readonly string[];
    readonly sandbox: SandboxSpec;
    readonly context: WrapData;
  };
  readonly collector: At & { readonly sandbox: SandboxSpec; readonly context: WrapData };
  /** `collector`: the number that the plugin's side gave it. */
  readonly collect: {
    readonly collector: number;
    readonly spec: SpecData;
    readonly result: ResultData;
  };
  readonly shouldAnnotate: At & { readonly context: RunData };
  readonly annotate: At & { readonly context: RunData };
  readonly parse: At & { readonly context: ParseContext };
}

export type Call = { [What in keyof Calls]: { readonly what: What } & Calls[What] }[keyof Calls];

export type ToWorker =
  | {
    readonly type: "call";
    readonly id: number;
    readonly call: Call;
    readonly options: ConfigTable;
  }
  | { readonly type: "abort"; readonly id: number }
  | { readonly type: "answer"; readonly ask: number; readonly value: unknown }
  | { readonly type: "refusal"; readonly ask: number; readonly message: string };

/** A request of a call to assay. What may be requested depends on the kind of call. */
export type Ask =
  /** The next page of events; `cursor` distinguishes several readings in one call. */
  | { readonly what: "events"; readonly cursor: number; readonly problems: boolean }
  | { readonly what: "query"; readonly query: HistoryQuery }
  | {
    readonly what: "output";
    readonly stream: "stdout" | "stderr";
    readonly from: number | null;
    readonly bytes: number | null;
  }
  /** Where a granted program is; every kind of call may request this. */
  | { readonly what: "program"; readonly name: string }
  /** The next bytes of the report; the answer is `undefined` at its end. */
  | { readonly what: "chunk" }
  /** Passes on parsed events; answered when more are wanted. */
  | { readonly what: "emit"; readonly events: unknown };

export type FromWorker =
  | { readonly type: "result"; readonly id: number; readonly value: unknown }
  | { readonly type: "error"; readonly id: number; readonly message: string }
  | { readonly type: "ask"; readonly id: number; readonly ask: number; readonly question: Ask }
  | { readonly type: "warn"; readonly id: number; readonly message: string }
  | { readonly type: "annotate"; readonly id: number; readonly annotations: unknown }
  /** Confirms that a call is over: a worker that does not has not returned to its event loop. */
  | { readonly type: "heard"; readonly id: number }
  | { readonly type: "log"; readonly message: string }
  /** An uncaught error; the worker must be ended. */
  | { readonly type: "uncaught"; readonly message: string };
