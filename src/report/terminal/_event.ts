/** One event with everything its report says of it. */

import type { Event, Frame } from "../../model.ts";
import type { InspectOutput } from "../outputs.ts";
import { markOf } from "./_runner_table.ts";
import { placeText } from "./_diagnosis.ts";
import { clean, cleanLines } from "./clean.ts";
import { type Look, type Paint, type Styles, styles } from "./style.ts";
import { paragraph, table } from "./table.ts";
import { cut } from "./width.ts";
import { durationText, timeText } from "./words.ts";

/** Lines of the details, and frames, that are shown. */
const detailLines = 200;
const shownFrames = 50;

/** Its facts, its message, its details and its stack, as parts. */
export function eventText(
  { ref, attempt, run }: InspectOutput,
  event: Event,
  look: Look,
): string[] {
  const style = styles(look.color);
  const paint = paintOf(event, style);
  const kind = event.type.replaceAll("_", " ");
  const head = `${style.bold(clean(ref))} · ${kind} · ${paint(statusText(event))}\n`;
  const mark = markOf(attempt);
  const rows: (readonly [string, string | undefined])[] = [
    [event.type === "test" ? "test" : "name", event.name],
    ["in", event.suite],
    ["rule", event.rule],
    ["tool", event.tool],
    ["at", placeText(event)],
    ["took", event.duration_ms === undefined ? undefined : tookText(event.duration_ms)],
    ["of", `${attempt.ref} (${mark.text}), run ${run.run_id} of ${timeText(run.started_at)}`],
    ["identity", `${event.identity}, cluster ${event.cluster}`],
  ];
  const facts = rows
    .filter(([, text]) => text !== undefined && text !== "")
    .map(([name, text]) => [{ text: name, paint: style.dim }, clean(text!)]);
  return [
    head + table(facts, { ...look, indent: 2 }),
    event.message === undefined ? "" : messageText(event.message, look, style.bold),
    event.details === undefined ? "" : blockText(event.details, look),
    framesText(event.frames ?? [], look, style),
  ];
}

/** Most tests take a few milliseconds. */
function tookText(ms: number): string {
  return ms < 1_000 ? `${Number(ms.toPrecision(3))} ms` : durationText(ms);
}

function statusText({ status, flaky }: Event): string {
  return flaky ? `${status}, flaky` : status;
}

function paintOf({ status }: Event, { red, yellow, green }: Styles): Paint {
  if (status === "passed") return green;
  return status === "skipped" || status === "warning" || status === "info" ? yellow : red;
}

function messageText(message: string, look: Look, paint: Paint): string {
  return cleanLines(message).map((line) => paragraph(line, look, { indent: 2, paint })).join("");
}

/** Its lines are laid out already: they are cut, not wrapped. */
function blockText(text: string, look: Look): string {
  const lines = cleanLines(text.trimEnd());
  const shown = lines.slice(0, detailLines)
    .map((line) => `    ${cut(line, look.columns - 4)}`.trimEnd() + "\n");
  const more = lines.length - shown.length;
  return shown.join("") + (more > 0 ? paragraph(`… and ${more} more lines: --json`, look) : "");
}

function framesText(frames: readonly Frame[], look: Look, { dim }: Styles): string {
  const shown = frames.slice(0, shownFrames).map((frame) => {
    const name = frame.function === undefined ? "" : ` in ${clean(frame.function)}`;
    return `    ${dim(cut(`at ${placeText(frame)}${name}`, look.columns - 4))}\n`;
  });
  const more = frames.length - shown.length;
  return shown.join("") + (more > 0 ? paragraph(`… and ${more} more frames: --json`, look) : "");
}
