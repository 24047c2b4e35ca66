/**
 * Confidence: `100 × Σ weight·score / Σ weight` over the applicable gates, with its arithmetic. Pure.
 *
 * @module
 */

import type { Gate } from "../model.ts";

/** Weights of the gates for which the user set none. */
export const defaultWeights: Readonly<Record<string, number>> = {
  build: 30,
  test: 40,
  lint: 15,
  acceptance: 20,
  sandbox: 10,
  fresh: 10,
};

/**
 * Confidence from 0 to 100, not rounded: this is compared with the threshold. Without a gate
 * of any weight it is 0.
 */
export function exactConfidence(gates: readonly Gate[]): number {
  const { sum, weights } = sums(gates);
  return weights > 0 ? 100 * (sum / weights) : 0;
}

/** One decimal, never above the value: 93.96 becomes 93.9, so that it does not look like 94. */
export function roundDown(value: number, step = 10): number {
  const floor = Math.floor(value * step);
  return (floor + 1) / step <= value ? (floor + 1) / step : floor / step;
}

/** The computation line by line, for `assay gate --explain`. */
export function arithmetic(gates: readonly Gate[], threshold: number): string[] {
  const { sum, weights } = sums(gates);
  const idWidth = Math.max(0, ...gates.map(({ id }) => id.length));
  const statusWidth = Math.max(0, ...gates.map(({ status }) => status.length));
  const line = ({ id, status, weight, score }: Gate) =>
    `${id.padEnd(idWidth)}  ${status.padEnd(statusWidth)}  ` +
    (status === "not_applicable"
      ? "does not count"
      : `weight ${weight} × score ${number(score)} = ${number(weight * score)}`);
  const total = weights > 0
    ? `confidence = 100 × ${number(sum)} / ${number(weights)} = ` +
      `${roundDown(exactConfidence(gates)).toFixed(1)} (rounded down)`
    : "confidence = 0.0: no gate has weight";
  return [...gates.map(line), `${total}; ready needs ${threshold}`];
}

function sums(gates: readonly Gate[]): { sum: number; weights: number } {
  let sum = 0;
  let weights = 0;
  for (const { status, weight, score } of gates) {
    if (status === "not_applicable") continue;
    sum += weight * score;
    weights += weight;
  }
  return { sum, weights };
}

function number(value: number): string {
  return String(Number(value.toFixed(4)));
}
