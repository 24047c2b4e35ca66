import { assertEquals, assertMatch } from "@std/assert";
import { basesOf, engineDimensions, sliceOf, whyNot } from "./coverage.ts";

const all = {
  capabilities: ["network", "filesystem", "paths_writable", "paths_hidden", "paths_readable"],
} as const;

Deno.test("coverage: engines are chosen for what is declared; timeout and env are assay's own", () => {
  assertEquals(
    engineDimensions({
      network: "none",
      timeout: 1,
      env: "clean",
      pids: 3,
      paths_readable: ["/a"],
    }),
    ["network", "pids"],
  );
});

Deno.test("coverage: a detail belongs to every dimension it says more of", () => {
  const spec = { paths_hidden: ["/a"], tmpfs: ["/b"], paths_readable: ["/a/c"] };
  assertEquals(basesOf("paths_readable", spec), ["paths_hidden", "tmpfs"]);
  assertEquals(basesOf("paths_readable", { paths_readable: ["/a"] }), []);
  assertEquals(basesOf("paths_hidden", spec), ["paths_hidden"]);
});

Deno.test("coverage: an engine that does not know a detail does not enforce the dimension", () => {
  const hosts = { network: "hosts", hosts: ["a:1"] } as const;
  assertMatch(whyNot("network", hosts, all, {})!, /hosts/);
  assertEquals(whyNot("network", { network: "none" }, all, {}), undefined);
  const written = { filesystem: "scoped_write", paths_writable: ["/a"] } as const;
  assertEquals(whyNot("filesystem", written, all, {}), undefined);
  assertMatch(
    whyNot("filesystem", written, { capabilities: ["filesystem"] }, {})!,
    /paths_writable/,
  );
});

Deno.test("coverage: an engine may name what it misses by either word of a dimension", () => {
  const engine = { capabilities: ["process"] } as const;
  const spec = { processes: "isolated" } as const;
  assertEquals(
    whyNot("processes", spec, engine, { probe: { works: true, detail: "" } }),
    undefined,
  );
  for (const word of ["process", "processes"]) {
    const missing = { [word]: "no PID namespace" };
    assertEquals(whyNot("processes", spec, engine, { review: { missing } }), "no PID namespace");
  }
});

Deno.test("coverage: what a probe or a review misses is not enforced, with their words", () => {
  const spec = { network: "localhost" } as const;
  const works = { works: true, detail: "fine" };
  assertEquals(
    whyNot("network", spec, all, { probe: { works: false, detail: "broken" } }),
    "broken",
  );
  assertEquals(
    whyNot("network", spec, all, { probe: { ...works, missing: { network: "no namespace" } } }),
    "no namespace",
  );
  assertEquals(
    whyNot("network", spec, all, { probe: works, review: { missing: { network: "ports alone" } } }),
    "ports alone",
  );
});

Deno.test("coverage: an engine is handed what it was chosen for and no more", () => {
  const spec = {
    network: "none",
    filesystem: "scoped_write",
    paths_writable: ["/w"],
    paths_hidden: ["/h"],
    paths_readable: ["/h/r"],
    timeout: 5,
  } as const;
  assertEquals(sliceOf(spec, ["network"], all), { network: "none" });
  assertEquals(sliceOf(spec, ["filesystem"], all), {
    filesystem: "scoped_write",
    paths_writable: ["/w"],
  });
  assertEquals(sliceOf(spec, ["paths_hidden"], all), {
    paths_hidden: ["/h"],
    paths_readable: ["/h/r"],
  });
});

Deno.test("coverage: what another engine makes an empty folder of stays writable", () => {
  const spec = { filesystem: "readonly", tmpfs: ["/tmp"] } as const;
  assertEquals(sliceOf(spec, ["filesystem"], all).paths_writable, ["/tmp"]);
  assertEquals(sliceOf(spec, ["filesystem", "tmpfs"], all).paths_writable, undefined);
  assertEquals(sliceOf(spec, ["filesystem"], { capabilities: [] }).paths_writable, undefined);
});
