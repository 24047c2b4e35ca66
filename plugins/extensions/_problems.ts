/** Checks of a table's values. Each returns sentences that begin with the key. */

/** Variables that assay sets for every command after the last extension, overriding all others. */
export const assaysOwn: readonly string[] = [
  "ASSAY",
  ...["RUN_ID", "RUN_DIR", "ATTEMPT_ID", "RUNNER", "WORKSPACE", "RESULT_FILE"]
    .map((name) => `ASSAY_${name}`),
];

/** Text that can be passed to a program. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0");
}

/** A text that is not blank. */
export function textProblems(key: string, value: unknown): string[] {
  return isText(value) && value.trim() !== "" ? [] : [`${key} must be a non-empty string`];
}

/** A list of texts that are not blank. */
export function listProblems(key: string, value: unknown): string[] {
  if (!Array.isArray(value)) return [`${key} must be a list of strings`];
  return value.flatMap((each, index) => textProblems(`${key}[${index}]`, each));
}

/** The same, with at least one. */
export function argvProblems(key: string, value: unknown): string[] {
  if (Array.isArray(value) && value.length === 0) return [`${key} must not be empty`];
  return listProblems(key, value);
}

/** A path inside the project, relative to its root. */
export function insideProblems(key: string, value: unknown): string[] {
  const problems = textProblems(key, value);
  if (problems.length > 0) return problems;
  const path = value as string;
  if (path.startsWith("/")) return [`${key} must be relative to the project's root: "${path}"`];
  return leavesRoot(path) ? [`${key} must stay inside the project: "${path}"`] : [];
}

function leavesRoot(path: string): boolean {
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) return true;
  }
  return false;
}

export function unknownProblems(prefix: string, table: object, known: readonly string[]): string[] {
  return Object.keys(table)
    .filter((key) => !known.includes(key))
    .map((key) => `${prefix}${key} is not a key of this table; its keys are ${known.join(", ")}`);
}
