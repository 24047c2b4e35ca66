import { assertMatch, assertRejects } from "@std/assert";
import { withFolder } from "../support.ts";
import { compile } from "./compile.ts";

Deno.test("a failed compilation says what deno said, and how to do without a download", async () => {
  await withFolder(async (folder) => {
    const deno = `${folder}/deno`;
    await Deno.writeTextFile(
      deno,
      "#!/bin/sh\necho 'error: no route to dl.deno.land' >&2\nexit 1\n",
    );
    await Deno.chmod(deno, 0o755);
    await Deno.writeTextFile(`${folder}/assay.js`, "");
    const before = Deno.env.get("ASSAY_COMPILE_DENO");
    Deno.env.set("ASSAY_COMPILE_DENO", deno);
    try {
      const error = await assertRejects(() => compile(`${folder}/assay.js`), Error);
      assertMatch(error.message, /no route to dl\.deno\.land/);
      assertMatch(error.message, /hint: .*ASSAY_COMPILE_DENO.*DENORT_BIN/);
    } finally {
      if (before === undefined) Deno.env.delete("ASSAY_COMPILE_DENO");
      else Deno.env.set("ASSAY_COMPILE_DENO", before);
    }
  });
});
