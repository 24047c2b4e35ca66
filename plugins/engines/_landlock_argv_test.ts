import { assertEquals } from "@std/assert";
import { confineVerb } from "../../src/process/confine_verb.ts";
import { realIo } from "../../src/real_io.ts";
import { run, testUnless, textOf, withFolder } from "../../tests/support.ts";
import { confinedArgv } from "./_landlock_argv.ts";

const missing = Deno.build.os === "linux" ? undefined : "it works on Linux alone";
const own = { HOME: "/home/me", PATH: "/bin" };
const starter = (...self: string[]) => ({
  self,
  env: (name: string) => (own as Record<string, string>)[name],
});

Deno.test("landlock argv: assay, its verb, the order, the command", () => {
  const argv = confinedArgv(starter("/bin/assay"), { a: 1 }, ["sh", "-c", "x"], own);
  assertEquals(argv, ["/bin/assay", confineVerb, '{"a":1}', "--", "sh", "-c", "x"]);
});

Deno.test("landlock argv: a Deno reads assay from assay's cache, the command has its own", () => {
  const deno = ["/bin/deno", "run", "main.ts"];
  const call = [...deno, confineVerb, "{}", "--"];
  const env = ["/usr/bin/env", "DENO_DIR=/home/me/.cache/deno"];
  const made = (environment: Record<string, string>) =>
    confinedArgv(starter(...deno), {}, ["x"], environment);
  assertEquals(made(own), [...call, "x"]);
  assertEquals(made({ PATH: "/bin" }), [...env, ...call, "/usr/bin/env", "-u", "DENO_DIR", "x"]);
  assertEquals(
    made({ ...own, DENO_DIR: "cache" }),
    [...env, ...call, "/usr/bin/env", "DENO_DIR=cache", "x"],
  );
  assertEquals(
    made({ ...own, XDG_CACHE_HOME: "/other" }),
    [...env, ...call, "/usr/bin/env", "-u", "DENO_DIR", "x"],
  );
});

Deno.test("landlock argv: what may be a password is not shown", () => {
  const environment = { ...own, DENO_AUTH_TOKENS: "secret", NODE_AUTH_TOKEN: "secret" };
  const argv = confinedArgv(starter("/bin/assay"), {}, ["x"], environment);
  assertEquals(argv.join(" ").includes("secret"), false);
});

testUnless(
  missing,
  "landlock argv: no variable of the command has code run before it is confined",
  () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(
        `${folder}/hook.cjs`,
        'require("node:fs").writeSync(1, "hooked\\n");',
      );
      const { self, env } = realIo();
      const environment = {
        PATH: env("PATH")!,
        HOME: env("HOME") ?? "/",
        DENO_DIR: `${folder}/cache`,
        NODE_OPTIONS: `--require ${folder}/hook.cjs`,
      };
      const said = async (argv: readonly string[]) => {
        const { stdout } = await run(argv, { cwd: folder, env: environment });
        return textOf(stdout);
      };
      const command = ["sh", "-c", 'echo "$NODE_OPTIONS $DENO_DIR"'];
      const line = `${environment.NODE_OPTIONS} ${environment.DENO_DIR}\n`;
      const control = await said([...self, confineVerb, "{}", "--", ...command]);
      assertEquals(control.replace("hooked\n", ""), line);
      assertEquals(control.includes("hooked"), true, "the hook must work, or nothing is proved");
      await Deno.remove(`${folder}/cache`, { recursive: true });
      assertEquals(await said(confinedArgv({ self, env }, {}, command, environment)), line);
      assertEquals(await Deno.stat(`${folder}/cache`).then(() => true, () => false), false);
    }),
);
