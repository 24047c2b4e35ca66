/**
 * The Test Anything Protocol, versions 12 to 14 (https://testanything.org), streamed.
 *
 * A stream is complete if it has its plan and every test point of it, and its last line is
 * ended: TAP has no other end, so a stream with the plan first that is cut after the last test point, inside
 * that point's diagnostics, cannot be distinguished from a whole one. Several complete streams may follow each other.
 *
 * A test point that sums up subtests is not counted next to them, unless it failed and none of them did.
 */

import type { ReportEvent, TestReportEvent } from "../../src/plugin.ts";
import { stripAnsi } from "../../src/text/clean.ts";
import { Broken, suiteErrorEvent } from "./_events.ts";
import { type Line, LineReader, lineReports } from "./_lines.ts";
import { namesScript } from "./_source_file.ts";
import {
  asTodo,
  incompleteness,
  isFailure,
  Level,
  type Pending,
  pointEvent,
} from "./_tap_level.ts";
import { mentionsFailure, type TapLine, tapLine, type TapPoint } from "./_tap_lines.ts";

export const parse = lineReports((context) => new TapReader(context));

/** Spaces a subtest is indented by. */
const indentation = 4;

/** Maximum depth of subtests that is tracked. */
const depthLimit = 100;

/** Maximum number of characters kept of a point's diagnostics. */
const diagnosticsLimit = 64 * 1024;

/** Maximum number of a subtest's events that wait for the point that sums it up; more do not wait. */
const heldLimit = 10_000;

/** Producers' summary comments: `# fail 2`, `# failed 1 of 2 tests`, Perl's `# Looks like you failed 1 test of 2.`. */
const failureClaim =
  /^(?:Looks like you )?(?:fail(?:ed|ures?)?|cancelled|errors?)\s+(\d{1,15})(?: (?:tests?|assertions?|of \d+))*\.?$|^Looks like your test (?:exited with [1-9]|died)/i;

/** `# tests 5` of `node:test`, tape, Mocha and AVA. */
const countClaim = /^(tests|pass)\s+(\d{1,15})$/;

/** What a stream shows, and what its comments claim. */
class Summary {
  /** Points of all levels, and failed TODO ones. */
  points = 0;
  todos = 0;
  /** Tests that were not skipped. */
  ran = 0;
  failures = { text: "", count: 0 };
  /** By the word, the last count. */
  readonly counts: Record<string, number> = {};
}

/** Reads TAP; throws {@linkcode Broken} when the stream contradicts itself or ends too early. */
class TapReader extends LineReader {
  #levels: Level[] = [new Level("")];
  #pending: Pending | undefined;
  /** By depth, the names that `# Subtest: name` announced and no point has taken yet. */
  readonly #announced: (string | undefined)[] = [];
  /** Indentation of the YAML block that is being read. */
  #yaml: number | undefined;
  #bailed = false;
  #sawTap = false;
  #line = 0;
  #isEnded = false;
  #summary = new Summary();

