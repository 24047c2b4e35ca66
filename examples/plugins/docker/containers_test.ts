/** The engine with real containers, through the whole of assay. */

import { assertEquals, assertMatch } from "@std/assert";
import type { Attempt } from "../../../src/model.ts";
import { type PluginProject, withServedPlugin } from "../../../tests/served_plugin.ts";
import { testUnless } from "../../../tests/support.ts";
import { missing, output, runtime, withImage } from "./_testing.ts";

interface Project extends PluginProject {
  /** Runs a shell line in a sandbox; `undefined`: without one. */
  run(code: number, line: string, sandbox: string | undefined, more?: string): Promise<Ran>;
}

interface Ran {
  readonly attempt: Attempt;
  /** Lines of standard output. */
  readonly lines: readonly string[];
}

const folder = new URL(".", import.meta.url).pathname;

/** A project that has the plugin by its URL, with the permission to run one program. */
function withProject(
  options: Readonly<Record<string, string>>,
  body: (project: Project) => Promise<void>,
): Promise<void> {
  return withServedPlugin(folder, {}, async (project) => {
    const { root, url, assay } = project;
    const table = Object.entries({ runtime: runtime!, ...options });
    await Deno.writeTextFile(
      `${root}/.assay/config.toml`,
      `[extensions]\ncall_timeout = "60s"\n[[plugin]]\nurl = "${url("docker.ts")}"\n` +
        `permissions = { run = ["${options.runtime ?? runtime}"] }\n` +
        `options = { ${table.map(([key, value]) => `${key} = "${value}"`).join(", ")} }\n`,
    );
    const { json } = await assay(0, "trust", "--show", "--json");
    await assay(0, "trust", "--trust", json.digest);
    await body({
      ...project,
      async run(code, line, sandbox, more = "") {
        await Deno.writeTextFile(
          `${root}/.assay/commands.toml`,
          `[commands.x]\nkind = "build"\ncmd = '''${line} '''\n${more}\n` +
            (sandbox === undefined ? "" : `sandbox = { ${sandbox}, on_uncovered = "fail" }\n`),
        );
        const { json } = await assay(code, "run", "x", "--json");
        const attempt: Attempt = json.attempts[0];
        const name = ["--filter", `name=^assay-${attempt.attempt_id}$`];
        assertEquals(await output([runtime!, "ps", "--all", "--quiet", ...name]), "");
        if (attempt.started_at === null) return { attempt, lines: [] };
        const file = attempt.output_file;
        const text = file === null ? "" : await Deno.readTextFile(`${root}/${file}`);
        return { attempt, lines: text.trimEnd().split("\n") };
      },
    });
  });
}

const enforcedBy = ({ sandbox = [] }: Attempt) =>
  Object.fromEntries(sandbox.map(({ dimension, enforced_by }) => [dimension, enforced_by]));

const inDocker = 'engines = ["docker"]';

testUnless(
  missing,
  "a container holds a command to all of its sandbox, and is gone afterwards",
  () =>
    withImage((image) =>
      withProject({ image }, async ({ root, run }) => {
        await using listener = Deno.serve(
          { hostname: "127.0.0.1", port: 0, onListen() {} },
          () => new Response(),
        );
        const acts = `
        (: > made) 2>/dev/null && echo wrote the project
        (: > .assay/made) 2>/dev/null && echo wrote the evidence
        (: > /tmp/made) 2>/dev/null && echo wrote /tmp
        (: > "$TMPDIR/made") && echo wrote TMPDIR
        bash -c ": < /dev/tcp/127.0.0.1/${listener.addr.port}" 2>/dev/null && echo connected
        [ -e /proc/${Deno.pid} ] && echo sees the test
        (count=0; while [ $count -lt 40 ]; do sleep 1 & count=$((count + 1)); done
          echo forked) 2>/dev/null
        (text=aaaaaaaa; while [ \${#text} -lt 134217728 ]; do text=$text$text; done
          echo took memory) 2>/dev/null
        exit 0`;
        const sandbox = 'network = "none", filesystem = "readonly", processes = "isolated", ' +
          `memory = "64m", pids = 20, ${inDocker}`;
        const { attempt, lines } = await run(0, acts, sandbox);
        assertEquals(lines, ["wrote TMPDIR"]);
        const all = ["network", "filesystem", "processes", "memory", "pids"];
        assertEquals(enforcedBy(attempt), Object.fromEntries(all.map((each) => [each, "docker"])));
        const caveats = attempt.sandbox!.filter(({ caveat }) => caveat !== undefined);
        assertEquals(caveats.map(({ dimension }) => dimension), ["network", "filesystem"]);
        assertEquals((await Array.fromAsync(Deno.readDir(root))).map(({ name }) => name), [
          ".assay",
        ]);

        const control = await run(0, acts, undefined);
        assertEquals(control.lines, [
          "wrote the project",
          "wrote the evidence",
          "wrote /tmp",
          "wrote TMPDIR",
          "connected",
          "sees the test",
          "forked",
          "took memory",
        ]);
      })
    ),
);

