import { assertEquals, assertStringIncludes } from "@std/assert";
import { projectRoot, run, textOf, withFolder } from "../support.ts";

Deno.test("deno task test:std says what is missing of the checkout, and tests nothing", () =>
  withFolder(async (folder) => {
    const { code, stdout, stderr } = await run(
      [Deno.execPath(), "run", "-A", "--quiet", `${projectRoot}tests/tools/std.ts`],
      { cwd: projectRoot, env: { ...Deno.env.toObject(), ASSAY_STD: folder } },
    );
    assertEquals([code, textOf(stdout)], [2, ""]);
    const expected = `ASSAY_STD=${folder} has nothing where @std/path 1.1.6 is expected`;
    assertStringIncludes(textOf(stderr), expected);
  }));