  read({ text, number, ended }: Line): void {
    this.#line = number;
    this.#isEnded = ended;
    const plain = stripAnsi(text);
    // A terminal shows text after a carriage return as a separate line.
    if (this.#yaml !== undefined || !plain.includes("\r")) this.#read(plain);
    else for (const part of plain.split("\r")) this.#read(part);
  }

  #read(text: string): void {
    const indent = text.length - text.trimStart().length;
    if (this.#yaml !== undefined && this.#readYaml(text, indent, this.#yaml)) return;
    const line = tapLine(text.trim());
    const depth = Math.floor(indent / indentation);
    const isAnywhere = line?.kind === "yaml_start" || line?.kind === "bail";
    if (line && (isAnywhere || this.#isLevel(indent, depth))) this.#readTap(line, depth, indent);
    else this.#stray(line, text);
  }

  override rescue(): void {
    this.#bailed = true;
    this.#settle();
    this.#abandonLevels(0);
    this.#giveUpBraces(this.#levels[0]!);
  }

  /** The stream is over: it must be complete. */
  finish(): void {
    if (this.#yaml !== undefined) throw this.#truncated("inside the diagnostics of a test point");
    this.#settle();
    this.#abandonLevels(0);
    this.#endDocument();
    if (!this.#isEnded) {
      const place = { line: this.#line };
      throw new Broken("truncated", `is cut off: line ${this.#line} has no line end`, place);
    }
  }

  #isLevel(indent: number, depth: number): boolean {
    return indent % indentation === 0 && depth < depthLimit;
  }

  /** A failed test where no subtest can be has failed; anything else there is other text. */
  #stray(line: TapLine | undefined, text: string): void {
    this.#note(text);
    const isPoint = line?.kind === "point" && !line.ok && line.directive !== "todo";
    if (!isPoint && (line || !mentionsFailure(text))) return;
    const what = isPoint ? "belongs to no subtest by its indentation" : "tells of a failure";
    this.#fault(this.#levels.at(-1)!, `"${text.trim()}" ${what}`);
  }

  /** @return whether the line belongs to the block */
  #readYaml(text: string, indent: number, block: number): boolean {
    if (text.trim() !== "" && indent < block) {
      this.#yaml = undefined;
      return false;
    }
    if (indent === block && text.trim() === "...") this.#yaml = undefined;
    else this.#note(text.slice(block));
    return true;
  }

  #readTap(line: TapLine, depth: number, indent: number): void {
    this.#sawTap = true;
    if (line.kind === "yaml_start") return this.#startYaml(indent);
    if (line.kind === "comment") return this.#comment(line.text, depth);
    if (line.kind === "open") return this.#open();
    if (this.#pending?.point.opens && depth > this.#pending.depth) this.#open();
    this.#settle();
    if (line.kind === "subtest") {
      this.#announced.length = depth;
      this.#announced[depth] = line.name;
    } else if (line.kind === "close") this.#closeBraces(depth);
    else if (line.kind === "bail") this.#bail(line.reason);
    else if (line.kind === "version") this.#version(depth);
    else if (line.kind === "plan") this.#plan(this.#levelAt(depth), line.count);
    else this.#point(line, depth);
  }

  #startYaml(indent: number): void {
    if (!this.#pending || this.#pending.hasYaml) return;
    this.#pending.hasYaml = true;
    this.#yaml = indent;
  }

  /** Text that is not TAP belongs to the point above it. */
  #note(text: string): void {
    const pending = this.#pending;
    if (!pending || pending.size > diagnosticsLimit) return;
    pending.size += text.length;
    pending.diagnostics.push(text.slice(0, diagnosticsLimit));
  }

  #comment(text: string, depth: number): void {
    if (depth > 0) return;
    const { failures, counts } = this.#summary;
    const failed = failureClaim.exec(text);
    const count = failed ? Number(failed[1] ?? 1) : 0;
    if (count > failures.count) this.#summary.failures = { text, count };
    const total = countClaim.exec(text);
    if (total) counts[total[1]!] = Number(total[2]);
  }