testUnless(
  missing,
  "what a container may write, and what it finds empty",
  () =>
    withImage((image) =>
      withProject({ image }, async ({ root, run }) => {
        // Nested mounts, the project's folder below the empty one, and a file that replaces another mount.
        await Deno.mkdir(`${root}/out dir`);
        await Deno.writeTextFile(`${root}/out dir/one.txt`, "");
        const acts = `
        (: > made) 2>/dev/null && echo project
        (: > .assay/config.toml.new) 2>/dev/null && echo evidence
        (: > "out dir/made") 2>/dev/null && echo folder
        (echo x > "out dir/one.txt") 2>/dev/null && echo file
        (: > "$ASSAY_RUN_DIR/x/live/kept") && echo live
        (echo '<testsuites/>' > "$ASSAY_RESULT_FILE") && echo report
        set -- /tmp/*; echo "tmp $#"
        (: > /tmp/made) && echo tmpfs`;
        // A folder of the project's path, empty but for what leads to the project.
        const tmpfs = `tmpfs = ["/tmp"], ${inDocker}`;
        const report = 'result_file = "report.xml"';
        const always = ["live", "report", "tmp 2", "tmpfs"];
        const lines = async (sandbox: string) =>
          (await run(0, acts, `${sandbox}, ${tmpfs}`, report)).lines;
        assertEquals(await lines('filesystem = "readonly"'), always);
        assertEquals(await lines('filesystem = "workspace_only"'), [
          ...["project", "folder", "file"],
          ...always,
        ]);
        const scoped = 'filesystem = "scoped_write", paths_writable';
        assertEquals(await lines(`${scoped} = ["out dir"]`), ["folder", "file", ...always]);
        assertEquals(await lines(`${scoped} = ["out dir/one.txt"]`), ["file", ...always]);
        assertEquals(await Deno.readTextFile(`${root}/out dir/one.txt`), "x\n");
      })
    ),
);

testUnless(
  missing,
  "a container that outlives its command is removed",
  () =>
    withImage((image) =>
      withProject({ image }, async ({ run }) => {
        // Without the attempt's mark in its environment, so that no one else finds its processes.
        const loop = 'trap "" TERM; echo up; while :; do sleep 1; done';
        const { attempt, lines } = await run(
          1,
          `exec bash -c 'exec -c /bin/bash -c "$0"' '${loop}'`,
          `network = "none", ${inDocker}`,
          'timeout = "2s"',
        );
        assertEquals([attempt.reasons.map(({ code }) => code), lines], [["timeout"], ["up"]]);
      })
    ),
);

/** A program that starts containers and leaves flags out. */
async function forgetful(root: string, patterns: string): Promise<string> {
  const path = `${root}/.assay/forgetful`;
  const script = `#!/bin/sh
    for arg; do
      shift
      case $arg in ${patterns}) ;; *) set -- "$@" "$arg" ;; esac
    done
    exec ${runtime} "$@"\n`;
  await Deno.writeTextFile(path, script, { mode: 0o755 });
  return path;
}

testUnless(
  missing,
  "a guarantee that containers do not give here is missing, and nothing claims it",
  () =>
    withImage((image) =>
      withServedPlugin(folder, {}, async ({ root }) => {
        const patterns = "--network=none | --memory* | --pids-limit* | --ulimit*";
        const program = await forgetful(root, patterns);
        await withProject({ image, runtime: program }, async ({ run }) => {
          const sandbox = `network = "none", memory = "64m", pids = 20, cpu = "10s", ${inDocker}`;
          const { attempt } = await run(3, "true", sandbox);
          assertEquals([attempt.started_at, attempt.reasons[0]?.code], [
            null,
            "sandbox_unenforced",
          ]);
          const why = attempt.sandbox!.map(({ why }) => why).join("\n");
          assertMatch(why, /could see a network that leads out in spite of its limits/);
          assertMatch(why, /could take 64 MiB in spite of its limits/);
          assertMatch(why, /could start 24 processes in spite of its limits/);
          assertMatch(why, /could raise the limit of processor time in spite of its limits/);
          const held = await run(
            0,
            "(: > made) 2>/dev/null || true",
            `filesystem = "readonly", ${inDocker}`,
          );
          assertEquals(enforcedBy(held.attempt), { filesystem: "docker" });
        });
      })
    ),
);

testUnless(
  missing,
  "an image that is not there: the engine does not work, and that is why",
  () =>
    withProject({ image: "assay-example/no-such:image" }, async ({ run }) => {
      const { attempt } = await run(3, "true", `network = "none", ${inDocker}`);
      assertEquals(attempt.started_at, null);
      assertMatch(attempt.sandbox![0]!.why!, /no-such/);
    }),
);

testUnless(
  missing,
  "a command that is kept from nothing but the network may write the project",
  () =>
    withImage((image) =>
      withProject({ image }, async ({ root, run }) => {
        const line = 'cat /proc/net/dev; echo x > made; echo "$GIVEN"; exit 7';
        const more = 'env = { GIVEN = "a b" }';
        const { attempt, lines } = await run(1, line, `network = "none", ${inDocker}`, more);
        assertEquals([attempt.exit_code, enforcedBy(attempt)], [7, { network: "docker" }]);
        assertEquals(lines.slice(2).map((each) => each.trim().split(/[: ]/)[0]), ["lo", "a"]);
        assertEquals(await Deno.readTextFile(`${root}/made`), "x\n");
      })
    ),
);

const missingRoot = missing ?? (Deno.uid() === 0 ? undefined : "needs root, to mount");

testUnless(
  missingRoot,
  "what is mounted below a read-only project cannot be written either",
  () =>
    withImage((image) =>
      withProject({ image }, async ({ root, run }) => {
        const nested = `${root}/nested`;
        await Deno.mkdir(nested);
        await output(["mount", "-t", "tmpfs", "none", nested]);
        try {
          const line = "(: > nested/made) 2>/dev/null && echo wrote; exit 0";
          const { lines } = await run(0, line, `filesystem = "readonly", ${inDocker}`);
          assertEquals(lines, [""]);
          assertEquals((await run(0, line, undefined)).lines, ["wrote"]);
        } finally {
          await output(["umount", nested]);
        }
      })
    ),
);
