/**
 * What Go's tests and compiler print, in parts.
 *
 * @module
 */

import { join } from "@std/path";
import type { TestStatus } from "../../src/plugin.ts";
import type { Places } from "./_source_file.ts";

const ownLines = /^\s*(?:=== (?:RUN|PAUSE|CONT|NAME)|--- (?:FAIL|PASS|SKIP|BENCH))\b/;

/** A test's output without the lines that `go test` adds. */
export function ownOutput(output: string): string {
  return output.split("\n").filter((line) => !ownLines.test(line))
    .map((line) => line.replace(ending, "")).join("\n").trim();
}

const ending = /--- (PASS|FAIL|SKIP): (\S+) \((\d+\.\d+)s\)\s*$/;

const statuses: Readonly<Record<string, TestStatus>> = {
  PASS: "passed",
  FAIL: "failed",
  SKIP: "skipped",
};

/** The test that ends with this output, behind whatever it printed: `text--- PASS: TestA (0.00s)`. */
export function endingIn(output: string) {
  const found = output.includes("--- ") ? ending.exec(output) : null;
  if (!found) return undefined;
  return { test: found[2]!, status: statuses[found[1]!]!, durationMs: Number(found[3]) * 1000 };
}

/** The one line that says why: the panic or the first `t.Error`. */
export function goMessage(output: string): string | undefined {
  const panic = /^\s*panic: (.*?)(?: \[recovered\].*)?$/m.exec(output);
  if (panic) return `panic: ${panic[1]}`;
  const logged = /^\s*[\w.-]+\.go:\d+: ?(.*)$/m.exec(output);
  // testify prints its message in a table below an empty first line.
  const table = /^\s*Error:[ \t]+(\S.*)$/m.exec(output);
  return logged?.[1]?.trim() || table?.[1]?.trim() || undefined;
}

/**
 * The folder of a package, which Go's output names files relative to. The module's path is not in the
 * report, so it is guessed from the package's: three parts on the known hosts, two on others, one without
 * a host. In a module below the root (`cwd` is not the root) the folder may repeat the way to it.
 */
export function packagePlaces(importPath: string, { root, cwd }: Places): Places {
  // Outside of modules the path is `_` and the folder.
  if (importPath.startsWith("_/")) return { root, cwd: importPath.slice(1) };
  const parts = importPath.replace(/[ .](?:test|\[.*)$/, "").split("/");
  const host = parts[0] ?? "";
  const deep = /^(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)$/.test(host) ||
    (host === "golang.org" && parts[1] === "x");
  const rest = parts.slice(deep ? 3 : host.includes(".") ? 2 : 1);
  const folder = (/^v\d+$/.test(rest[0] ?? "") ? rest.slice(1) : rest).join("/");
  const way = cwd.startsWith(`${root}/`) ? cwd.slice(root.length + 1) : undefined;
  const repeats = way !== undefined && (folder === way || folder.startsWith(`${way}/`));
  return { root, cwd: join(repeats ? root : cwd, folder) };
}

/** The first error of the compiler: `x/a.go:3:28: undefined: f`. */
export function compilerError(output: string) {
  const found = /^(?:vet: )?(\S+\.go):(\d+)(?::\d+)?: (.+)$/m.exec(output);
  return found && { file: found[1]!, line: Number(found[2]), message: found[3]! };
}
