import { assert, assertEquals, assertMatch } from "@std/assert";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { defaultModuleSettings, type PluginSetting } from "../plugin_setting.ts";
import { realIo } from "../real_io.ts";
import { withFolder } from "../../tests/support.ts";
import { type Content, contentOf, digestOf } from "./content.ts";
import { changeTrust, readTrust, trustFile, trustStateOf } from "./trust.ts";

const content: Content = { sources: "a".repeat(64), plugins: {} };

function setting(url: string, other: Partial<PluginSetting> = {}): PluginSetting {
  return {
    url,
    permissions: { run: true },
    options: {},
    isolation: "worker",
    file: ".assay/config.toml",
    ...other,
  };
}

/** A project next to a home, and an Io with that home. */
async function withHome(
  body: (io: Io, root: string, file: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const env: Record<string, string> = { HOME: `${folder}/home` };
    await Deno.mkdir(`${folder}/home`);
    await Deno.mkdir(`${folder}/root`);
    const io: Io = { ...realIo(), env: (name) => env[name] };
    await body(io, `${folder}/root`, `${folder}/home/.local/share/assay/trust.json`);
  });
}

async function refusal(act: Promise<unknown>): Promise<string> {
  const error = await act.then(() => undefined, (error) => error);
  assert(error instanceof UserError, `it is not refused: ${error}`);
  assertEquals(error.code, "trust_unusable");
  return error.message;
}

Deno.test("trust is remembered by root, for its user alone, and forgotten", () =>
  withHome(async (io, root, file) => {
    assertEquals(await readTrust(io, root), undefined);
    await changeTrust(io, root, () => content);
    await changeTrust(io, "/other", () => content);
    assertEquals(await readTrust(io, root), content);
    assertEquals(await readTrust(io, `${root}/sub`), undefined);
    assertEquals(Deno.statSync(file).mode! & 0o777, 0o600);
    assertEquals(Deno.statSync(file.replace(/\/[^/]+$/, "")).mode! & 0o777, 0o700);
    await changeTrust(io, root, () => undefined);
    assertEquals(await readTrust(io, root), undefined);
    assertEquals(await readTrust(io, "/other"), content);
  }));

Deno.test("what others may write, own or broke is not believed, nor written over", () =>
  withHome(async (io, root, file) => {
    await changeTrust(io, root, () => content);
    for (const mode of [0o622, 0o660, 0o666]) {
      await Deno.chmod(file, mode);
      assertMatch(await refusal(readTrust(io, root)), /others can write it/);
      assertMatch(await refusal(changeTrust(io, root, () => content)), /others can write it/);
    }
    await Deno.chmod(file, 0o644);
    assertEquals(await readTrust(io, root), content);
    if (Deno.uid() === 0) {
      await Deno.chown(file, 65534, 65534);
      assertMatch(await refusal(readTrust(io, root)), /another user \(uid 65534\) owns it/);
      await Deno.chown(file, 0, 0);
      assertEquals(await readTrust(io, root), content);
    }
    await Deno.writeTextFile(file, '{"version":1,"roots":{"/":{}}}');
    assertMatch(await refusal(readTrust(io, root)), /not what assay wrote/);
    await Deno.writeTextFile(file, "{");
    assertMatch(await refusal(readTrust(io, root)), /cannot read/);
  }));

Deno.test("a home inside of the project is refused, through links too; one next to it is not", () =>
  withHome(async (io, root) => {
    const at = (env: Record<string, string>): Io => ({ ...io, env: (name) => env[name] });
    await Deno.mkdir(`${root}/data`);
    await Deno.symlink(`${root}/data`, `${root}-link`);
    await Deno.mkdir(`${root}-beside`);
    const inside = [{ XDG_DATA_HOME: `${root}/x` }, { HOME: root }, {
      XDG_DATA_HOME: `${root}-link/x`,
    }];
    for (const env of inside) {
      assertMatch(
        await refusal(trustFile(at(env), root)),
        /inside of the project/,
        JSON.stringify(env),
      );
    }
    assertMatch(await refusal(trustFile(at({}), root)), /HOME is not set/);
    assertEquals(
      await trustFile(at({ XDG_DATA_HOME: `${root}-beside`, HOME: root }), root),
      `${root}-beside/assay/trust.json`,
    );
    assertEquals(
      await trustFile(at({ XDG_DATA_HOME: "data", HOME: `${root}-beside` }), root),
      `${root}-beside/.local/share/assay/trust.json`,
      "a relative XDG_DATA_HOME does not count",
    );
  }));

