import { assertEquals } from "@std/assert";
import { realIo } from "./real_io.ts";
import { isolatedEnv, projectRoot, run, textOf, withFolder } from "../tests/support.ts";

/** What a worker of this source says first. */
function saidBy(source: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = realIo().startWorker(source, {}, {
      message(data) {
        worker.terminate();
        resolve(data);
      },
      died: (message) => reject(new Error(message)),
    });
  });
}

Deno.test("a worker's source arrives as it is, whatever characters it has", async () => {
  const text = "%41 # ? & + \\ \" ' ` \u00e9 \u{1f680} \u2028 \t <>{}|^[]";
  const source = `  // first line\n\tpostMessage([${
    JSON.stringify(text)
  }, \`\n\t${"\u00e9"} %\`]);  \n`;
  assertEquals(await saidBy(source), [text, "\n\t\u00e9 %"]);
});

Deno.test("a worker has no permission that it was not given", async () => {
  const names = ["read", "write", "net", "env", "run", "sys", "ffi", "import"];
  const granted = `${
    JSON.stringify(names)
  }.filter((name) => Deno.permissions.querySync({ name }).state === "granted")`;
  assertEquals(await saidBy(`postMessage(${granted})`), []);
});

const script = `
import { realIo } from "${projectRoot}src/real_io.ts";
const wanted = { net: ["a.example:443"], read: ["/"], env: true };
const missing = realIo().missing(wanted);
let refused;
try {
  realIo().startWorker("", wanted, { message() {}, died() {} });
} catch (error) {
  refused = [error.name, error.hint];
}
console.log(JSON.stringify({ missing, refused }));
Deno.exit(0);
`;

Deno.test("what a process is missing for a worker is reported, by the flags that would give it", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/script.js`, script);
    const flags = ["--allow-read", "--allow-net=b.example", "--no-prompt", "--quiet"];
    const config = `--config=${projectRoot}deno.json`;
    const argv = [Deno.execPath(), "run", config, ...flags, `${folder}/script.js`];
    const { stdout, stderr } = await run(argv, { cwd: folder, env: isolatedEnv(folder) });
    assertEquals(textOf(stderr), "");
    assertEquals(JSON.parse(textOf(stdout)), {
      missing: ["net", "env"],
      refused: ["UserError", "start assay with --allow-net --allow-env"],
    });
  }));
