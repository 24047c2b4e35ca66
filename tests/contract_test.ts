import { assertEquals } from "@std/assert";
import { projectRoot, textOf } from "./support.ts";

Deno.test("contract: everything a plugin author imports is documented (deno doc --lint)", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", "src/plugin.ts"],
    cwd: projectRoot,
    env: { NO_COLOR: "1" },
    stdout: "null",
  }).output();
  assertEquals(code, 0, textOf(stderr));
});
