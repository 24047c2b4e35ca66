/** An error that ends a verb, for people or as JSON, on standard error. */

import { messageOf, UserError, UserErrors } from "../errors.ts";
import type { ErrorOutput, ErrorRecord } from "../schema/outputs.ts";
import { clean, cleanLines } from "../text/clean.ts";
import { styles } from "./terminal/style.ts";

export interface ErrorLook {
  readonly json: boolean;
  readonly color: boolean;
  /** assay's own details, for bug reports. */
  readonly version: string;
}

export function describeError(error: unknown, look: ErrorLook): string {
  return look.json ? `${JSON.stringify(errorOutput(error), null, 2)}\n` : errorText(error, look);
}

function errorOutput(error: unknown): ErrorOutput {
  if (!(error instanceof UserError)) {
    return { error: { code: "internal", message: messageOf(error), hint: bugHint } };
  }
  const errors = error instanceof UserErrors ? error.errors : [];
  return {
    error: { ...recordOf(error), ...(errors.length > 0 ? { errors: errors.map(recordOf) } : {}) },
  };
}

function recordOf({ code, message, hint, place }: UserError): ErrorRecord {
  return { code, message, ...(hint === undefined ? {} : { hint }), ...place };
}

const bugHint = "this is a bug of assay's own: please report it with this message";

function errorText(error: unknown, { color, version }: ErrorLook): string {
  const style = styles(color);
  const label = style.bold(style.red("error:"));
  if (!(error instanceof UserError)) {
    const stack = error instanceof Error ? error.stack ?? error.message : String(error);
    const lines = cleanLines(stack).map((line) => `${line}\n`).join("");
    return `${label} assay ${version} failed; ${bugHint}\n${lines}`;
  }
  const errors = error instanceof UserErrors ? error.errors : [error];
  return errors.map(({ message, hint }) => {
    const hintLine = hint === undefined ? "" : `  ${style.dim("hint:")} ${clean(hint)}\n`;
    return `${label} ${cleanLines(message).join("\n  ")}\n${hintLine}`;
  }).join("");
}
