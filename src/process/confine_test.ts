import { assert, assertEquals, assertMatch } from "@std/assert";
import { run, testUnless, textOf, withFolder } from "../../tests/support.ts";
import { realIo } from "../real_io.ts";
import { confineVerb } from "./confine_verb.ts";

const missing = Deno.build.os === "linux" ? undefined : "it works on Linux alone";
const environment = { PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "/" };

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls the verb; `around` is put before it. */
async function confined(
  order: string,
  argv: readonly string[],
  around: readonly string[] = [],
): Promise<Said> {
  const call = [...around, ...realIo().self, confineVerb, order, "--", ...argv];
  const { code, stdout, stderr } = await run(call, { cwd: "/", env: environment });
  return { code, stdout: textOf(stdout), stderr: textOf(stderr) };
}

const noWriting = (paths: readonly string[]) =>
  JSON.stringify({
    landlock: {
      fs: ["write_file", "make_reg"],
      net: [],
      scopes: [],
      rules: [[["write_file", "make_reg"], paths]],
    },
  });

/** BPF: every call is allowed (`ret ALLOW`), and no program at all (an unknown instruction). */
const allowing = btoa("\x06\0\0\0\0\0\xff\x7f");
const broken = btoa("\xff\xff\0\0\0\0\0\0");

testUnless(
  missing,
  "confine: it becomes the program, its words and environment as they are",
  async () => {
    const words = ["a b", "'", '"', "", "--", "ü", "line\nbreak"];
    const said = await confined("{}", ["sh", "-c", 'printf "%s|" "$@"; exit 7', "sh", ...words]);
    assertEquals(said, { code: 7, stdout: words.map((word) => `${word}|`).join(""), stderr: "" });
    const env = await confined("{}", ["env"]);
    const names = env.stdout.trim().split("\n").map((line) => line.split("=")[0]);
    assertEquals(names.toSorted(), ["HOME", "PATH"]);
  },
);

testUnless(
  missing,
  "confine: the program finds signals, privileges and descriptors as they should be",
  async () => {
    const status = ["cat", "/proc/self/status"];
    const read = (text: string, name: string) =>
      new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(text)?.[1];
    const { stdout } = await confined("{}", status);
    // Signals from 32 on belong to the C library, and are inherited from what started the tests.
    const standard = (name: string) => BigInt(`0x${read(stdout, name)}`) & 0x7fff_ffffn;
    assertEquals([standard("SigBlk"), standard("SigIgn")], [0n, 0n]);
    for (const name of ["CapInh", "CapPrm", "CapEff", "CapAmb"]) {
      assertEquals(read(stdout, name), "0".repeat(16), name);
    }
    assertEquals(read(stdout, "NoNewPrivs"), "1");
    assertEquals(read(stdout, "Seccomp"), "0");
    const filtered = await confined(JSON.stringify({ seccomp: allowing }), status);
    assertEquals(read(filtered.stdout, "Seccomp"), "2", filtered.stderr);
  },
);

testUnless(missing, "confine: descriptors that assay did not open stay outside", async () => {
  const around = ["sh", "-c", 'exec 7</etc/passwd; exec "$@"', "sh"];
  const reads = ["sh", "-c", "cat <&7 >/dev/null"];
  const control = await run([...around, ...reads], { cwd: "/", env: environment });
  assertEquals(control.code, 0);
  assert((await confined("{}", reads, around)).code !== 0);
});

testUnless(
  missing,
  "confine: what is not there is no rule, and costs nothing else",
  () =>
    withFolder(async (folder) => {
      await Deno.mkdir(`${folder}/in`);
      const line = `: > ${folder}/in/a && ! (: > ${folder}/b)`;
      const order = noWriting([`${folder}/in`, `${folder}/nothing`, "/etc/passwd/x"]);
      const said = await confined(order, ["sh", "-c", line]);
      assertEquals(said.code, 0, said.stderr);
      assertEquals((await confined("{}", ["sh", "-c", line])).code, 1);
    }),
);

testUnless(missing, "confine: a program that is missing or not a program", async () => {
  const absent = await confined("{}", ["assay-no-such-program"]);
  assertEquals(absent.code, 127);
  assertEquals(
    absent.stderr,
    "assay: confine: cannot run assay-no-such-program: No such file or directory\n",
  );
  assertEquals((await confined("{}", ["/etc/passwd"])).code, 126);
});

const refused: Readonly<Record<string, string>> = {
  "no JSON": "{",
  "no table": "[]",
  "an unknown key": '{"landlok":{}}',
  "a key missing": '{"landlock":{"fs":["write_file"],"net":[],"scopes":[]}}',
  "an unknown right": noWriting(["/"]).replaceAll("make_reg", "make_regular"),
  "a right given back that was not taken": JSON.stringify({
    landlock: { fs: ["make_reg"], net: [], scopes: [], rules: [[["write_file"], ["/"]]] },
  }),
  "nothing to hold": '{"landlock":{"fs":[],"net":[],"scopes":[],"rules":[]}}',
  "a path with a zero byte": noWriting(["/a\0b"]),
  "half an instruction": JSON.stringify({ seccomp: btoa("\x06\0\0") }),
  "an empty filter": '{"seccomp":""}',
  "no base64": '{"seccomp":"%"}',
  "a filter the kernel does not take": JSON.stringify({ seccomp: broken }),
};

for (const [what, order] of Object.entries(refused)) {
  testUnless(missing, `confine: ${what} runs nothing`, async () => {
    const said = await confined(order, ["echo", "ran"]);
    assertEquals({ code: said.code, stdout: said.stdout }, { code: 125, stdout: "" }, said.stderr);
    assertMatch(said.stderr, /^assay: confine: .+\n$/);
  });
}

testUnless(missing, "confine: a call of another shape runs nothing", async () => {
  const { self } = realIo();
  const calls = [[], ["{}"], ["{}", "--"], ["{}", "echo", "ran"], ["--", "echo", "ran"]];
  for (const args of calls) {
    const { code, stdout } = await run([...self, confineVerb, ...args], {
      cwd: "/",
      env: environment,
    });
    assertEquals({ code, stdout: textOf(stdout) }, { code: 125, stdout: "" });
  }
});

testUnless(
  missing,
  "confine: nothing of the working directory is read or written",
  () =>
    withFolder(async (folder) => {
      for (const name of ["deno.json", "package.json", ".env", "libc.so.6", ".npmrc"]) {
        await Deno.writeTextFile(`${folder}/${name}`, "{ nonsense");
      }
      const before = [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
      const call = [...realIo().self, confineVerb, "{}", "--", "/bin/echo", "ran"];
      // Without a home Deno has no cache; it must not make one here.
      const { stdout, stderr } = await run(call, { cwd: folder, env: {} });
      assertEquals(textOf(stdout), "ran\n", textOf(stderr));
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).toSorted(), before);
    }),
);
