/** Every act of a hostile plugin. */

import type { Attack } from "./attack.ts";
import { environment, files, network, programs } from "./attacks_outside.ts";
import { code, life, others, streams, stumbles } from "./attacks_realm.ts";

export type { Attack, Place } from "./attack.ts";

/** All of them. */
export const attacks: readonly Attack[] = [
  ...files,
  ...environment,
  ...network,
  ...programs,
  ...code,
  ...streams,
  ...stumbles,
  ...life,
  ...others,
];
