/** Engines that confine a command to a sandbox. */

import type { Collector } from "./extension.ts";
import type { ConfigTable } from "./json.ts";
import type { Capability, SandboxSpec } from "./sandbox.ts";
import type { Services } from "./services.ts";

/** What an engine may know about the machine. */
export interface EngineHost extends Services {
  /** Such as `linux`. */
  readonly os: string;
  /** Such as `x86_64` or `aarch64`. */
  readonly arch: string;
  /** The argv that starts this assay again; arguments are appended. */
  readonly self: readonly string[];
}

/** What an engine may know about the command it wraps. */
export interface WrapContext extends EngineHost {
  /** The attempt. */
  readonly attemptId: string;
  /** Id of the runner or command. */
  readonly commandName: string;
  /** The project root, an absolute path. */
  readonly workspace: string;
  /** Where the command runs, an absolute path. */
  readonly cwd: string;
  /** A folder of the attempt for files the command leaves behind, an absolute path; writable for the command. */
  readonly liveDir: string;
  /** The attempt's own folder for temporary files, the command's `TMPDIR`; writable for the command. */
  readonly tmpDir: string;
  /** Where the command writes its report, if not under `liveDir`: a file that exists, empty or older. */
  readonly resultFile?: string;
  /**
   * Files and folders that determine what assay and git run outside the sandbox: where `filesystem`
   * restricts writing they stay unchanged, even inside writable folders, except those that `paths_writable`
   * names itself. They need not exist.
   */
  readonly protectedPaths: readonly string[];
  /** Where the files of {@linkcode Wrapped} will be while the command runs. */
  readonly filesDir: string;
  /** The environment of the argv; variables for the command only are set inside, by the wrapped argv. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether the argv is started with standard streams only; else it may inherit other descriptors. */
  readonly descriptorsClosed: boolean;
  /** What the probe found, see {@linkcode Probe.facts}. */
  readonly facts: ConfigTable;
}

/** Whether an engine works here, proved by trying and not by looking at version numbers. */
export interface Probe {
  /** Whether it can be relied on. */
  readonly works: boolean;
  /** What was tried and what happened, for people. */
  readonly detail: string;
  /** Which of the engine's capabilities this machine cannot provide, and why. */
  readonly missing?: Readonly<Partial<Record<Capability, string>>>;
  /** What later calls need to know, kept with the probe until the machine is restarted. */
  readonly facts?: ConfigTable;
}

/** A wrapped argv that needs files. */
export interface Wrapped {
  /** The argv. */
  readonly argv: readonly string[];
  /** Written to {@linkcode WrapContext.filesDir} before the command starts, by name. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** Confines a command to a sandbox by wrapping its argv. */
export interface SandboxEngine {
  /** Used in a sandbox's `engines`. Must be unique among engines. */
  readonly name: string;
  /** What it can enforce. It is never relied on for anything else. */
  readonly capabilities: readonly Capability[];
  /** Nesting: lower is further out. Default 50. */
  readonly priority?: number;
  /** How to install it if its probe fails, one sentence. */
  readonly obtain?: string;
  /** Proves by trying that it works here: one confined command that succeeds, one denied act that fails. */
  probe?(host: EngineHost): Probe | Promise<Probe>;
  /** What it cannot provide for this sandbox. Without it, its capabilities hold for every value. */
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

/** What an engine says about a sandbox before it is chosen. */
export interface Review {
  /** Which of its capabilities it cannot provide for these values, and why. */
  readonly missing?: Readonly<Partial<Record<Capability, string>>>;
  /** What it only partly provides, and what is missing. Shown wherever it is enforced. */
  readonly caveats?: Readonly<Partial<Record<Capability, string>>>;
}
