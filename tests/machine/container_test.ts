/**
 * Commands in real containers. `ASSAY_DOCKER` names the program to call, `docker` or `podman` or one that
 * understands the same; the image is made from this machine's own programs, so that no registry is asked.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Attempt } from "../../src/model.ts";
import { isolatedEnv, run, runAssay, testUnless, textOf, withFolder } from "../support.ts";

const engine = Deno.env.get("ASSAY_DOCKER");
const missing = engine ? undefined : "needs ASSAY_DOCKER, a program that runs containers";

const programs = ["sh", "sleep", "cat", "env", "nice", "touch"];

async function output(argv: readonly string[]): Promise<string> {
  const env = Deno.env.toObject();
  const { code, stdout, stderr } = await run(argv, { cwd: "/", env });
  if (code !== 0) throw new Error(`${argv.join(" ")}: ${textOf(stderr)}`);
  return textOf(stdout).trim();
}

/** Copies the programs and the libraries they load, makes an image of them, and removes it after `body`. */
async function withImage(body: (image: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const script = `set -e
      mkdir -p bin tmp; echo yes > inside
      for name in ${programs.join(" ")}; do
        path=$(readlink -f "$(command -v $name)")
        cp "$path" bin/$name
        for library in $(ldd "$path" | grep -o '/[^ ]*'); do
          mkdir -p ".\${library%/*}"; cp -L "$library" ".$library"
        done
      done
      tar -c . | "$0" import - "$1"`;
    const image = `assay-test:${crypto.randomUUID()}`;
    await output(["/bin/sh", "-c", `cd "$2" && ${script}`, engine!, image, folder]);
    try {
      await body(image);
    } finally {
      await output(["/bin/sh", "-c", '"$0" rmi --force "$1"', engine!, image]);
    }
  });
}

/** Runs one command of a project and returns its attempt, what it wrote, and the project's folder. */
async function attemptIn(
  container: Readonly<Record<string, unknown>>,
  lines: string,
  check: (attempt: Attempt, stdout: string, root: string) => Promise<void> | void,
): Promise<void> {
  await withFolder(async (root) => {
    const table = Object.entries({ runtime: engine, ...container })
      .map(([key, value]) => `${key} = ${JSON.stringify(value)}`).join(", ");
    await Deno.mkdir(`${root}/.assay`);
    await Deno.mkdir(`${root}/sub dir`);
    await Deno.writeTextFile(
      `${root}/.assay/commands.toml`,
      `[commands.it]\nkind = "build"\n${lines}\n[commands.it.platform]\ncwd = "sub dir"\nnice = 3\n` +
        `container = { ${table} }\n`,
    );
    const env = { ...isolatedEnv(`${root}/.home`), INHERITED: "seen" };
    const { stdout, stderr } = await runAssay(["run", "it", "--json"], { cwd: root, env });
    if (stdout.length === 0) throw new Error(textOf(stderr));
    const attempt: Attempt = JSON.parse(textOf(stdout)).attempts[0];
    const file = attempt.started_at === null ? undefined : attempt.output_file;
    await check(attempt, file ? await Deno.readTextFile(`${root}/${file}`) : "", root);
    const left = ["ps", "--all", "--quiet", "--filter", `name=^assay-${attempt.attempt_id}$`];
    assertEquals(await output(["/bin/sh", "-c", '"$0" "$@"', engine!, ...left]), "");
  });
}

testUnless(
  missing,
  "a command runs in its container, in its folder, with its variables",
  () =>
    withImage(async (image) => {
      const command = "cat /inside; nice; pwd; env; touch made; exit 3";
      const lines = `cmd = "${command}"\nenv = { GIVEN = "a b" }`;
      await attemptIn({ image, network: "none" }, lines, async (attempt, stdout, root) => {
        assertEquals(
          [attempt.exit_code, attempt.verdict, attempt.warnings],
          [3, "fail", []],
          stdout,
        );
        const [inside, level, folder, ...env] = stdout.trimEnd().split("\n");
        assertEquals([inside, level, folder], ["yes", "3", `${root}/sub dir`]);
        assert(env.includes("GIVEN=a b"));
        assert(env.includes(`ASSAY_ATTEMPT_ID=${attempt.attempt_id}`));
        assert(env.includes(`ASSAY_WORKSPACE=${root}`));
        assertEquals(env.filter((line) => /^(INHERITED|ASSAY_RESULT_FILE)=/.test(line)), []);
        assert((await Deno.stat(`${root}/sub dir/made`)).isFile);
      });
    }),
);

testUnless(
  missing,
  "a container that outlives its command is removed",
  () =>
    withImage(async (image) => {
      // Without the attempt's mark in its environment, so that no one else finds its processes.
      const loop = "trap '' TERM; echo up; while :; do sleep 1; done";
      const command = `exec env -i /bin/sh -c \\"${loop}\\"`;
      const lines = `cmd = "${command}"\ntimeout = 2`;
      await attemptIn({ image, init: false, network: "none" }, lines, ({ reasons }, stdout) => {
        assertEquals([reasons.map(({ code }) => code), stdout], [["timeout"], "up\n"]);
      });
    }),
);

testUnless(
  missing,
  "an image that cannot be had fails with the engine's own words",
  () =>
    attemptIn(
      { image: "assay-test/no-such:image", args: ["--pull=never"] },
      'cmd = "true"',
      ({ verdict, exit_code, warnings }) => {
        assertEquals([verdict, exit_code], ["fail", 125]);
        assertMatch(warnings.join("\n"), /could not run the container \(exit code 125\)/);
      },
    ),
);

Deno.test("without an engine that answers the command is unknown and not run", () =>
  withFolder(async (root) => {
    await Deno.mkdir(`${root}/.assay`);
    await Deno.writeTextFile(
      `${root}/.assay/commands.toml`,
      '[commands.it]\nkind = "build"\ncmd = "touch ran"\n[commands.it.platform]\n' +
        'container = { image = "a", runtime = "/no/such/docker" }\n',
    );
    const { code, stdout } = await runAssay(["run", "it", "--json"], {
      cwd: root,
      env: isolatedEnv(`${root}/.home`),
    });
    const [{ reasons, started_at }] = JSON.parse(textOf(stdout)).attempts;
    assertEquals([code, started_at, reasons[0].code], [3, null, "prepare_failed"]);
    assertMatch(reasons[0].message, /no container engine answers \(\/no\/such\/docker: .*\)$/);
  }));
