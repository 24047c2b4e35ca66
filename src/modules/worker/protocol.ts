/**
 * What assay's process and a plugin's worker say to each other. Both sides are compiled against this file.
 *
 * To the worker messages go by structured clone: they come from assay. From the worker they come as JSON
 * text and nothing else: what a plugin returns can then be no accessor, proxy, port or shared memory, and
 * its size is known before it is read. Whatever it says is checked by its receiver before it is used.
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

/** Most sentences a call may say, and most characters of one. */
export const maxWarnings = 100;
export const maxSentence = 4096;

export interface WorkerSetup {
  readonly root: string;
  /** Whether native libraries were granted. */
  readonly ffi: boolean;
  /** `PATH` of the programs it runs. */
  readonly path: string;
}

/** A command without what cannot cross: its collectors. */
export type SpecData = Omit<CommandSpec, "collectors">;

/** A result without what cannot cross: its outputs are asked for by name. */
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

/** What an annotator gets about a command; its events and history are asked for. */
export type RunData = Omit<RunContext, keyof Services | "events" | "query" | "addAnnotation">;

/** The place of a part in the plugin's list of its kind. */
type At = { readonly index: number };

/** What a call of each of the plugin's functions hands over. */
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

/** A question of a call to assay. Each call may ask what its kind of call offers. */
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
  /** Where a program is that it was granted; every kind of call may ask this. */
  | { readonly what: "program"; readonly name: string }
  /** The next bytes of the report; the answer is `undefined` at its end. */
  | { readonly what: "chunk" }
  /** Hands over parsed events; answered when more are wanted. */
  | { readonly what: "emit"; readonly events: unknown };

export type FromWorker =
  | { readonly type: "result"; readonly id: number; readonly value: unknown }
  | { readonly type: "error"; readonly id: number; readonly message: string }
  | { readonly type: "ask"; readonly id: number; readonly ask: number; readonly question: Ask }
  | { readonly type: "warn"; readonly id: number; readonly message: string }
  | { readonly type: "annotate"; readonly id: number; readonly annotations: unknown }
  /** It knows that a call is over: what does not say so has not given up control. */
  | { readonly type: "heard"; readonly id: number }
  | { readonly type: "log"; readonly message: string }
  /** Something threw where nothing caught it; the worker is to be ended. */
  | { readonly type: "uncaught"; readonly message: string };
