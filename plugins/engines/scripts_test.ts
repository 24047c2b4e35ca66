import { assertEquals } from "@std/assert";
import { run, textOf, withFolder } from "../../tests/support.ts";
import { engineHost } from "./_testing.ts";
import kinds from "./bwrap_kinds.sh" with { type: "text" };
import launch from "./bwrap_launch.sh" with { type: "text" };
import { bwrap } from "./bwrap.ts";
import start from "./prlimit_start.sh" with { type: "text" };

const ignore = Deno.build.os !== "linux";
const env = { PATH: Deno.env.get("PATH") ?? "" };

async function linesOf(argv: readonly string[], cwd = "/"): Promise<string[]> {
  return textOf((await run(argv, { cwd, env })).stdout).trim().split("\n");
}

Deno.test({
  name: "bwrap_kinds.sh: links, and of the first paths those on the way, too",
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      const root = await Deno.realPath(folder);
      await Deno.mkdir(`${root}/real`);
      await Deno.writeTextFile(`${root}/real/a b`, "");
      await Deno.symlink(`${root}/real`, `${root}/link`);
      const paths = ["real", "real/a b", "real/none", "link", "link/a b"].map((path) =>
        `${root}/${path}`
      );
      const found = ["folder", "file", "missing", "link"];
      const ask = (count: string) => linesOf(["sh", "-c", kinds, "sh", count, ...paths]);
      assertEquals(await ask("5"), [...found, "link"]);
      assertEquals(await ask("4"), [...found, "file"]);
    }),
});

Deno.test({
  name: "bwrap_launch.sh: what was inherited is closed, of one digit or of two; the filter is 9",
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      const filter = `${folder}/filter`;
      await Deno.writeTextFile(filter, "the filter\n");
      const open = 'exec 5</ 9</ 12</; exec "$@"';
      const show = "for fd in 5 9 12; do readlink /proc/self/fd/$fd || echo closed; done";
      const seen = (...launcher: string[]) =>
        linesOf(["bash", "-c", open, "bash", ...launcher, "sh", "-c", show]);
      assertEquals(await seen(), ["/", "/", "/"]);
      const by = (begin: string) => seen("/bin/sh", "-c", launch, filter, begin);
      assertEquals(await by('exec "$@"'), ["closed", "closed", "closed"]);
      assertEquals(await by('exec "$@" 9<"$0"'), ["closed", filter, "closed"]);
    }),
});

Deno.test({
  name: "prlimit_start.sh: a namespace of its own only where it is asked for and can be had",
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      for (const [name, code] of [["can", 0], ["cannot", 1]] as const) {
        const fake =
          `#!/bin/sh\n[ "$3" = /bin/sh ] && exit ${code}\nshift 2; echo own; exec "$@"\n`;
        await Deno.writeTextFile(`${folder}/${name}`, fake, { mode: 0o755 });
      }
      await Deno.writeTextFile(`${folder}/setpriv`, '#!/bin/sh\nshift 2; exec "$@"\n', {
        mode: 0o755,
      });
      const started = (own: string, unshare: string) =>
        linesOf(
          ["sh", "-c", start, "sh", own, "./setpriv", `./${unshare}`, "echo", "a  b"],
          folder,
        );
      assertEquals(await started("own", "can"), ["own", "a  b"]);
      assertEquals(await started("own", "cannot"), ["a  b"]);
      assertEquals(await started("shared", "can"), ["a  b"]);
    }),
});

Deno.test({
  name: "bwrap's probe: acts that were not done prove nothing",
  ignore,
  async fn() {
    const host = engineHost();
    const cut = await bwrap.probe!({
      ...host,
      program: (name) => name === "/usr/bin/bwrap" ? Promise.resolve(name) : Promise.reject(""),
      async run(argv, options) {
        if (argv[0] === "rm") return host.run(argv, options);
        if (!argv.includes("outside")) return { exitCode: 0, stdout: "yes\n", stderr: "" };
        const result = await host.run(argv, options);
        return { ...result, stdout: result.stdout.split("\n").slice(0, 5).join("\n") };
      },
    });
    assertEquals(Object.keys(cut.missing ?? {}).length, 7);
  },
});
