import { assertEquals, assertMatch } from "@std/assert";
import { type PluginProject, withServedPlugin } from "../../../tests/served_plugin.ts";
import { inSingleQuotes } from "./shell.ts";

const commands = `
[commands.ok]
cmd = "echo one; printf two"
[commands.ok.timestamp]

[commands.fails]
cmd = "echo three; exit 7"
[commands.fails.timestamp]
format = "%Y"

[commands.off]
cmd = "echo four"
[commands.off.timestamp]
enabled = false

[commands.plain]
cmd = "echo five"
`;

function withTimestamp(body: (project: PluginProject) => Promise<void>): Promise<void> {
  return withServedPlugin(new URL(".", import.meta.url).pathname, {}, async (project) => {
    await project.assay(0, "plugin", "add", project.url("timestamp.ts"));
    await Deno.writeTextFile(`${project.root}/.assay/commands.toml`, commands);
    await body(project);
  });
}

Deno.test("timestamp: every line is stamped, and the exit code stays the command's", () =>
  withTimestamp(async ({ assay }) => {
    const { stdout } = await assay(0, "run", "ok");
    assertMatch(stdout, /^\[\d\d:\d\d:\d\d\] one\n\[\d\d:\d\d:\d\d\] two\n$/);
    const failed = await assay(1, "run", "fails", "--json");
    assertEquals(failed.json.attempts[0].exit_code, 7);
    assertMatch((await assay(1, "run", "fails")).stdout, /^\d{4} three\n$/);
    assertEquals((await assay(0, "run", "off")).stdout, "four\n");
    assertEquals((await assay(0, "run", "plain")).stdout, "five\n");
  }));

Deno.test("timestamp: what it stored is in the attempt", () =>
  withTimestamp(async ({ assay }) => {
    const [attempt] = (await assay(0, "run", "ok", "--json")).json.attempts;
    const { started, completed } = attempt.extension_data.timestamp;
    assertEquals(started, attempt.started_at);
    assertEquals(completed >= started, true);
    assertEquals(attempt.extensions[0].extension, "timestamp");
  }));

Deno.test("timestamp: a table it cannot use is refused with its place", () =>
  withTimestamp(async ({ root, assay }) => {
    await Deno.writeTextFile(
      `${root}/.assay/commands.toml`,
      '[commands.a]\ncmd = "true"\n[commands.a.timestamp]\nenabled = "yes"\nfromat = "%H"\n',
    );
    const { stderr } = await assay(2, "run", "a");
    assertMatch(stderr, /commands\.toml: line 4/);
    assertMatch(stderr, /enabled must be true or false/);
    assertMatch(stderr, /fromat is not known/);
  }));

Deno.test("timestamp: a format with quotes is one word", () => {
  assertEquals(inSingleQuotes("it's"), `'it'\\''s'`);
});
