import { assertEquals, assertMatch } from "@std/assert";
import { withServedPlugin } from "../../../tests/served_plugin.ts";
import { parseMessage } from "./message.ts";

const passing = `noise before
##teamcity[testSuiteStarted name='Math']
##teamcity[testStarted name='adds']
##teamcity[testFinished name='adds' duration='12']
##teamcity[testIgnored name='later' message='not yet']
##teamcity[testSuiteFinished name='Math']
`;

const failing = `##teamcity[testStarted name='breaks']
##teamcity[testFailed name='breaks' message='expected |'a|', got |'b|'' details='at x.php:3']
##teamcity[testFinished name='breaks']
`;

const command = (name: string, cmd: string) =>
  `[commands.${name}]\nkind = "test"\nformat = "teamcity"\ncmd = "${cmd}"\n`;

const files = {
  "passing.log": passing,
  "failing.log": failing,
  "cut.log": passing + "##teamcity[testStarted name='crashes']\n",
  "torn.log": passing + "##teamcity[testStarted na",
  "empty.log": "nothing here\n",
};

const commands = Object.keys(files).map((file) =>
  command(file.replace(".log", ""), file === "failing.log" ? `cat ${file}; exit 1` : `cat ${file}`)
).join("\n");

Deno.test("teamcity: reports become tests, and what is not whole is not a pass", () =>
  withServedPlugin(new URL(".", import.meta.url).pathname, files, async ({ root, url, assay }) => {
    await assay(0, "plugin", "add", url("teamcity.ts"));
    await Deno.writeTextFile(`${root}/.assay/commands.toml`, commands);

    const passed = (await assay(0, "run", "passing", "--json")).json.attempts[0];
    assertEquals(passed.tests, {
      total: 2,
      passed: 1,
      failed: 0,
      errored: 0,
      skipped: 1,
      flaky: 0,
    });
    const failed = (await assay(1, "run", "failing", "--json")).json.attempts[0];
    assertEquals(failed.reasons[0].code, "tests_failed");
    assertMatch((await assay(0, "diagnose")).stdout, /expected 'a', got 'b'/);
    const reason = async (name: string) =>
      (await assay(3, "run", name, "--json")).json.attempts[0].reasons[0].code;
    assertEquals(await reason("cut"), "report_truncated");
    assertEquals(await reason("torn"), "report_malformed");
    assertEquals(await reason("empty"), "no_tests");
  }));

Deno.test("teamcity: escapes", () => {
  assertEquals(parseMessage("##teamcity[x a='|n|r|'|||[|]|0x0041' b='']"), {
    name: "x",
    values: { a: "\n\r'|[]A", b: "" },
  });
  assertEquals(parseMessage("no message"), undefined);
  assertEquals(parseMessage("##teamcity[progressMessage 'half']"), undefined);
  assertEquals(parseMessage("##teamcity[x a='b]"), "malformed");
});
