/**
 * The events of `go test -json` (https://pkg.go.dev/cmd/test2json), streamed. Every test is counted as Go
 * does: sub-tests and the tests they belong to. Other lines (`go: downloading …`) are skipped.
 *
 * A package ends with its own `pass`, `fail` or `skip`; a stream that ends earlier is truncated. Whole
 * packages missing after the last one cannot be detected.
 */

import type { TestStatus } from "../../src/plugin.ts";
import { isWithin } from "../../src/text/paths.ts";
import { badWord, Broken, isBad, suiteErrorEvent, testEvent } from "./_events.ts";
import { framesOf, ownFrame } from "./_frames.ts";
import { partsOf } from "./_json_lines.ts";
import type { JsonNode } from "./_json_node.ts";
import { type Line, LineReader, lineReports } from "./_lines.ts";
import { type Places, sourceFile } from "./_source_file.ts";
import { join } from "@std/path";

const opening = /\{"(?:Time|Action|ImportPath|Package)/;
const part = /"Action"\s*:\s*"/;

export const parse = lineReports((context) => new GoReader(context));

/** Maximum number of characters kept of a test's output, and of the end of a package's. */
const outputLimit = 64 * 1024;
const tailLimit = 16 * 1024;

/** A test that has not ended. */
interface RunningTest {
  output: string;
  failedSubtests: number;
  /** The result according to its output. Up to Go 1.19 there is no event if a test's text has no line end. */
  said?: { readonly status: TestStatus; readonly durationMs: number };
}

/** A package that has not ended. */
interface RunningPackage {
  readonly name: string;
  readonly tests: Map<string, RunningTest>;
  output: string;
  failures: number;
  hasTests: boolean;
}

const endings: Readonly<Record<string, TestStatus>> = {
  pass: "passed",
  bench: "passed",
  fail: "failed",
  skip: "skipped",
};

/** Whether a package says `ok` without the final line that each one prints once it ran its tests, even if none. */
function endedEarly(output: string): boolean {
  return /^ok\s/m.test(output) && !/^PASS$|\[no tests to run\]|\[no test files\]/m.test(output);
}

/** Reads the events of all packages of one `go test`; memory only holds what has not ended yet. */
class GoReader extends LineReader {
  readonly #packages = new Map<string, RunningPackage>();
  /** The compiler's output, by the import path of what did not build. */
  readonly #builds = new Map<string, { output: string; failed: boolean }>();
  #text = "";
  #sawEvent = false;

  read(line: Line): void {
    for (const { object, text } of partsOf(line, opening, part)) {
      // An event without an action may have reported a failure.
      if (object?.has("Action") || object?.has("Package")) this.#event(object);
      else this.#other(text);
    }
  }

  #event(event: JsonNode): void {
    const action = event.text("Action");
    const name = event.textIf("Package") ?? "";
    const test = event.textIf("Test");
    this.#sawEvent = true;
    // Later versions of Go have more actions, such as attr in 1.25, which are ignored: their test or
    // package must still end with a known action. One that reports failure may come after that end.
    if (badWord.test(action) && action !== "fail" && action !== "build-fail") {
      this.emit(suiteErrorEvent({ message: `go test tells of "${action}"`, name }));
    }
    if (action.startsWith("build-")) return this.#readBuild(event, action);
    const running = this.#package(name);
    if (action === "output") this.#output(running, test, event.textIf("Output") ?? "");
    else if (test !== undefined) this.#readTest(running, test, event);
    else if (Object.hasOwn(endings, action) && action !== "bench") {
      this.#endPackage(running, event);
    }
  }

  /** Text between the events: before Go 1.24 it reports a package that did not build. */
  #other(text: string): void {
    this.#text = tailOf(this.#text, `${text}\n`);
    const failed = /^FAIL\s+(\S+)\s+\[(?:build|setup) failed\]/.exec(text);
    if (failed) {
      this.#sawEvent = true;
      this.#buildError(failed[1]!, this.#text);
    } else if (/^\s*--- FAIL: |^FAIL(?:\s|$)/.test(text)) {
      // From a `go test` without -json that writes to the same stream.
      this.emit(suiteErrorEvent({ message: text.trim() }));
    }
  }

  /** The stream is over: every package must be, too. */
  finish(): void {
    for (const [path, build] of this.#builds) {
      if (build.failed) this.#buildError(path, build.output);
    }
    if (!this.#sawEvent) throw new Broken("malformed", "contains no event of go test -json");
    const [first, ...others] = this.#packages.values();
    if (!first) return;
    for (const running of [first, ...others]) this.#abandonTests(running);
    const more = others.length > 0 ? ` and ${others.length} more` : "";
    throw new Broken("truncated", `is cut off: the package ${first.name}${more} did not end`);
  }

  #package(name: string): RunningPackage {
    const known = this.#packages.get(name);
    if (known) return known;
    const fresh = { name, tests: new Map(), output: "", failures: 0, hasTests: false };
    this.#packages.set(name, fresh);
    return fresh;
  }

  #readBuild(event: JsonNode, action: string): void {
    const path = event.textIf("ImportPath") ?? "";
    const build = this.#builds.get(path) ?? { output: "", failed: false };
    this.#builds.set(path, build);
    if (action === "build-output") {
      build.output = tailOf(build.output, event.textIf("Output") ?? "");
    } else if (action === "build-fail") build.failed = true;
  }

  #output(running: RunningPackage, test: string | undefined, text: string): void {
    const of = test === undefined ? running : runningTest(running, test);
    of.output = (test === undefined ? tailOf : headOf)(of.output, text);
    const ending = endingIn(text);
    const ended = ending && running.tests.get(ending.test);
    if (ended) ended.said = ending;
  }

  #readTest(running: RunningPackage, test: string, event: JsonNode): void {
    const state = runningTest(running, test);
    running.hasTests = true;
    const action = event.text("Action");
    if (!Object.hasOwn(endings, action)) return;
    const seconds = event.hintNumber("Elapsed");
    const status = endings[action]!;
    running.tests.delete(test);
    if (status === "failed") {
      running.failures++;
      for (const parent of parentsOf(test)) {
        const above = running.tests.get(parent);
        if (above) above.failedSubtests++;
      }
    }
    const durationMs = seconds === undefined ? undefined : seconds * 1000;
    this.#emitTest(state, running.name, test, status, durationMs);
  }

  #emitTest(
    { output, failedSubtests }: RunningTest,
    packageName: string,
    name: string,
    status: TestStatus,
    durationMs?: number,
  ): void {
    const text = status === "passed" ? "" : ownOutput(output);
    const frames = isBad(status) ? framesOf(text, packagePlaces(packageName, this.context)) : [];
    const place = ownFrame(frames) ?? frames[0];
    const fallback = failedSubtests > 0
      ? `${failedSubtests} of its subtests failed`
      : text || (status === "errored" ? "the test did not end" : undefined);
    this.emit(testEvent({
      status,
      name,
      suite: packageName,
      file: place?.file,
      line: place?.line,
      durationMs,
      message: goMessage(text) ?? fallback,
      details: text,
      frames,
    }));
  }

  #endPackage(running: RunningPackage, event: JsonNode): void {
    const { name } = running;
    const action = event.text("Action");
    const failedBuild = event.textIf("FailedBuild");
    this.#packages.delete(name);
    this.#abandonTests(running);
    if (action === "pass" && !running.hasTests && endedEarly(running.output)) {
      const message =
        "the process ended before its tests were run: look for os.Exit in TestMain or init";
      this.emit(suiteErrorEvent({ message, name }));
    }
    if (action !== "fail" || running.failures > 0) return;
    if (failedBuild !== undefined) {
      const build = this.#builds.get(failedBuild);
      if (build) build.failed = false;
      this.#buildError(name, build?.output ?? "");
    } else this.#packageError(name, running.output);
  }

  /** Tests that were running when their package ended, or the stream. */
  #abandonTests(running: RunningPackage): void {
    for (const [test, state] of running.tests) {
      const { status, durationMs } = state.said ?? { status: "errored" as const };
      if (isBad(status)) running.failures++;
      this.#emitTest(state, running.name, test, status, durationMs);
    }
  }

  #packageError(name: string, output: string): void {
    const shown = /\[(?:build|setup) failed\]/.test(output) ? this.#text + output : output;
    const frames = framesOf(output, packagePlaces(name, this.context));
    const lines = output.split("\n").filter((line) =>
      line.trim() && !/^(?:FAIL|PASS)\b/.test(line)
    );
    const cause = /^(?:panic|fatal error): .*$/m.exec(output)?.[0] ?? lines.at(-1);
    const message = cause === undefined ? "" : `: ${cause.trim()}`;
    this.emit(suiteErrorEvent({
      message: `the package failed outside of its tests${message}`,
      name,
      file: frames[0]?.file,
      line: frames[0]?.line,
      details: shown,
      frames,
    }));
  }

  #buildError(name: string, output: string): void {
    const error = compilerError(output);
    this.emit(suiteErrorEvent({
      message: error ? `does not build: ${error.message}` : "the package does not build",
      name,
      file: sourceFile(error?.file, this.context),
      line: error?.line,
      details: output,
    }));
  }
}

