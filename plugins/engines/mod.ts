/** The built-in sandbox engines. */

import type { SandboxEngine } from "../../src/plugin.ts";
import { bwrap } from "./bwrap.ts";

/** All engines that come with assay. */
export const engines: readonly SandboxEngine[] = [bwrap];
