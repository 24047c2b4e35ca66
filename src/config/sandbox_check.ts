/** Checks every sandbox of the configuration for what its schema cannot say. */

import * as v from "valibot";
import type { UserError } from "../errors.ts";
import type { PathBase } from "../sandbox/paths.ts";
import type { Document } from "./_document.ts";
import { asArray, asTable, documentError } from "./_document.ts";
import type { KeyPath } from "./_positions.ts";
import { keyText } from "./_positions.ts";
import { sandboxPathProblems } from "./sandbox_paths.ts";
import { sandboxProblems } from "./sandbox_problems.ts";
import { sandboxSchema } from "./sandbox_schema.ts";

/** What sandboxes are checked against. */
export interface SandboxBase extends PathBase {
  /** The engines a sandbox may name; absent when they are not known. */
  readonly engines: readonly string[] | undefined;
}

/** What is wrong with the sandboxes of the documents. Those that do not fit the schema are passed over. */
export async function sandboxErrors(
  documents: readonly Document[],
  base: SandboxBase,
): Promise<UserError[]> {
  const written = documents.flatMap((document) =>
    sandboxesOf(document.value).map((each) => ({ document, ...each }))
  );
  const errors = await Promise.all(
    written.map(({ document, path, value }) => errorsOf(document, path, value, base)),
  );
  return errors.flat();
}

/** A sandbox as written, and where. */
interface Written {
  readonly path: KeyPath;
  readonly value: unknown;
}

/** That of the file itself, and those of its runners and commands. */
function sandboxesOf(value: unknown): Written[] {
  const top = asTable(value) ?? {};
  const entries: Written[] = [
    { path: [], value: top },
    ...asArray(top.runners).map((each, index) => ({ path: ["runners", index], value: each })),
    ...["runners", "commands"].flatMap((key) =>
      Object.entries(asTable(top[key]) ?? {}).map(([name, each]) => ({
        path: [key, name],
        value: each,
      }))
    ),
  ];
  return entries.flatMap(({ path, value }) => {
    const sandbox = asTable(value)?.sandbox;
    return sandbox === undefined ? [] : [{ path: [...path, "sandbox"], value: sandbox }];
  });
}

async function errorsOf(
  document: Document,
  path: KeyPath,
  value: unknown,
  base: SandboxBase,
): Promise<UserError[]> {
  const { success, output } = v.safeParse(sandboxSchema, value);
  if (!success || typeof output === "string") return [];
  const problems = [
    ...sandboxProblems(output, base.engines),
    ...await sandboxPathProblems(output, base),
  ];
  return problems.map((problem) => {
    const full = [...path, ...problem.path];
    return documentError(document, full, `${keyText(full)}: ${problem.message}`, problem.hint);
  });
}
