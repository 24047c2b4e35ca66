/** Engines that hold a command to a sandbox. */

import type { Collector } from "./extension.ts";
import type { ConfigTable } from "./json.ts";
import type { Capability, SandboxSpec } from "./sandbox.ts";
import type { Services } from "./services.ts";

/** What an engine may know of the machine. */
export interface EngineHost extends Services {
  /** Such as `linux`. */
  readonly os: string;
  /** Such as `x86_64` or `aarch64`. */
  readonly arch: string;
  /** The argv that starts this assay again; arguments are added. */
  readonly self: readonly string[];
}

/** What an engine may know of the command it wraps. */
export interface WrapContext extends EngineHost {
  /** The attempt. */
  readonly attemptId: string;
  /** Id of the runner or command. */
  readonly commandName: string;
  /** The project root, an absolute path. */
  readonly workspace: string;
  /** Where the command runs, an absolute path. */
  readonly cwd: string;
  /** A folder of the attempt for what the command leaves behind, an absolute path: it may write it. */
  readonly liveDir: string;
  /** A folder of the attempt's own for temporary files, `TMPDIR` of the command; it may write it. */
  readonly tmpDir: string;
  /** Where the command writes its report, when not under `liveDir`: a file, there and empty, or older. */
  readonly resultFile?: string;
  /**
   * Files and folders that decide what is run outside of the sandbox, of assay and of git: where `filesystem`
   * restricts writing they stay as they are, inside of writable folders too, save those that `paths_writable`
   * names themselves. They need not be there.
   */
  readonly protectedPaths: readonly string[];
  /** Where the files of {@linkcode Wrapped} will be while the command runs. */
  readonly filesDir: string;
  /** The environment of the argv; what is the command's alone is set inside, by the argv that is wrapped. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether the argv is started with standard streams alone; else it may inherit other descriptors. */
  readonly descriptorsClosed: boolean;
  /** What the probe found out, see {@linkcode Probe.facts}. */
  readonly facts: ConfigTable;
}

/** Whether an engine works here, proved by doing and not by looking at version numbers. */
export interface Probe {
  /** Whether it can be relied on. */
  readonly works: boolean;
  /** What was tried and what happened, for people. */
  readonly detail: string;
  /** What of the engine's capabilities this machine cannot give, and why. */
  readonly missing?: Readonly<Partial<Record<Capability, string>>>;
  /** What later calls need to know, kept with the probe until the machine is started again. */
  readonly facts?: ConfigTable;
}

/** A wrapped argv that needs files. */
export interface Wrapped {
  /** The argv. */
  readonly argv: readonly string[];
  /** Written to {@linkcode WrapContext.filesDir} before the command starts, by name. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** Holds a command to a sandbox by wrapping its argv. */
export interface SandboxEngine {
  /** Stands in a sandbox's `engines`. One engine alone may have a name. */
  readonly name: string;
  /** What it can enforce. What it does not list it never counts for. */
  readonly capabilities: readonly Capability[];
  /** Nesting: lower is further out. Default 50. */
  readonly priority?: number;
  /** How to get it where its probe fails, one sentence. */
  readonly obtain?: string;
  /** Proves by doing that it works here: one confined command that succeeds, one denied act that fails. */
  probe?(host: EngineHost): Probe | Promise<Probe>;
  /** What it cannot give for this sandbox. Without it, its capabilities hold for every value. */
  review?(spec: SandboxSpec, facts: ConfigTable): Review | Promise<Review>;
  /** The argv that runs `argv` confined. Never a string: composing engines is concatenation. */
  wrap(
    argv: readonly string[],
    spec: SandboxSpec,
    context: WrapContext,
  ): readonly string[] | Wrapped | Promise<readonly string[] | Wrapped>;
  /** What looks at the result: usage, violations. */
  collector?(
    spec: SandboxSpec,
    context: WrapContext,
  ): Collector | undefined | Promise<Collector | undefined>;
}

/** What an engine says of one sandbox before it is chosen. */
export interface Review {
  /** What of its capabilities it cannot give for these values, and why. */
  readonly missing?: Readonly<Partial<Record<Capability, string>>>;
  /** What it gives with less than the word says, and what is left out. It is shown wherever it is enforced. */
  readonly caveats?: Readonly<Partial<Record<Capability, string>>>;
}
