import { assertEquals, assertRejects } from "@std/assert";
import type { ConfigTable } from "../../src/plugin.ts";
import { aSpec, services } from "./_testing.ts";
import { prepare, validate } from "./platform.ts";

const by = (table: ConfigTable, lent = services()) => prepare(aSpec({ platform: table }), lent);

Deno.test("platform: nothing said, nothing changed", async () => {
  assertEquals(await by({}), aSpec({ platform: {} }));
});

Deno.test("platform: cwd is relative to the root", async () => {
  assertEquals((await by({ cwd: "a/b" })).cwd, "/project/a/b");
  assertEquals((await by({ cwd: "." })).cwd, "/project");
});

const shells: readonly (readonly [string | string[], string[]])[] = [
  ["bash", ["bash", "-c"]],
  ["bash -euo pipefail", ["bash", "-euo", "pipefail", "-c"]],
  [" bash  -c ", ["bash", "-c"]],
  ["bash -euc", ["bash", "-euc"]],
  ["-c", ["-c", "-c"]],
  [["bash"], ["bash", "-c"]],
  [["bash", "-eu"], ["bash", "-eu", "-c"]],
  [["my shell", "-c"], ["my shell", "-c"]],
  [["pwsh", "-Command"], ["pwsh", "-Command"]],
  ["node --eval", ["node", "--eval"]],
];

for (const [given, expected] of shells) {
  Deno.test(`platform: the shell ${JSON.stringify(given)}`, async () => {
    assertEquals((await by({ shell: given })).shell, expected);
  });
}

Deno.test("platform: nice comes before the wrappers, and those before what was there", async () => {
  const spec = aSpec({ platform: { nice: -5, wrapper: [["a", "b c"], ["d"]] } });
  spec.wrappers.push(["inner"]);
  assertEquals((await prepare(spec, services())).wrappers, [
    ["nice", "-n", "-5"],
    ["a", "b c"],
    ["d"],
    ["inner"],
  ]);
  assertEquals((await by({ wrapper: ["time", "-p"] })).wrappers, [["time", "-p"]]);
});

Deno.test("platform: validate finds everything at once, each sentence with its key", () => {
  const good = [
    { cwd: "a/../b", shell: "zsh", nice: 19, wrapper: ["a"], container: "alpine:3" },
    { shell: ["zsh"], nice: -20, wrapper: [["a"], ["b"]], container: { image: "a" } },
  ];
  for (const table of good) assertEquals(validate(table), []);
  assertEquals(
    validate({ cwd: "..", shell: "", nice: 20, wrapper: [], container: "-v", dir: 1 }),
    [
      "dir is not a key of this table; its keys are cwd, shell, nice, wrapper, container",
      'cwd must stay inside the project: ".."',
      "shell must not be empty",
      "nice must be a whole number from -20 to 19",
      "wrapper must not be empty",
      "container must be the name of an image",
    ],
  );
  assertEquals(
    validate({ cwd: "/a", shell: 1, nice: 1.5, wrapper: "time", container: {} }),
    [
      'cwd must be relative to the project\'s root: "/a"',
      "shell must be a string or a list",
      "nice must be a whole number from -20 to 19",
      "wrapper must be a list of strings",
      "container.image must be the name of an image",
    ],
  );
  assertEquals(
    validate({ cwd: 1, shell: ["a", ""], nice: "5", wrapper: [["a"], "b", []], container: 1 }),
    [
      "cwd must be a non-empty string",
      "shell[1] must be a non-empty string",
      "nice must be a whole number from -20 to 19",
      "wrapper[1] must be a list of strings",
      "wrapper[2] must not be empty",
      "container must be the name of an image",
    ],
  );
  assertEquals(
    validate({
      container: { image: "a b", runtime: 1, volumes: "x", args: [""], init: "no", port: 1 },
    }),
    [
      "container.port is not a key of this table; its keys are image, runtime, network, user, workdir, volumes, args, init",
      "container.image must be the name of an image",
      "container.runtime must be a non-empty string",
      "container.volumes must be a list of strings",
      "container.args[0] must be a non-empty string",
      "container.init must be true or false",
    ],
  );
});

Deno.test("platform: a table that was not checked before is checked", async () => {
  const error = await assertRejects(() => by({ nice: 99 }), Error);
  assertEquals(error.message, "nice must be a whole number from -20 to 19");
});
