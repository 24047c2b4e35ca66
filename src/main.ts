/** The program: the real world in, the exit code out. */

import { assay } from "./mod.ts";

// Not awaited here: chunks of a bundle that are loaded later may import this file, and would wait for it.
assay().then((code) => Deno.exit(code));
