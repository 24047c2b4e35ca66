/**
 * No verb that only looks runs code of the repository, trusted or not: each is called on the worst plugin tables,
 * whose code leaves a mark. That the mark is left when a verb loads what was trusted is the control.
 *
 * @module
 */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname } from "@std/path";
import { builtins } from "../../plugins/mod.ts";
import { main } from "../../src/cli/main.ts";
import { verbs } from "../../src/cli/verbs.ts";
import type { Output } from "../../src/io.ts";
import { realIo } from "../../src/real_io.ts";
import { isolatedEnv, projectRoot, withFolder } from "../support.ts";

/** A repository that its user cloned, and what its plugin did. */
interface Clone {
  readonly root: string;
  /** Runs assay in it; `env` is added to the environment. */
  assay(args: readonly string[], env?: Record<string, string>): Promise<Answer>;
  /** How often code of its plugin ran or something was asked of its server since the last call. */
  marks(): number;
}

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Leaves its mark when it is imported. */
const plugin = (mark: string) =>
  `Deno.writeTextFileSync(${JSON.stringify(mark)}, "x", { append: true });` +
  ` export default { name: "bad", extensions: [{ name: "bad", configKey: "bad", prepare: (spec) => spec }],` +
  ` annotators: [{ name: "bad", eager: false, shouldAnnotate: () => false, annotate() {} }] };`;

/** The worst tables: what each says of the plugin. `host` serves it, `mark` is the file that it writes. */
const tables: Readonly<Record<string, (host: string, mark: string, root: string) => string>> = {
  'isolation = "none"': () => 'url = "./p.js"\nisolation = "none"',
  "run = true": (_, mark) =>
    `url = "./p.js"\npermissions = { run = true, read = ["${dirname(mark)}"], write = ["${
      dirname(mark)
    }"] }`,
  "http: on loopback": (host) => `url = "http://${host}/p.js"\nisolation = "none"`,
  "data:": (_, mark) => `url = '''data:text/javascript,${plugin(mark)}'''\nisolation = "none"`,
  "file:": (_, __, root) => `url = "file://${root}/p.js"\nisolation = "none"`,
  "npm:": (host) =>
    `url = "npm:p@1.0.0"\nisolation = "none"\n[modules]\nnpm = "http://${host}/npm/"`,
  "jsr:": (host) =>
    `url = "jsr:@a/p@1.0.0"\nisolation = "none"\n[modules]\njsr = "http://${host}/jsr/"`,
};

/** Calls that look, each with its first word as the table of verbs has it. */
const looks: readonly (readonly string[])[] = [
  ["init"],
  ["gate"],
  ["diagnose"],
  ["report"],
  ["report", "--reporter", "json"],
  ["inspect", "check:1"],
  ["history"],
  ["explain", "check"],
  ["doctor"],
  ["sandbox", "doctor"],
  ["sandbox", "explain", "check"],
  ["plugin", "list"],
  ["plugin", "list", "--json"],
  ["plugin"],
  ["trust", "--show"],
  ["trust"],
  ["parse", "tap", "missing"],
  ["schema", "run"],
  ["completions", "bash"],
  ["store", "rebuild"],
  ["hook", "install"],
  ["hook", "status"],
  ["hook", "uninstall"],
  ["hook", "restore"],
  ...[
    ["run"],
    ["run", "check"],
    ["plugin", "remove"],
    ["inspect"],
    ["verify", "--only"],
    ["diagnose"],
  ].map((words) => ["__complete", "--", ...words, ""]),
  ["__complete", "--", "inspect", "--annotate="],
  ["help", "plugin"],
  ["verify", "--help"],
];

/** Calls that load: refused where nothing is trusted. */
const loads: readonly (readonly string[])[] = [
  ["verify"],
  ["run", "check"],
  ["run", "--", "true"],
  ["inspect", "check:1", "--annotate"],
  ["hook", "run", "pre-commit"],
  ["plugin", "check"],
  ["plugin", "update"],
  ["plugin", "update", "--yes"],
  ["plugin", "add", "./other.js"],
];

