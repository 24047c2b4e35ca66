/** `deno task eager`: renews the list of the functions that every run calls. See `_bundle_eager.ts`. */

import { git, makeProject } from "../bench/project.ts";
import { isolatedEnv, permissionFlags } from "../support.ts";
import { list, writeEager } from "./_bundle_eager.ts";
import { bundle } from "./bundle.ts";

const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "assay-eager-" }));
try {
  // What is on it already is no declaration in the bundle.
  await Deno.writeTextFile(list, "");
  const entry = await bundle(`${folder}/dist`);
  // With what costs the most to load: TOML, and a plugin that is a module.
  const files = {
    ".assay/config.toml": '[[plugin]]\nurl = "./plugin.js"\n[runners.job.named]\n',
    "plugin.js": "export default { name: 'named', extensions: " +
      "[{ name: 'named', configKey: 'named', prepare: (spec) => spec }] };\n",
  };
  await makeProject(`${folder}/project`, [{ id: "job", command: "true" }], files);
  await Deno.writeTextFile(`${folder}/project/README.md`, "# Another\n");
  await git(`${folder}/project`, ["add", "--all"]);
  const coverage = `${folder}/coverage`;
  const start = ["run", "--quiet", "--no-config", "--no-lock", `--coverage=${coverage}`];
  // The second run is like most: it finds what the first one left.
  for (const verb of [["verify"], ["verify"], ["hook", "run", "pre-commit"]]) {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: [...start, ...permissionFlags(), entry, ...verb],
      cwd: `${folder}/project`,
      env: isolatedEnv(`${folder}/home`),
      clearEnv: true,
    }).output();
    if (!success) throw new Error(`assay ${verb.join(" ")} failed`);
  }
  writeEager(coverage);
} finally {
  await Deno.remove(folder, { recursive: true });
}