  /**
   * Compares the comments' claims about a finished stream with what it shows. Points that sum up subtests may be
   * counted or not, and so may skipped tests; AVA counts a TODO as a failure.
   */
  #compareClaims(level: Level): void {
    const { points, todos, ran, failures: { text, count }, counts } = this.#summary;
    if (level.failures > 0) return;
    const off = Object.entries(counts).find(([, count]) => count < ran || count > points);
    const claim = count > todos ? text : off?.join(" ");
    if (claim === undefined) return;
    const shown = count > todos ? "no test that failed" : `${points} points, ${ran} not skipped`;
    this.#fault(level, `the report claims "${claim}" and shows ${shown}`);
  }

  #open(): void {
    const pending = this.#pending;
    if (!pending) return;
    this.#pending = undefined;
    this.#levels[pending.depth]!.opened = pending;
    this.#announced[pending.depth] = pending.point.name;
  }

  #closeBraces(depth: number): void {
    const level = this.#levels[depth];
    if (!level?.opened) return;
    const { opened } = level;
    level.opened = undefined;
    const point = { ...opened.point, opens: false };
    this.#pending = { ...opened, point, children: this.#closeLevels(depth) };
  }

  /** A point whose braces are never closed only has a name that ends with one. */
  #giveUpBraces(level: Level): void {
    const { opened } = level;
    if (!opened) return;
    level.opened = undefined;
    const event = this.#eventOf(opened);
    if (event) this.#pass(level, event);
  }

  #bail(reason: string): void {
    if (this.#bailed) return;
    this.#bailed = true;
    this.#pass(this.#levels.at(-1)!, suiteErrorEvent({ message: `Bail out! ${reason}`.trim() }));
  }

  /** A version line inside a stream begins the next one. */
  #version(depth: number): void {
    const first = this.#levels[0]!;
    if (depth > 0 || (first.points === 0 && first.plan === undefined)) return;
    this.#abandonLevels(0);
    this.#endDocument();
    this.#levels = [new Level("")];
    this.#bailed = false;
    this.#summary = new Summary();
  }

  #plan(level: Level, count: number): void {
    if (level.plan !== undefined) {
      const message = `contradicts itself: a second plan 1..${count} (line ${this.#line})`;
      throw new Broken("malformed", message, { line: this.#line });
    }
    level.plan = count;
  }

  #point(point: TapPoint, depth: number): void {
    const level = this.#levelAt(depth, true);
    this.#giveUpBraces(level);
    level.points++;
    this.#summary.points++;
    if (!point.ok && point.directive === "todo") this.#summary.todos++;
    const children = this.#levels.length > depth + 1 ? this.#closeLevels(depth) : undefined;
    const isFile = depth === 0 && !children && this.#announced[0] === point.name &&
      namesScript(point.name);
    // Node numbers files among themselves.
    const isOrdered = isFile || point.number === undefined || point.number === level.points;
    if (!isOrdered && !level.disordered) {
      level.disordered = true;
      this.#fault(level, `test number ${point.number} found where ${level.points} was expected`);
    }
    this.#pending = { point, depth, children, diagnostics: [], size: 0, hasYaml: false, isFile };
    this.#announced.length = depth;
  }

  /** The level of a line, opened when it is the first of a subtest. */
  #levelAt(depth: number, isPoint = false): Level {
    if (depth < this.#levels.length && !isPoint) this.#abandonLevels(depth);
    // A subtest's first line may be inside a subtest that has no line of its own yet.
    for (let inner = this.#levels.length; inner <= depth; inner++) {
      // Old versions of Perl announce a subtest inside it, all others before it.
      const name = this.#announced[inner - 1] ?? this.#announced[inner];
      this.#levels.push(new Level(name ?? ""));
    }
    return this.#levels[depth]!;
  }

  /** Ends the subtests deeper than `depth`; returns the outermost of them. */
  #closeLevels(depth: number): Level | undefined {
    let closed: Level | undefined;
    while (this.#levels.length > depth + 1) {
      closed = this.#levels.at(-1)!;
      this.#giveUpBraces(closed);
      this.#levels.pop();
      const problem = this.#bailed ? undefined : incompleteness(closed);
      if (problem) this.#fault(closed, `the subtest "${closed.name}" ${problem}`);
      const isOrphan = this.#levels.length > depth + 1;
      if (isOrphan) this.#release(closed, false);
    }
    return closed;
  }

  /** Ends subtests that no test point sums up. */
  #abandonLevels(depth: number): void {
    const level = this.#closeLevels(depth);
    if (!level) return;
    if (!this.#bailed) this.#fault(level, `no test point sums up the subtest "${level.name}"`);
    this.#release(level, false);
  }

  /** The point that was read last is complete: it becomes an event. */
  #settle(): void {
    const pending = this.#pending;
    if (!pending) return;
    this.#pending = undefined;
    const level = this.#levels[pending.depth]!;
    const event = this.#eventOf(pending);
    if (pending.children) this.#release(pending.children, pending.point.directive === "todo");
    if (event) this.#pass(level, event);
  }

  #eventOf(pending: Pending): TestReportEvent | undefined {
    const { depth } = pending;
    const suite = this.#levels.slice(1, depth + 1).map(({ name }) => name).filter(Boolean);
    const fallback = `test ${pending.point.number ?? this.#levels[depth]!.points}`;
    return pointEvent(pending, suite.join(" > "), fallback, this.context);
  }

  /** Passes a subtest's events on to the level that contains it. */
  #release(level: Level, isTodo: boolean): void {
    const outer = this.#levels.at(-1)!;
    for (const event of level.held) this.#pass(outer, isTodo ? asTodo(event) : event);
    if (!isTodo) {
      outer.failures += Math.max(0, level.failures - level.held.filter(isFailure).length);
    }
    level.held = [];
  }

  #pass(level: Level, event: ReportEvent): void {
    if (isFailure(event)) level.failures++;
    const waits = level !== this.#levels[0];
    if (waits && level.held.length < heldLimit) level.held.push(event);
    else {
      this.emit(event);
      if (event.kind === "test" && event.status !== "skipped") this.#summary.ran++;
    }
  }

  #fault(level: Level, message: string): void {
    this.#pass(level, suiteErrorEvent({ message: `${message} (line ${this.#line})` }));
  }

  #endDocument(): void {
    const level = this.#levels[0]!;
    this.#giveUpBraces(level);
    if (this.#bailed) return;
    if (!this.#sawTap) throw new Broken("malformed", "contains no TAP");
    if (level.plan === undefined) throw this.#truncated("before its plan (1..N)");
    if (level.points < level.plan) {
      throw this.#truncated(`after ${level.points} of the ${level.plan} tests it plans`);
    }
    if (level.points > level.plan) {
      const counts = `${level.points} tests, and the plan is 1..${level.plan}`;
      throw new Broken("malformed", `contradicts itself: it contains ${counts}`);
    }
    this.#compareClaims(level);
  }

  #truncated(where: string): Broken {
    return new Broken("truncated", `is cut off: it ends ${where}`, { line: this.#line });
  }
}