function runningTest(running: RunningPackage, test: string): RunningTest {
  const known = running.tests.get(test);
  if (known) return known;
  const fresh = { output: "", failedSubtests: 0 };
  running.tests.set(test, fresh);
  return fresh;
}

/** The tests that a sub-test belongs to, the nearest first. */
function* parentsOf(test: string): Generator<string> {
  for (let end = test.lastIndexOf("/"); end > 0; end = test.lastIndexOf("/", end - 1)) {
    yield test.slice(0, end);
  }
}

/** The beginning of a text that grows piece by piece. */
function headOf(kept: string, more: string): string {
  return kept.length < outputLimit ? kept + more.slice(0, outputLimit - kept.length) : kept;
}

/** The end of one, up to twice the required length, so that not every piece is cut. */
function tailOf(kept: string, more: string): string {
  const text = kept + more;
  return text.length > tailLimit * 2 ? text.slice(-tailLimit) : text;
}

// Parses the output of Go's tests and compiler.

const ownLines = /^\s*(?:=== (?:RUN|PAUSE|CONT|NAME)|--- (?:FAIL|PASS|SKIP|BENCH))\b/;

/** A test's output without the lines that `go test` adds. */
function ownOutput(output: string): string {
  return output.split("\n").filter((line) => !ownLines.test(line))
    .map((line) => line.replace(ending, "")).join("\n").trim();
}

