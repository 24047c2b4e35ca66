import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { withProject } from "../../tests/config_project.ts";
import { UserError, UserErrors } from "../errors.ts";
import { readPluginConfig, withPlugin, writePluginConfig } from "./plugin_config.ts";

const toml = ".assay/config.toml";

Deno.test("without a file there are no plugins, and writing makes it", async () => {
  await withProject({ "x": "" }, async (root, io) => {
    const config = await readPluginConfig(io, root);
    assertEquals([config.file, config.text, config.plugins], [toml, undefined, []]);
    const text = await withPlugin(config, { url: "./x.js", permissions: {}, isolation: "worker" });
    assertEquals(
      text,
      '# Configuration of assay. Every key: assay schema config\n\n[[plugin]]\nurl = "./x.js"\n',
    );
    await writePluginConfig(io, root, config, text);
    assertEquals((await readPluginConfig(io, root)).plugins.map(({ url }) => url), ["./x.js"]);
  });
});

Deno.test("a byte order mark and a symbolic link stay", async () => {
  await withProject({ "real.toml": "\ufeff# x\n", ".assay/x": "" }, async (root, io) => {
    await Deno.symlink("../real.toml", `${root}/${toml}`);
    const config = await readPluginConfig(io, root);
    assertEquals(config.text, "# x\n");
    await writePluginConfig(io, root, config, "# y\n");
    assertEquals((await Deno.lstat(`${root}/${toml}`)).isSymlink, true);
    assertEquals(
      new TextDecoder("utf-8", { ignoreBOM: true }).decode(
        await Deno.readFile(`${root}/real.toml`),
      ),
      "\ufeff# y\n",
    );
  });
});

Deno.test("what somebody wrote in the meantime is not overwritten", async () => {
  await withProject({ [toml]: "# x\n" }, async (root, io) => {
    const config = await readPluginConfig(io, root);
    await Deno.writeTextFile(`${root}/${toml}`, "# theirs\n");
    const error = await assertRejects(
      () => writePluginConfig(io, root, config, "# mine\n"),
      UserError,
    );
    assertEquals([error.code, error.hint], ["config_changed", "do it again"]);
    assertEquals(await Deno.readTextFile(`${root}/${toml}`), "# theirs\n");
  });
  await withProject({ "x": "" }, async (root, io) => {
    const config = await readPluginConfig(io, root);
    await Deno.mkdir(`${root}/.assay`);
    await Deno.writeTextFile(`${root}/${toml}`, "");
    await assertRejects(() => writePluginConfig(io, root, config, "# mine\n"), UserError);
  });
});

Deno.test("what cannot be written is reported as such", async () => {
  await withProject({ [toml]: "# x\n" }, async (root, io) => {
    const config = await readPluginConfig(io, root);
    const denied = Object.assign(new Error("os error 13"), { code: "EACCES" });
    const fs = { ...io.fs, writeAtomic: () => Promise.reject(denied) };
    const error = await assertRejects(
      () => writePluginConfig({ ...io, fs }, root, config, "# y\n"),
      UserError,
    );
    assertEquals(error.message, "Cannot write .assay/config.toml: permission denied");
  });
});

Deno.test("all that is wrong in the file is reported, in the order of its lines", async () => {
  await withProject(
    { [toml]: '[[plugin]]\nurl = "x.js"\n[gates]\ntreshold = 1' },
    async (root, io) => {
      const { errors } = await assertRejects(() => readPluginConfig(io, root), UserErrors);
      assertEquals(errors.map(({ place }) => place.line), [2, 4]);
    },
  );
  await withProject({ [toml]: "", ".assay/config.json": "{}" }, async (root, io) => {
    const error = await assertRejects(() => readPluginConfig(io, root), UserError);
    assertStringIncludes(error.message, ".assay/config.toml exists too");
  });
});

Deno.test("changes to runners are not looked at: they may need the very plugin that is added", async () => {
  const text = '[[plugin]]\nurl = "./x.js"\n[runners.a.later]\nx = 1\n';
  await withProject({ [toml]: text }, async (root, io) => {
    const { plugins } = await readPluginConfig(io, root);
    assertEquals(plugins.map(({ url, line }) => [url, line]), [["./x.js", 1]]);
  });
});

Deno.test("what cannot be edited for sure is refused", async () => {
  await withProject({ [toml]: "" }, async (root, io) => {
    const config = await readPluginConfig(io, root);
    // TOML spells it otherwise.
    const plugin = { url: "./a.js", options: { most: NaN } };
    const error = await assertRejects(() => withPlugin(config, plugin), UserError);
    assertStringIncludes(error.message, "Cannot edit .assay/config.toml");
    assertStringIncludes(error.hint ?? "", "yourself");
  });
});
