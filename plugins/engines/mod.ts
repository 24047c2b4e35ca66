/** The built-in sandbox engines. */

import type { SandboxEngine } from "../../src/plugin.ts";
import { bwrap } from "./bwrap.ts";
import { landlock } from "./landlock.ts";
import { log } from "./log.ts";
import { prlimit } from "./prlimit.ts";
import { systemd } from "./systemd.ts";

export const engines: readonly SandboxEngine[] = [systemd, bwrap, landlock, prlimit, log];
