import { assertEquals } from "@std/assert";
import { withProject } from "../../tests/config_project.ts";
import { main } from "../cli/main.ts";
import type { Io } from "../io.ts";
import type { SandboxEngine } from "../plugin.ts";
import { programOf } from "../process/programs.ts";

/** A built-in engine that counts its probes. */
function counted(): { readonly engine: SandboxEngine; readonly asked: () => number } {
  let asked = 0;
  const probe = () => ({ works: true, detail: `asked ${++asked} times` });
  const engine: SandboxEngine = {
    name: "box",
    capabilities: ["network"],
    probe,
    wrap: (argv) => ["env", ...argv],
  };
  return { engine, asked: () => asked };
}

/** What assay with this one engine prints, in a process that keeps its permissions. */
async function printed(io: Io, engine: SandboxEngine, args: readonly string[]): Promise<string> {
  let text = "";
  const stdout = { write: (data: string | Uint8Array) => void (text += data), isTerminal: false };
  const quiet: Io = { ...io, args, stdout, revoke: () => {} };
  const builtins = {
    parsers: [],
    extensions: [],
    engines: [engine],
    annotators: [],
    runners: [],
    reportSchemas: {},
  };
  assertEquals(await main(quiet, "0", () => Promise.resolve(builtins)), 0);
  return text;
}

const files = { ".assay/commands.toml": '[commands.unit]\ncmd = "true"\nsandbox.network = "none"' };

Deno.test("doctor asks each time, and a run uses its answers", async () => {
  await withProject(files, async (root, real) => {
    const own = (name: string) => name === "XDG_CACHE_HOME" ? `${root}/cache` : real.env(name);
    const io = { ...real, env: own };
    const { engine, asked } = counted();
    const explain = ["sandbox", "explain", "unit", "--json", "--root", root];
    const doctor = ["sandbox", "doctor", "--json", "--root", root];
    await printed(io, engine, explain);
    await printed(io, engine, explain);
    assertEquals(asked(), 1);
    assertEquals(JSON.parse(await printed(io, engine, doctor)).engines[0].detail, "asked 2 times");
    const { dimensions, argv } = JSON.parse(await printed(io, engine, explain));
    assertEquals(dimensions[0].enforced_by, "box");
    const [env, shell] = [await programOf(io, "env"), await programOf(io, "sh")];
    assertEquals([argv[0], ...argv.slice(-3)], [env, shell, "-c", "true"]);
    assertEquals(asked(), 2);
  });
});
