/** Runners as `plugins.json` holds them. */

import type { Kind, Severity } from "./event.ts";
import type { ConfigTable } from "./json.ts";

/**
 * One way to detect a stack: a path or glob relative to the root, or a file that must also contain a key
 * (`scripts.test` of a JSON or TOML file) or a piece of text. With a `key`, `contains` and `not_contains` apply
 * to its value; else to the file, as if its first line followed a line end. `not_contains`: none of these.
 */
export type Detect =
  | string
  | {
    readonly file: string;
    readonly key?: string;
    readonly contains?: string;
    readonly not_contains?: string | readonly string[];
  };

/** A runner as written in `plugins.json`; `assay schema plugins` has every field. */
export interface Runner {
  /** Stable name; used in references such as `test:12`. */
  readonly id: string;
  /** The gate it belongs to. */
  readonly kind: Kind;
  /** One line for people. */
  readonly description?: string;
  /** One match is enough. */
  readonly detect_file: Detect | readonly Detect[];
  /** Shell line; `{{run_id}}`, `{{run_dir}}` and `{{result_file}}` are filled in. */
  readonly command: string;
  /** Where it writes its report, relative to the root. */
  readonly result_file?: string;
  /** Format of the report. Without it the exit code decides. */
  readonly result_format?: string;
  /** `"5m"`, or seconds. */
  readonly timeout?: string | number;
  /** Relative to the root. */
  readonly cwd?: string;
  /** Variables to set, and the other keys of the extension `env`. */
  readonly env?: ConfigTable;
  /** Whether its gate requires it. Default true. */
  readonly required?: boolean;
  /** False disables it. */
  readonly enabled?: boolean;
  /** Diagnostics of this severity or above fail. Default `error`. */
  readonly fail_on?: Severity;
  /** Whether a run in which no test ran may pass. Default false. */
  readonly allow_no_tests?: boolean;
  /** Globs of the files the result depends on. */
  readonly inputs?: readonly string[];
  /**
   * Globs of the files it works on, inserted for `{{files}}`; `!glob` excludes. In a git hook it only runs
   * if one of these changed.
   */
  readonly files?: readonly string[];
  /** Runners with the same lock never run at the same time. */
  readonly lock?: string;
  /** A preset's name or a table. */
  readonly sandbox?: string | Readonly<Record<string, unknown>>;
}