const ending = /--- (PASS|FAIL|SKIP): (\S+) \((\d+\.\d+)s\)\s*$/;

/** The test that ends with this output, after anything it printed: `text--- PASS: TestA (0.00s)`. */
function endingIn(output: string) {
  const found = output.includes("--- ") ? ending.exec(output) : null;
  if (!found) return undefined;
  return {
    test: found[2]!,
    status: endings[found[1]!.toLowerCase()]!,
    durationMs: Number(found[3]) * 1000,
  };
}

/** The one line that says why: the panic or the first `t.Error`. */
function goMessage(output: string): string | undefined {
  const panic = /^\s*panic: (.*?)(?: \[recovered\].*)?$/m.exec(output);
  if (panic) return `panic: ${panic[1]}`;
  const logged = /^\s*[\w.-]+\.go:\d+: ?(.*)$/m.exec(output);
  // testify prints its message in a table below an empty first line.
  const table = /^\s*Error:[ \t]+(\S.*)$/m.exec(output);
  return logged?.[1]?.trim() || table?.[1]?.trim() || undefined;
}

/**
 * The folder of a package, to which file names in Go's output are relative. The report does not have the
 * module's path, so it is guessed from the package's: three parts on known hosts, two on others, one without
 * a host. In a module below the root (`cwd` is not the root) the folder may repeat the way to it.
 */
function packagePlaces(importPath: string, { root, cwd }: Places): Places {
  // Outside modules the path is `_` and the folder.
  if (importPath.startsWith("_/")) return { root, cwd: importPath.slice(1) };
  const parts = importPath.replace(/[ .](?:test|\[.*)$/, "").split("/");
  const host = parts[0] ?? "";
  const deep = /^(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)$/.test(host) ||
    (host === "golang.org" && parts[1] === "x");
  const rest = parts.slice(deep ? 3 : host.includes(".") ? 2 : 1);
  const folder = (/^v\d+$/.test(rest[0] ?? "") ? rest.slice(1) : rest).join("/");
  const way = cwd.startsWith(`${root}/`) ? cwd.slice(root.length + 1) : undefined;
  const repeats = way !== undefined && isWithin(folder, way);
  return { root, cwd: join(repeats ? root : cwd, folder) };
}

/** The first error of the compiler: `x/a.go:3:28: undefined: f`. */
function compilerError(output: string) {
  const found = /^(?:vet: )?(\S+\.go):(\d+)(?::\d+)?: (.+)$/m.exec(output);
  return found && { file: found[1]!, line: Number(found[2]), message: found[3]! };
}
