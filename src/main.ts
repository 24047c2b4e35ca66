/** The composition root: the real world, the built-in plugins, the exit. */

import { builtins } from "../plugins/mod.ts";
import { main } from "./cli.ts";
import { realIo } from "./real_io.ts";
import { version } from "./version.ts";

// Not awaited here: chunks of a bundle that are loaded later may import this file, and would wait for it.
main(realIo(), { version, ...builtins }).then((code) => Deno.exit(code));