Deno.test("a home inside of a repository around the project is refused; one that is a repository itself is not", () =>
  withHome(async (io, root) => {
    const at = (env: Record<string, string>): Io => ({ ...io, env: (name) => env[name] });
    await Deno.mkdir(`${root}/mono/app`, { recursive: true });
    const project = `${root}/mono/app`;
    const file = (env: Record<string, string>) => trustFile(at(env), project);
    const data = { XDG_DATA_HOME: `${root}/mono/.data` };
    assertEquals(await file(data), `${root}/mono/.data/assay/trust.json`);
    await Deno.mkdir(`${root}/mono/.git`);
    assertMatch(await refusal(file(data)), /inside of the repository .*mono,/);
    // As a submodule, too.
    await Deno.writeTextFile(`${project}/.git`, "gitdir: ../.git/modules/app");
    assertMatch(await refusal(file(data)), /inside of the repository .*mono,/);
    assertEquals(
      await file({ HOME: `${root}/mono` }),
      `${root}/mono/.local/share/assay/trust.json`,
    );
    assertEquals(await file({ XDG_DATA_HOME: root }), `${root}/assay/trust.json`);
  }));

Deno.test("processes that write at the same time lose nothing", () =>
  withHome(async (io, root, file) => {
    const script = `
      import { realIo } from "${new URL("../real_io.ts", import.meta.url)}";
      import { changeTrust } from "${new URL("./trust.ts", import.meta.url)}";
      const [name] = Deno.args;
      for (let each = 0; each < 10; each++) {
        await changeTrust(realIo(), "/" + name + each, () => (${JSON.stringify(content)}));
      }`;
    await Deno.writeTextFile(`${root}/script.ts`, script);
    const config = `--config=${new URL("../../deno.json", import.meta.url).pathname}`;
    const ends = await Promise.all(["a", "b", "c"].map((name) =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", "--no-check", config, `${root}/script.ts`, name],
        env: { HOME: io.env("HOME")!, XDG_DATA_HOME: "", DENO_DIR: denoDir() },
      }).output()
    ));
    assertEquals(
      ends.map(({ code }) => code),
      [0, 0, 0],
      new TextDecoder().decode(ends[0]!.stderr),
    );
    assertEquals(Object.keys(JSON.parse(await Deno.readTextFile(file)).roots).length, 30);
  }));

function denoDir(): string {
  return Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
}

Deno.test("content is tables, lock and the files of the graph; any change is another, and is shown", () =>
  withHome(async (io, root) => {
    const write = (path: string, text: string) => Deno.writeTextFile(`${root}/${path}`, text);
    const own = {
      ...io,
      env: (name: string) => name === "XDG_CACHE_HOME" ? `${root}-cache` : io.env(name),
    };
    const contentNow = (plugins = [setting("./p.js")], settings = defaultModuleSettings) =>
      contentOf(own, root, plugins, settings);
    await write("p.js", 'import "./a.js"; import "https://deno.land/x.js"; export default {};');
    await write("a.js", 'import "./b.json" with { type: "json" };');
    await write("b.json", "{}");
    await write("other.js", "");
    const first = await contentNow();
    assertEquals(Object.keys(first.plugins["./p.js"]!.modules).toSorted(), [
      "./a.js",
      "./b.json",
      "./p.js",
    ]);
    await changeTrust(io, root, () => first);
    const shown = async (content: Content) => {
      const trustState = await trustStateOf(io, root, content, undefined);
      return trustState.isTrusted ? [] : trustState.changes;
    };
    assertEquals(await shown(await contentNow()), []);
    await write("other.js", "1");
    assertEquals(await shown(await contentNow()), [], "no part of it");
    const url = "./p.js";
    assertEquals(await shown(await contentNow([setting(url, { options: { a: 1 } })])), [
      "./p.js: its [[plugin]] table changed",
    ]);
    assertEquals(await shown(await contentNow([setting(url), setting("./other.js")])), [
      "./other.js: it is new",
    ]);
    assertEquals(await shown(await contentNow([])), ["./p.js: it is gone"]);
    assertEquals(
      await shown(
        await contentNow([setting(url)], { ...defaultModuleSettings, npm: "https://x/" }),
      ),
      ["[modules]: where modules may come from changed"],
    );
    await write("b.json", "[]");
    assertEquals(await shown(await contentNow()), ["./p.js: ./b.json changed"]);
    await write("b.json", "{}");
    await write("a.js", 'import "./c.js";');
    await write("c.js", "");
    assertEquals(await shown(await contentNow()), [
      "./p.js: ./a.js changed",
      "./p.js: ./b.json is gone",
      "./p.js: ./c.js is new",
    ]);
    const changed = await contentNow();
    const { isTrusted } = await trustStateOf(io, root, changed, await digestOf(io, changed));
    assertEquals(
      [isTrusted, await readTrust(io, root)],
      [true, first],
      "a digest is not remembered",
    );
  }));
