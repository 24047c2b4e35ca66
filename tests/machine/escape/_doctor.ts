/** What `assay sandbox doctor --json` says, as far as it is used here. */

import type { SandboxFact } from "../../../src/model.ts";

/** One engine on this machine. */
export interface EngineState {
  readonly name: string;
  readonly works: boolean;
  readonly detail: string;
  readonly guarantees: readonly Guarantee[];
}

/** A dimension, for one value where it has several. */
export interface Guarantee {
  readonly dimension: string;
  readonly value: string | null;
  readonly support: string;
  readonly why: string | null;
}

/** The whole output. */
export interface SandboxDoctor {
  readonly engines: readonly EngineState[];
}

/** What the engines of a set say of a dimension and its value: the best of them. */
export function guaranteeOf(
  doctor: SandboxDoctor,
  engines: readonly string[],
  { dimension, declared }: Pick<SandboxFact, "dimension" | "declared">,
): Guarantee | undefined {
  const order = ["full", "partial"];
  const said = doctor.engines.filter(({ name, works }) => works && engines.includes(name))
    .flatMap(({ guarantees }) => guarantees)
    .filter((each) =>
      each.dimension === dimension && (each.value === null || each.value === declared)
    );
  return said.toSorted((a, b) => rank(a) - rank(b))[0];

  function rank({ support }: Guarantee): number {
    const at = order.indexOf(support);
    return at < 0 ? order.length : at;
  }
}

/** Whether an engine says that it gives it. */
export function isGiven(guarantee: Guarantee | undefined): boolean {
  return guarantee?.support === "full" || guarantee?.support === "partial";
}