async function withClone(
  table: (host: string, mark: string, root: string) => string,
  body: (clone: Clone) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const [root, mark] = [`${folder}/clone`, `${folder}/marks/mark`];
    let asked = 0;
    const code = plugin(mark);
    const pages: Record<string, string> = {
      "/p.js": code,
      "/npm/p@1.0.0": code,
      "/jsr/@a/p/meta.json": JSON.stringify({ versions: { "1.0.0": {} } }),
      "/jsr/@a/p/1.0.0_meta.json": JSON.stringify({
        exports: { ".": "./p.js" },
        manifest: {
          "/p.js": {
            size: code.length,
            checksum: `sha256-${await realIo().sha256(new TextEncoder().encode(code))}`,
          },
        },
      }),
      "/jsr/@a/p/1.0.0/p.js": code,
    };
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      (request) => {
        asked++;
        const page = pages[new URL(request.url).pathname];
        const type = page?.startsWith("{") ? "application/json" : "text/javascript";
        return new Response(page ?? "", {
          status: page ? 200 : 404,
          headers: { "content-type": type },
        });
      },
    );
    const files = {
      "p.js": code,
      "other.js": 'export default { name: "other" };',
      ".assay/commands.toml": '[commands.check]\ncmd = "true"\n',
    };
    for (const path of [`${root}/.assay`, `${folder}/home`, dirname(mark)]) {
      await Deno.mkdir(path, { recursive: true });
    }
    for (const [path, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${root}/${path}`, text);
    }
    const git = (...args: string[]) =>
      new Deno.Command("git", { args: ["-C", root, ...args], env: isolatedEnv(`${folder}/home`) })
        .output();
    await git("init", "--quiet");
    await git("add", "-A");
    await git("commit", "--quiet", "-m", "first");
    const clone: Clone = {
      root,
      assay: (args, env = {}) => called(args, root, { ...isolatedEnv(`${folder}/home`), ...env }),
      marks() {
        const written = readMark(mark);
        const sum = written + asked;
        asked = 0;
        if (written > 0) Deno.removeSync(mark);
        return sum;
      },
    };
    // There is something to look at, of the time before the plugin.
    assertEquals((await clone.assay(["run", "check"])).code, 0);
    await Deno.writeTextFile(
      `${root}/.assay/config.toml`,
      `[[plugin]]\n${table(`127.0.0.1:${server.addr.port}`, mark, root)}\n`,
    );
    await Deno.writeTextFile(
      `${root}/.assay/commands.toml`,
      '[commands.check]\ncmd = "true"\nbad = { on = true }\n',
    );
    await body(clone);
  });
}

function readMark(file: string): number {
  try {
    return Deno.readTextFileSync(file).length;
  } catch {
    return 0;
  }
}

/** Runs assay in this process: the verbs are many. */
async function called(
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<Answer> {
  const texts = { stdout: "", stderr: "" };
  const capture = (name: keyof typeof texts): Output => ({
    isTerminal: false,
    write(data) {
      texts[name] += typeof data === "string" ? data : new TextDecoder().decode(data);
    },
  });
  const io = {
    ...realIo(),
    args,
    cwd,
    env: (name: string) => env[name],
    environment: () => env,
    ask: () => Promise.resolve(undefined),
    stdout: capture("stdout"),
    stderr: capture("stderr"),
    revoke: () => {},
  };
  const code = await main(io, "0", () => Promise.resolve(builtins));
  return { code, ...texts };
}

/** How often the plugin ran, by call. */
async function marksOf(
  clone: Clone,
  calls: readonly (readonly string[])[],
): Promise<Record<string, number>> {
  const rows: Record<string, number> = {};
  for (const args of calls) {
    const { code, stderr } = await clone.assay(args);
    assert(code !== 70, `assay ${args.join(" ")}: ${stderr}`);
    rows[args.join(" ")] = clone.marks();
  }
  return rows;
}

const nothing = (calls: readonly (readonly string[])[]) =>
  Object.fromEntries(calls.map((args) => [args.join(" "), 0]));

Deno.test("consent: every verb and every part of one is in the tables", () => {
  const parts = (calls: readonly (readonly string[])[]) =>
    calls.map(([verb, part]) => `${verb} ${part}`);
  const seen = [...parts(looks), ...parts(loads), "plugin remove"];
  for (const { name, parts = [], loads: row } of verbs) {
    if (parts.length === 0) assert([...looks, ...loads].some(([verb]) => verb === name), name);
    for (const part of parts) assert(seen.includes(`${name} ${part.name}`), `${name} ${part.name}`);
    const inTable = loads.filter(([verb]) => verb === name);
    assertEquals(inTable.length > 0, row !== undefined, name);
  }
});

for (const [name, table] of Object.entries(tables)) {
  Deno.test(`consent: nothing looks at ${name} by running it`, () =>
    withClone(table, async (clone) => {
      assertEquals(await marksOf(clone, looks), nothing(looks), "not trusted");
      for (const args of loads) {
        const { code, stderr } = await clone.assay(args);
        assertEquals([code, clone.marks()], [2, 0], `${args.join(" ")}: ${stderr}`);
        assertMatch(stderr, /Refusing to load the plugin/);
        assert(!stderr.includes("--yes"), stderr);
      }
      assertStringIncludes(
        (await clone.assay(["plugin", "list", "--json"])).stdout,
        '"not_trusted"',
      );
      const wrong = await clone.assay(["run", "check", "--trust", "0".repeat(64)]);
      assertEquals([wrong.code, clone.marks()], [2, 0]);

      // The control: what was trusted is run, by the digest and by the record.
      const { digest } = JSON.parse((await clone.assay(["trust", "--show", "--json"])).stdout);
      assertEquals(clone.marks(), 0);
      assertEquals((await clone.assay(["trust", "--trust", digest])).code, 0);
      // Before anything is loaded: this process imports a module of its own once.
      assertEquals(await marksOf(clone, looks), nothing(looks), "trusted");
      const ran = await clone.assay(["run", "check"]);
      assertEquals(ran.code, 0, ran.stderr);
      assertMatch(ran.stderr, /wrote \.assay\/lock\.json/);
      assert(clone.marks() > 0, `nothing ran: ${ran.stderr}`);

      const hinted = await clone.assay(["plugin", "list"]);
      assertStringIncludes(hinted.stdout, "trusted; loaded when a check runs");
      assertMatch(hinted.stdout, /extension\s+bad/);
      // A worker is started again whenever something of its plugin is called.
      if (name === "run = true") {
        assertEquals(await marksOf(clone, looks), nothing(looks), "trusted and locked");
      }
      const again = await clone.assay(["verify", "--json"]);
      assert(again.code !== 2, again.stderr);

      const { digest: now } = JSON.parse((await clone.assay(["trust", "--show", "--json"])).stdout);
      assertEquals((await clone.assay(["trust", "--revoke"])).code, 0);
      assertEquals((await clone.assay(["run", "check"])).code, 2);
      assertEquals((await clone.assay(["run", "check"], { ASSAY_TRUST: now })).code, 0);
      assertEquals((await clone.assay(["run", "check"])).code, 2, "a digest is for one call");
      clone.marks();
      assertEquals((await clone.assay(["plugin", "remove", "bad"])).code, 0);
      assertEquals(clone.marks(), 0);
    }));
}

Deno.test("consent: only the loading of a call imports what starts plugins", async () => {
  const allowed: Record<string, readonly string[]> = {
    "modules/mod.ts": ["src/commands/_loading.ts"],
    "modules/host.ts": ["src/modules/mod.ts"],
    "commands/_loading.ts": ["src/cli/main.ts"],
  };
  const importers: Record<string, string[]> = {};
  for (
    const folder of [
      "src",
      "src/cli",
      "src/commands",
      "src/modules",
      "src/run",
      "src/config",
      "src/hook",
    ]
  ) {
    for await (const { name } of Deno.readDir(projectRoot + folder)) {
      if (!/(?<!_test)\.ts$/.test(name) || name === "_testing.ts") continue;
      const text = await Deno.readTextFile(`${projectRoot}${folder}/${name}`);
      const values = text.replaceAll(/import type [^;]*;/g, "");
      for (const [, address] of values.matchAll(/(?:from|import\()\s*"(\.[^"]*)"/g)) {
        const target = new URL(address!, `file:///${folder}/${name}`).pathname.replace(
          /^\/src\//,
          "",
        );
        if (target in allowed) (importers[target] ??= []).push(`${folder}/${name}`);
      }
    }
  }
  assertEquals(importers, allowed);
});
