/** The composition root: the real world, the built-in plugins, the exit. */

import { builtins } from "../plugins/mod.ts";
import { main } from "./cli.ts";
import { realIo } from "./real_io.ts";
import { version } from "./version.ts";

Deno.exit(await main(realIo(), { version, ...builtins }));
