/** A verb's answer: one JSON object with `--json`, else text for people. */

import type { Call } from "./types.ts";

/** Everything that makes text of records; loaded only where there is somebody to read it. */
type Terminal = typeof import("../report/terminal/mod.ts");

/** Prints `value`, or the text that `say` makes of it. */
export async function tell(
  { io, json }: Call,
  value: unknown,
  say: (terminal: Terminal) => string,
): Promise<void> {
  io.stdout.write(
    json ? `${JSON.stringify(value, null, 2)}\n` : say(await import("../report/terminal/mod.ts")),
  );
}
