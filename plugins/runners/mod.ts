/**
 * The built-in runners: plugin files like a user's own, in dialect "runners". A project's runner of the
 * same id replaces a built-in one; `[runners.ID] enabled = false` in the configuration switches it off.
 */

import type { Runner } from "../../src/plugin.ts";
import deno from "./deno.json" with { type: "json" };
import go from "./go.json" with { type: "json" };
import make from "./make.json" with { type: "json" };
import node from "./node.json" with { type: "json" };
import python from "./python.json" with { type: "json" };
import ruby from "./ruby.json" with { type: "json" };
import rust from "./rust.json" with { type: "json" };

/** One plugin file of dialect "runners". */
interface RunnerFile {
  readonly name: string;
  readonly version: string;
  readonly runners: readonly Runner[];
}

/** All built-in runners, by plugin. The types of JSON are wider than a runner's: a test checks them. */
export const builtinRunners = [deno, node, python, go, rust, ruby, make] as readonly RunnerFile[];
