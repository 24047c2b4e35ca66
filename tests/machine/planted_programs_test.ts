/**
 * A command in a sandbox puts programs where `PATH` looks first. Nothing outside of the sandbox, and no engine, may
 * start them: as root and as an ordinary user, each time with the proof that they would be started.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { assayForAnybody } from "./escape/_world.ts";
import { isolatedEnv, isOnPath, run, testUnless, textOf, withFolder } from "../support.ts";

const isRoot = Deno.uid() === 0;
const prefixes: Readonly<Record<string, readonly string[]>> = {
  root: [],
  "an ordinary user": isRoot
    ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    : [],
};
const missing = ["bwrap", "prlimit", "setpriv", "git"].filter((name) => !isOnPath(name))[0];

/** All that assay, its engines and its hook start by a name. */
const names = [
  ...["git", "sh", "perl", "grep", "readlink", "cp", "cat", "env", "id", "timeout", "mktemp", "rm"],
  ...["mkdir", "chmod", "bwrap", "prlimit", "setpriv", "unshare", "systemd-run", "systemctl"],
];

interface Setting {
  readonly prefix: readonly string[];
  /** Where the plants go, relative to the folder around the project. */
  readonly bin: string;
  /** A table of the sandbox, in TOML, of the command that plants. */
  readonly sandbox: string;
}

interface World {
  readonly folder: string;
  assay(...args: string[]): Promise<{ readonly code: number; readonly stdout: string }>;
  /** As the user himself would, by name. */
  byName(program: string): Promise<void>;
  /** Which plants were started, and forgets it. */
  started(): string[];
}

/** A project whose build plants the programs, and a test with limits. */
async function inWorld(
  { prefix, bin, sandbox }: Setting,
  body: (world: World) => Promise<void>,
): Promise<void> {
  await withFolder(async (given) => {
    const folder = await Deno.realPath(given);
    await Deno.chmod(folder, 0o755);
    const program = await assayForAnybody(folder);
    const project = `${folder}/world/project`;
    const place = `${folder}/world/${bin}`;
    for (const path of [`${project}/.assay`, place, `${folder}/world/home`]) {
      await Deno.mkdir(path, { recursive: true });
    }
    // Each says that it was started, as far as it may, and then does what its name says.
    await Deno.writeTextFile(
      `${project}/plant.sh`,
      `for name in ${names.join(" ")}; do
  real=$(command -v /usr/bin/$name) || continue
  printf '#!/bin/sh\\necho %s >>"%s/started"\\nexec %s "$@"\\n' $name "$PWD" $real > ${place}/$name
  /usr/bin/chmod 755 ${place}/$name
done
`,
    );
    await Deno.writeTextFile(
      `${project}/.assay/commands.toml`,
      `[commands.plant]
cmd = "/bin/sh plant.sh"
kind = "build"
[commands.plant.sandbox]
engines = ["bwrap"]
on_uncovered = "fail"
filesystem = "workspace_only"
${sandbox}
[commands.held]
cmd = "[ $(ulimit -d) = 65536 ]"
kind = "build"
[commands.held.sandbox]
engines = ["bwrap", "prlimit"]
on_uncovered = "fail"
filesystem = "workspace_only"
memory = "64m"
`.replaceAll("@", `${folder}/world`),
    );
    const user = { ...isolatedEnv(`${folder}/world/home`), ...program.env };
    const env = { ...user, PATH: `${place}:/usr/bin:/bin` };
    const act = async (argv: readonly string[]) => {
      const { code, stdout, stderr } = await run([...prefix, ...argv], { cwd: project, env });
      return { code: code ?? -1, stdout: textOf(stdout), stderr: textOf(stderr) };
    };
    if (prefix.length > 0) {
      await run(["chown", "-R", "65534:65534", `${folder}/world`], { cwd: "/", env });
    }
    await act(["/usr/bin/git", "init", "--quiet"]);
    await body({
      folder: `${folder}/world`,
      assay: (...args) => act([...program.assay, ...args]),
      byName: async (name) => void await act(["/bin/sh", "-c", `${name} --version`]),
      started() {
        try {
          const text = Deno.readTextFileSync(`${project}/started`);
          Deno.removeSync(`${project}/started`);
          return [...new Set(text.trim().split("\n"))];
        } catch {
          return [];
        }
      },
    });
  });
}

/** What assay does with programs of its own. */
const verbs: readonly (readonly string[])[] = [
  ["run", "held"],
  ["run", "--", "true"],
  ["verify"],
  ["gate"],
  ["doctor"],
  ["sandbox", "doctor"],
  ["sandbox", "explain", "held"],
  ["hook", "install"],
  ["hook", "run", "pre-commit"],
  ["hook", "uninstall"],
];

const places = {
  "the project": { bin: "project/node_modules/.bin", sandbox: "" },
  "a writable folder outside": { bin: "common/bin", sandbox: 'paths_writable = ["@/common"]' },
};

for (const [who, prefix] of Object.entries(prefixes)) {
  for (const [where, place] of Object.entries(places)) {
    testUnless(
      missing && `needs ${missing}`,
      `what a command plants in ${where} is started by nothing of assay's, as ${who}`,
      async () => {
        await inWorld({ prefix, ...place }, async ({ assay, byName, started }) => {
          // The same run, which asks git again when the command has ended.
          const planted = await assay("run", "plant", "--json");
          assertEquals(JSON.parse(planted.stdout).attempts[0].verdict, "pass", planted.stdout);
          assertEquals(started(), []);
          const held = JSON.parse((await assay("run", "held", "--json")).stdout);
          assertEquals(held.attempts[0].verdict, "pass");
          assertMatch(held.tree, /^[0-9a-f]{40}$/);
          for (const verb of verbs) {
            await assay(...verb);
            assertEquals(started(), [], verb.join(" "));
          }
          // The control: starting one by its name does run it.
          await byName("git");
          assertEquals(started(), ["git"]);
        });
      },
    );
  }

  testUnless(
    missing && `needs ${missing}`,
    `a prlimit that no command may write is taken from where PATH has it, as ${who}`,
    async () => {
      const { bin } = places["a writable folder outside"];
      await inWorld({ prefix, bin, sandbox: "" }, async ({ folder, assay, started }) => {
        const real =
          '#!/bin/sh\necho prlimit >>"$ASSAY_WORKSPACE/started"\nexec /usr/bin/prlimit "$@"\n';
        await Deno.writeTextFile(`${folder}/${bin}/prlimit`, real, { mode: 0o755 });
        const { stdout } = await assay("run", "held", "--json");
        assertEquals(JSON.parse(stdout).attempts[0].verdict, "pass", stdout);
        assertEquals(started(), ["prlimit"]);
      });
    },
  );
}
