/** A plugin's modules are files of the project or lie next to its entry; no other file is read for it. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { build, load, project, refused } from "./_testing.ts";

const secret = "hunter2-and-more";

/** Writes a file with a secret outside of the project, and says where. */
function outside(root: string, name: string, text: string): string {
  const path = `${root}/../${name}`;
  Deno.mkdirSync(path.replace(/\/[^/]*$/, ""), { recursive: true });
  Deno.writeTextFileSync(path, text);
  return Deno.realPathSync(path);
}

Deno.test("local files: what lies outside of the project is refused unread, however it is named", async () => {
  using it = project();
  const creds = outside(it.root, "creds.json", `{"token":"${secret}"}`);
  const plain = outside(it.root, "secret", secret);
  const beside = outside(it.root, "project-two/creds.json", `"${secret}"`);
  it.write("inner/x.js", "");
  Deno.symlinkSync(creds, `${it.root}/inner/link.json`);
  Deno.symlinkSync(creds.replace(/\/[^/]*$/, ""), `${it.root}/inner/folder`);
  const json = 'with { type: "json" }';
  const imports = [
    `import x from "file://${creds}" ${json}`,
    `import x from "../../creds.json" ${json}`,
    `import x from "./..%2f../creds.json" ${json}`,
    `import x from "./link.json" ${json}`,
    `import x from "./folder/creds.json" ${json}`,
    `import x from "../../project-two/creds.json" ${json}`,
    `import x from "file://${beside}" ${json}`,
    `export default () => import("../../creds.json", { with: { type: "json" } })`,
    `import "file://${plain}"`,
    `import "./through.js"`,
  ];
  it.write("inner/through.js", `export { default } from "../../creds.json" ${json};`);
  for (const code of imports) {
    it.write("inner/x.js", code);
    const error = await refused(build(it, "./inner/x.js"), "module_file_outside");
    assert(!`${error.message} ${error.hint}`.includes("hunter2"), error.message);
    assertStringIncludes(error.message, code.includes("through") ? "through.js" : "inner/x.js");
  }
  const text = encodeURIComponent(`import x from "file://${creds}" ${json}; export default x;`);
  await refused(build(it, `data:text/javascript,${text}`), "module_file_outside");
});

Deno.test("local files: what is in the project or next to an entry elsewhere is imported", async () => {
  using it = project();
  it.write("data/a.json", `"a"`);
  it.write("plugins/x.js", `export { default } from "../data/a.json" with { type: "json" };`);
  assertEquals((await load(await build(it, "./plugins/x.js"))).default, "a");

  const entry = outside(
    it.root,
    "elsewhere/entry.js",
    `import b from "./lib/b.json" with { type: "json" };
    import a from "file://${it.root}/data/a.json" with { type: "json" }; export default a + b;`,
  );
  outside(it.root, "elsewhere/lib/b.json", `"b"`);
  outside(it.root, "above.js", "export default 1;");
  for (const url of [`file://${entry}`, "../elsewhere/entry.js"]) {
    assertEquals((await load(await build(it, url))).default, "ab");
  }
  Deno.writeTextFileSync(entry, `import "../above.js";`);
  await refused(build(it, `file://${entry}`), "module_file_outside");
  Deno.symlinkSync(it.root, `${it.root}/../alias`);
  const aliased = { ...it, root: `${it.root}/../alias` };
  assertEquals((await load(await build(aliased, "./plugins/x.js"))).default, "a");
});

Deno.test("local files: a graph built before is not used once a file of it lies outside", async () => {
  using it = project();
  const moved = outside(it.root, "part.js", "export default 1;");
  it.write("x.js", `export { default } from "./part.js";`);
  it.write("part.js", "export default 1;");
  await build(it, "./x.js");
  Deno.removeSync(`${it.root}/part.js`);
  Deno.symlinkSync(moved, `${it.root}/part.js`);
  const error = await refused(build(it, "./x.js"), "module_file_outside");
  assertStringIncludes(error.message, moved);

  // One entry, two projects: what the one built is not for the other.
  const part = "export default 2;";
  it.write("own.js", part);
  const text = encodeURIComponent(`export { default } from "file://${it.root}/own.js";`);
  const url = `data:text/javascript,${text}`;
  assertEquals((await load(await build(it, url))).default, 2);
  const other = `${it.root}/../other`;
  Deno.mkdirSync(other);
  await refused(build({ ...it, root: other }, url), "module_file_outside");
});

Deno.test("local files: an entry that is no module does not show what it holds", async () => {
  using it = project();
  const file = outside(it.root, "passwd", secret);
  const error = await refused(build(it, `file://${file}`), "module_not_js");
  assert(!error.message.includes("hunter2"), error.message);
});
