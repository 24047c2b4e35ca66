import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { SandboxSpec } from "../../src/plugin.ts";
import { type Kind, type Mount, mountsOf } from "./_bwrap_mounts.ts";

const context = {
  workspace: "/home/me/ws",
  liveDir: "/home/me/ws/.assay/runs/1/it",
  tmpDir: "/tmp/assay-1",
  protectedPaths: ["/home/me/ws/.assay"],
};

function shown(
  spec: SandboxSpec,
  more: Partial<typeof context & { resultFile: string }> = {},
  kinds: Readonly<Record<string, Kind>> = {},
): string[] {
  const mounts = mountsOf({
    spec,
    context: { ...context, ...more },
    kinds: new Map(Object.entries(kinds)),
  });
  return mounts.map(({ path, as }) => `${as} ${path}`);
}

Deno.test("bwrap's mounts: what is not asked for is left open", () => {
  assertEquals(shown({}), ["rw /", "dev /dev"]);
  assertEquals(shown({ filesystem: "unrestricted", network: "none" }), ["rw /", "dev /dev"]);
  assertEquals(shown({ processes: "visible" }), ["rw /", "dev /dev"]);
  assertEquals(shown({ processes: "isolated" }), ["rw /", "dev /dev", "proc /proc"]);
  assertEquals(shown({ paths_readable: ["/home/me/ws/src"] }), ["rw /", "dev /dev"]);
});

Deno.test("bwrap's mounts: what may be written, by filesystem", () => {
  const always = ["rw /tmp/assay-1", "rw /home/me/ws/.assay/runs/1/it"];
  assertEquals(shown({ filesystem: "readonly" }), ["ro /", "dev /dev", ...always]);
  assertEquals(shown({ filesystem: "workspace_only" }), [
    ...["ro /", "dev /dev", "rw /tmp/assay-1", "rw /home/me/ws", "ro /home/me/ws/.assay"],
    "rw /home/me/ws/.assay/runs/1/it",
  ]);
  const scoped: SandboxSpec = {
    filesystem: "scoped_write",
    paths_writable: ["/home/me/ws/out", "/srv/none"],
  };
  assertEquals(shown(scoped, {}, { "/srv/none": "missing" }), [
    ...["ro /", "dev /dev", "rw /tmp/assay-1", "rw /home/me/ws/out"],
    "rw /home/me/ws/.assay/runs/1/it",
  ]);
});

Deno.test("bwrap's mounts: the report is written where assay keeps it, or already may be", () => {
  const spec: SandboxSpec = { filesystem: "workspace_only" };
  assert(
    !shown(spec, { resultFile: "/home/me/ws/junit.xml" }).includes("rw /home/me/ws/junit.xml"),
  );
  for (const resultFile of ["/home/me/ws/.assay/r.xml", "/var/r.xml"]) {
    assert(shown(spec, { resultFile }).includes(`rw ${resultFile}`));
  }
});

Deno.test("bwrap's mounts: .assay is protected in whatever writable folder, unless it is named", () => {
  const named: SandboxSpec = {
    filesystem: "workspace_only",
    paths_writable: ["/home/me/ws/.assay"],
  };
  assert(!shown(named).includes("ro /home/me/ws/.assay"));
  assertEquals(shown({ filesystem: "scoped_write", paths_writable: ["/home"] }), [
    ...["ro /", "dev /dev", "rw /home", "rw /tmp/assay-1"],
    ...[
      "rw /home/me",
      "rw /home/me/ws",
      "ro /home/me/ws/.assay",
      "rw /home/me/ws/.assay/runs/1/it",
    ],
  ]);
  const root = {
    workspace: "/",
    liveDir: "/.assay/1",
    tmpDir: "/tmp/t",
    protectedPaths: ["/.assay"],
  };
  assertEquals(shown({ filesystem: "workspace_only" }, root), [
    ...["rw /", "dev /dev", "ro /.assay", "rw /.assay/1"],
  ]);
});

Deno.test("bwrap's mounts: a protected path is open when it is named itself, not by what is in it", () => {
  const git = { protectedPaths: ["/srv/.git", "/srv/.git/x", "/srv/none"] };
  const of = (...paths_writable: string[]) =>
    shown({ filesystem: "scoped_write", paths_writable }, git, { "/srv/none": "missing" })
      .filter((each) => each.includes("/srv"));
  assertEquals(of("/srv"), ["rw /srv", "ro /srv/.git"]);
  assertEquals(of("/srv", "/srv/.git/hooks"), ["rw /srv", "ro /srv/.git"]);
  assertEquals(of("/srv", "/srv/.git"), ["rw /srv", "rw /srv/.git", "ro /srv/.git/x"]);
  assertEquals(of("/srv/.git/x", "/srv"), ["rw /srv", "ro /srv/.git", "rw /srv/.git/x"]);
  const report = { ...git, resultFile: "/srv/.git" };
  assertEquals(
    shown({ filesystem: "readonly" }, report).filter((each) => each.includes("/srv")),
    [],
  );
});

