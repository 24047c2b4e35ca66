import { assert, assertEquals, assertMatch } from "@std/assert";
import { realIo } from "../../src/real_io.ts";
import { testUnless } from "../../tests/support.ts";
import { orderFor } from "./_landlock_order.ts";
import { probe } from "./_landlock_probe.ts";
import { engineHost } from "./_testing.ts";
import { landlock } from "./landlock.ts";

const missing = Deno.build.os === "linux" ? undefined : "Landlock is a part of Linux";

/** An assay that reports what it is told to, and runs the command behind `--` under no limits. */
function pretender(report: object): string[] {
  const line = 'printf "%s\\n" "$0"; while [ "$1" != -- ]; do shift; done; shift; exec "$@"';
  return ["sh", "-c", line, JSON.stringify(report)];
}

const open = { unix: 0, inet: 0 };

testUnless(missing, "landlock probe: it works here, and leaves nothing behind", async () => {
  const said: string[][] = [];
  const host = { ...engineHost(), self: realIo().self };
  const found = await probe({
    ...host,
    run: async (argv, options) => {
      const result = await host.run(argv, options);
      said.push([...argv, result.stdout]);
      return result;
    },
  });
  assert(found.works, found.detail);
  assertEquals(typeof found.facts?.abi, "number");
  const folder = said[0]!.at(-1)!.trim();
  assert(folder.startsWith("/"));
  assertEquals(await Deno.stat(folder).then(() => true, () => false), false);
});

const disbelieved: Readonly<Record<string, { report: object; why: RegExp }>> = {
  "no Landlock": { report: { abi: 0, sockets: open }, why: /no Landlock/ },
  "a Landlock too old": { report: { abi: 2, sockets: open }, why: /version 2/ },
  "one that confines nothing": { report: { abi: 7, sockets: open }, why: /^confined: "create/ },
  "one that claims closed sockets": {
    report: { abi: 7, sockets: { unix: 97, inet: 97 } },
    why: /without limits: a socket/,
  },
};

for (const [what, { report, why }] of Object.entries(disbelieved)) {
  testUnless(missing, `landlock probe: ${what} does not work`, async () => {
    const found = await probe({ ...engineHost(), self: pretender(report) });
    assertEquals(found.works, false);
    assertMatch(found.detail, why);
  });
}

Deno.test("landlock probe: another system, another processor, an assay that does not start", async () => {
  const host = engineHost();
  const details = await Promise.all([
    probe({ ...host, os: "darwin" }),
    probe({ ...host, os: "linux", arch: "riscv64" }),
    probe({ ...host, self: ["false"] }),
  ]);
  assertEquals(details.map(({ works }) => works), [false, false, false]);
});

const own = { workspace: "/w", tmpDir: "/t", liveDir: "/w/.assay/l" };
const orderOf = (spec: Parameters<typeof orderFor>[0], abi: number) =>
  orderFor(spec, own, { abi, arch: "x86_64" }).landlock;

Deno.test("landlock order: what the sandbox does not name stays open", () => {
  assertEquals(orderOf({ network: "none" }, 7), {
    fs: [],
    net: ["bind_tcp", "connect_tcp"],
    scopes: ["abstract_unix_socket", "signal"],
    rules: [],
  });
  const { net, scopes } = orderOf({ filesystem: "readonly" }, 7);
  assertEquals({ net, scopes }, { net: [], scopes: ["signal"] });
});

Deno.test("landlock order: nothing is asked of a kernel that it does not know", () => {
  const { fs, scopes } = orderOf({ filesystem: "readonly" }, 4);
  assertEquals([fs.includes("ioctl_dev"), scopes], [false, []]);
  assertEquals(orderOf({ filesystem: "readonly" }, 5).fs.includes("ioctl_dev"), true);
});

Deno.test("landlock order: devices are made nowhere, and each path is named once", () => {
  const spec = { filesystem: "workspace_only", paths_writable: ["/w", "/x"] } as const;
  const { fs, rules } = orderOf(spec, 7);
  assertEquals(rules[0]![1], ["/w", "/x", "/t", "/w/.assay/l"]);
  assertEquals(["make_char", "make_block"].every((right) => fs.includes(right)), true);
  assertEquals(rules.some(([rights]) => rights.includes("make_block")), false);
});

Deno.test("landlock: what it does not enforce, and what only in part", async () => {
  const review = async (spec: Parameters<typeof orderFor>[0]) => await landlock.review!(spec, {});
  assertEquals(await review({ network: "none", filesystem: "readonly" }), {
    missing: {},
    caveats: {},
  });
  assert((await review({ network: "localhost" })).missing?.network);
  assert((await review({ network: "hosts" })).missing?.network);
  assertMatch(
    (await review({ filesystem: "workspace_only" })).caveats?.filesystem ?? "",
    /\.assay/,
  );
});
