import { assertEquals } from "@std/assert";
import { insideOf, outerEnvironment, startMark } from "./sandbox.ts";

Deno.test("inside: what differs from assay's own environment does not reach those outside", () => {
  const own = { PATH: "/bin", HOME: "/h", SAME: "1", TOKEN: "t" };
  const env = { PATH: "/v/bin:/bin", SAME: "1", LD_PRELOAD: "./evil.so", TMPDIR: "/t", "a-b": "x" };
  assertEquals(outerEnvironment(own, env), {
    env: {
      PATH: "/bin",
      SAME: "1",
      TMPDIR: "/t",
      ASSAY_INNER_PATH: "/v/bin:/bin",
      ASSAY_INNER_LD_PRELOAD: "./evil.so",
    },
    inner: ["PATH", "LD_PRELOAD"],
    dropped: ["a-b"],
  });
});

Deno.test("inside: the command finds its variables as they were, and no others", async () => {
  const folder = await Deno.makeTempDir({ prefix: "assay-inside-" });
  const awkward = `a "b" 'c' $HOME \`id\` \\ *\n${"\t"}end`;
  const env = { PATH: Deno.env.get("PATH")!, AWKWARD: awkward, IFS: "x", HOME: "/nowhere" };
  const outer = outerEnvironment({ PATH: env.PATH, HOME: "/root" }, env);
  const print = 'printf "%s|" "$AWKWARD" "$HOME"; env | grep -c -e ASSAY_INNER -e assay_name';
  const [program, ...args] = insideOf(["sh", "-c", print], outer, startMark(folder));
  const { stdout } = await new Deno.Command(program!, {
    args,
    env: { ...outer.env },
    clearEnv: true,
  }).output();
  assertEquals(new TextDecoder().decode(stdout), `${awkward}|/nowhere|0\n`);
  assertEquals((await Deno.stat(startMark(folder))).isFile, true);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("inside: without a place for its mark the command is not run", async () => {
  const [program, ...args] = insideOf(["echo", "ran"], { inner: [] }, "/nowhere/mark");
  const { code, stdout } = await new Deno.Command(program!, { args, stderr: "null" }).output();
  assertEquals([code, stdout.length], [125, 0]);
});
