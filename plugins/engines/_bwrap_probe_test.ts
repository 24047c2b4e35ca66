import { assert, assertEquals, assertMatch } from "@std/assert";
import { withFolder } from "../../tests/support.ts";
import { engineHost } from "./_testing.ts";
import { bwrap } from "./bwrap.ts";

const program = "/usr/bin/bwrap";
const ignore = Deno.build.os !== "linux" || !isThere(program);
const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

const probeBehind = (...prefix: string[]) => Promise.resolve(bwrap.probe!(engineHost(prefix)));

/** A machine like this one, but for `changes`. */
const machine = (...changes: string[]) => [program, "--dev-bind", "/", "/", ...changes, "--"];

async function leftovers(): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir("/tmp"));
  return names.map(({ name }) => name).filter((name) => name.startsWith("assay-probe.")).sort();
}

Deno.test({
  name: "bwrap's probe: it works here, in little time, and leaves nothing",
  ignore,
  async fn() {
    const before = await leftovers();
    const { works, missing, facts, detail } = await probeBehind();
    assertEquals({ works, missing }, { works: true, missing: {} }, detail);
    assertEquals(facts?.program, program);
    assertEquals(facts?.disableUserns, true);
    assertEquals(await leftovers(), before);
  },
});

Deno.test({
  name: "bwrap's probe: it works for an ordinary user",
  ignore: ignore || !isRoot,
  async fn() {
    const user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    const { works, missing, detail } = await probeBehind(...user);
    assertEquals({ works, missing }, { works: true, missing: {} }, detail);
  },
});

Deno.test({
  name: "bwrap's probe: where user namespaces are forbidden, it says what bwrap said",
  ignore,
  async fn() {
    const { works, detail } = await probeBehind(
      ...machine("--unshare-user", "--disable-userns", "--proc", "/proc", "--unshare-pid"),
    );
    assertEquals(works, false);
    assertMatch(detail, /namespace/);
  },
});

Deno.test({
  name:
    "bwrap's probe: where /proc cannot be mounted, as in a container, only processes are missing",
  ignore,
  async fn() {
    // What covers parts of /proc could be seen in a fresh one, which the kernel refuses.
    const masked = ["--unshare-user", "--unshare-pid", "--proc", "/proc", "--tmpfs", "/proc/acpi"];
    const { works, missing, detail } = await probeBehind(...machine(...masked));
    assertEquals(works, true, detail);
    assertEquals(Object.keys(missing ?? {}), ["processes"]);
  },
});

Deno.test({
  name: "bwrap's probe: what only pretends to confine is found out, act by act",
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      const fake = `${folder}/bwrap`;
      const text = `#!/bin/sh\ncase "$1" in --version) echo bubblewrap 9; exit;; esac\n` +
        `while [ "$1" != -- ]; do shift; done; shift; exec "$@"\n`;
      await Deno.writeTextFile(fake, text, { mode: 0o755 });
      const { missing } = await probeBehind(...machine("--bind", fake, program));
      const expected = ["filesystem", "network", "paths_hidden", "paths_readable", "processes"];
      assertEquals(
        Object.keys(missing ?? {}).sort(),
        [...expected, "paths_writable", "tmpfs"].sort(),
      );
    }),
});

Deno.test({
  name: "bwrap's probe: without bwrap it says where it looked",
  ignore,
  async fn() {
    const none = () => Promise.reject(new Error("it is where a command may write"));
    const { works, detail } = await bwrap.probe!({ ...engineHost(), program: none });
    assertEquals(works, false);
    assertMatch(detail, /not found: \/usr\/bin\/bwrap/);
  },
});

Deno.test("bwrap's probe: it is for Linux and processors it has a filter for", async () => {
  const host = engineHost();
  for (const other of [{ os: "darwin" }, { arch: "riscv64" }]) {
    const { works, detail } = await bwrap.probe!({ ...host, ...other });
    assert(!works && detail.includes(Object.values(other)[0]!), detail);
  }
});
