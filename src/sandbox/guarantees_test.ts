import { assertEquals } from "@std/assert";
import type { Dimension, Probe, Review } from "../plugin.ts";
import { baseDimensions, type Given, givenBy, guaranteesOf } from "./coverage.ts";

const works: Probe = { works: true, detail: "it did" };

function given(
  dimension: Dimension,
  capabilities: readonly Dimension[],
  { probe = works, review = {} }: { readonly probe?: Probe; readonly review?: Review } = {},
): Given[] {
  return guaranteesOf("/p").filter((each) => each.dimension === dimension)
    .map((each) => givenBy(each, { capabilities }, probe, review));
}

Deno.test("there is a guarantee for every dimension that engines are chosen for", () => {
  const asked = new Set(guaranteesOf("/p").map(({ dimension }) => dimension));
  assertEquals(baseDimensions.filter((dimension) => !asked.has(dimension)), []);
});

Deno.test("what an engine is not for it does not offer, a detail it does not know included", () => {
  assertEquals(given("memory", ["cpu"]), [{ support: "not_offered" }]);
  assertEquals(given("paths_readable", ["paths_hidden"]), [{ support: "not_offered" }]);
  assertEquals(given("network", ["network"]).map(({ support }) => support), [
    "full",
    "full",
    "not_offered",
  ]);
});

Deno.test("an engine that does not work gives nothing, and says why", () => {
  const probe = { works: false, detail: "no namespaces" };
  assertEquals(given("cpu", ["cpu"], { probe }), [{ support: "missing", why: "no namespaces" }]);
});

Deno.test("what is missing on the machine or for a value is missing; a caveat is a part", () => {
  const probe = { ...works, missing: { cpu: "no controller" } };
  assertEquals(given("cpu", ["cpu"], { probe }), [{ support: "missing", why: "no controller" }]);
  assertEquals(given("cpu", ["cpu"], { review: { missing: { cpu: "no" } } }), [
    { support: "missing", why: "no" },
  ]);
  assertEquals(given("cpu", ["cpu"], { review: { caveats: { cpu: "each process" } } }), [
    { support: "partial", why: "each process" },
  ]);
  assertEquals(given("cpu", ["cpu"], { review: { caveats: { memory: "other" } } }), [
    { support: "full" },
  ]);
});