Deno.test("bwrap's mounts: a workspace in an empty or hidden folder is there as it may be used", () => {
  const tmp = {
    workspace: "/tmp/ws",
    liveDir: "/tmp/ws/.assay/1",
    protectedPaths: ["/tmp/ws/.assay"],
  };
  for (
    const [filesystem, ...expected] of [
      ["readonly", "ro /tmp/ws", "rw /tmp/ws/.assay/1"],
      ["workspace_only", "rw /tmp/ws", "ro /tmp/ws/.assay", "rw /tmp/ws/.assay/1"],
      ["unrestricted", "rw /tmp/ws"],
    ] as const
  ) {
    const found = shown({ filesystem, tmpfs: ["/tmp"] }, tmp);
    assertEquals(found.filter((each) => each.includes("/tmp/ws")), expected);
    const hidden = shown({ filesystem, paths_hidden: ["/tmp"] }, tmp);
    assertEquals(hidden.filter((each) => each.includes("/tmp/ws")), expected);
  }
});

Deno.test("bwrap's mounts: hidden wins over writable, readable over hidden, the deeper over both", () => {
  const of = (spec: SandboxSpec) =>
    shown({ filesystem: "scoped_write", ...spec }).filter((each) => each.includes("/srv"));
  const paths_hidden = ["/srv"];
  assertEquals(of({ paths_hidden, paths_writable: ["/srv", "/srv/a"] }), ["hidden /srv"]);
  assertEquals(of({ paths_hidden, paths_readable: ["/srv/a"] }), ["hidden /srv", "ro /srv/a"]);
  assertEquals(
    of({ paths_hidden, paths_readable: ["/srv/a"], paths_writable: ["/srv/a", "/srv/a/b"] }),
    ["hidden /srv", "rw /srv/a"],
  );
  assertEquals(
    of({ paths_hidden, paths_readable: ["/srv/a"], paths_writable: ["/srv/a/b"] }),
    ["hidden /srv", "ro /srv/a", "rw /srv/a/b"],
  );
  assertEquals(of({ tmpfs: ["/srv"], paths_hidden: ["/srv"] }), ["hidden /srv"]);
});

Deno.test("bwrap's mounts: no folder on the way to what is hidden can be renamed", () => {
  const found = shown({ paths_hidden: ["/home/me/.ssh/id", "/home/me/ws/a/b/key"] });
  assertEquals(found, [
    ...["rw /", "dev /dev", "rw /home", "rw /home/me", "rw /home/me/.ssh", "rw /home/me/ws"],
    ...["hidden /home/me/.ssh/id", "rw /home/me/ws/a", "rw /home/me/ws/a/b"],
    "hidden /home/me/ws/a/b/key",
  ]);
});

const names = fc.constantFrom("a", "b", "c");
const aPath = fc.array(names, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
const paths = fc.array(aPath, { maxLength: 4 });
const aSpec: fc.Arbitrary<SandboxSpec> = fc.record({
  filesystem: fc.constantFrom("readonly", "workspace_only", "scoped_write", "unrestricted"),
  paths_hidden: paths,
  paths_readable: paths,
  paths_writable: paths,
  tmpfs: paths,
});

const isIn = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);
const deepest = (path: string, folders: readonly string[]) =>
  folders.filter((folder) => isIn(path, folder)).reduce((a, b) => b.length > a.length ? b : a, "");

/** What shows at a path when mounts are made one after another. */
function effect(path: string, mounts: readonly Mount[]): Mount["as"] {
  return mounts.findLast((mount) => mount.path === "/" || isIn(path, mount.path))!.as;
}

Deno.test("bwrap's mounts: nothing hidden shows, nothing is written that may not be", () => {
  fc.assert(
    fc.property(aSpec, aPath, paths, (spec, path, protectedPaths) => {
      const own = { workspace: "/w/ws", liveDir: "/w/ws/.assay/1", tmpDir: "/w/tmp" };
      const places = { ...own, protectedPaths };
      const mounts = mountsOf({ spec, context: places, kinds: new Map() });
      const as = effect(path, mounts);
      const hidden = deepest(path, spec.paths_hidden!);
      const emptied = deepest(path, spec.tmpfs!);
      const opened = deepest(path, spec.paths_readable!);
      if (hidden !== "" && opened.length <= hidden.length) {
        assertEquals(as, emptied.length > hidden.length ? "tmpfs" : "hidden");
      }
      if (as === "rw" && spec.filesystem !== "unrestricted") {
        assert(deepest(path, spec.paths_writable!) !== "");
        const closing = deepest(path, protectedPaths);
        assert(closing === "" || spec.paths_writable!.includes(closing));
      }
      if (as === "hidden") assert(hidden !== "");
      if (as === "tmpfs") assert(emptied !== "");
      // A mount made later may lie in an earlier one and never around it.
      mounts.forEach(({ path }, index) =>
        assert(!mounts.slice(index + 1).some((later) => isIn(path, later.path)))
      );
    }),
    { numRuns: 2000 },
  );
});
