import { assert, assertEquals } from "@std/assert";
import type { SandboxSpec } from "../../src/plugin.ts";
import { bwrap } from "./bwrap.ts";

const program = "/usr/bin/bwrap";

Deno.test("bwrap's review: where it writes, what was not there is not protected", async () => {
  const caveat = async (spec: SandboxSpec) => {
    const { caveats } = await bwrap.review!(spec, { program, disableUserns: true });
    return caveats?.filesystem ?? "";
  };
  const text = "git and assay outside read a repository or configuration that the command creates";
  for (const filesystem of ["workspace_only", "scoped_write"] as const) {
    assert((await caveat({ filesystem })).includes(text));
  }
  assert(!(await caveat({ filesystem: "readonly" })).includes(text));
});

Deno.test("bwrap's review: what it does not enforce, and what only in part", async () => {
  const facts = { program, disableUserns: true };
  const review = async (spec: SandboxSpec, known = facts) => {
    const { missing = {}, caveats = {} } = await bwrap.review!(spec, known);
    return [Object.keys(missing), Object.keys(caveats).sort()];
  };
  assertEquals(await review({ network: "hosts", hosts: ["a"] }), [["network"], []]);
  assertEquals(await review({ network: "localhost" }), [[], ["network"]]);
  const closed: SandboxSpec = { network: "none", filesystem: "readonly", processes: "isolated" };
  assertEquals(await review(closed), [[], ["filesystem"]]);
  assertEquals(await review({ network: "none", processes: "isolated" }), [[], []]);
  assertEquals(await review({ ...closed, network: "unrestricted" }), [
    [],
    ["filesystem", "processes"],
  ]);
  assertEquals(await review(closed, { ...facts, disableUserns: false }), [[], ["filesystem"]]);
  assertEquals(await review({ processes: "visible", filesystem: "unrestricted" }), [[], []]);
});
