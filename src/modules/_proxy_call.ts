/** One call of a plugin's function in its worker; what comes back is checked by its shape. */

import type * as v from "valibot";
import type { Services } from "../plugin.ts";
import type { CallListener } from "./_connection.ts";
import type { ParserLimits } from "./_proxy_parser.ts";
import type { Call } from "./worker/protocol.ts";

/** What the proxy works with. */
export interface ProxyParts extends ParserLimits {
  /** Splits an environment into what the plugin may see and the rest. */
  readonly environment: (env: Readonly<Record<string, string>>) => {
    readonly seen: Record<string, string>;
    readonly hidden: Record<string, string>;
  };
}

export type Shapes = typeof import("./_shapes.ts");

/** What is returned is checked; what checks it is loaded while the worker starts. */
export const shapesModule = (): Promise<Shapes> => import("./_shapes.ts");

/** What of the services stays on this side of the line. */
export type Lent = Pick<Services, "options" | "signal" | "warn">;

/** Calls. `shapeOf` picks the shape what is returned must have. */
export async function callWith<T extends v.GenericSchema>(
  { connection }: ProxyParts,
  { options, signal, warn }: Lent,
  call: Call,
  shapeOf: (shapes: Shapes) => T,
  listener: CallListener = {},
): Promise<v.InferOutput<T>> {
  const loading = shapesModule();
  const returned = await connection.call({ call, options, signal, warn, ...listener });
  const shapes = await loading;
  return shapes.checked(shapeOf(shapes), returned ?? undefined);
}

/** The error of a question that a kind of call does not offer. */
export function notHere(): Error {
  return new Error("this call cannot ask that");
}
