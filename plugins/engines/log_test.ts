import { assertEquals } from "@std/assert";
import { runHeld } from "./_testing.ts";
import { log } from "./log.ts";

Deno.test("log: nothing is enforced, and it says what would have been", async () => {
  const { stdout, said } = await runHeld(log, { network: "none", tmpfs: ["/a b"] }, "echo on");
  assertEquals([stdout, log.capabilities], ["on\n", []]);
  assertEquals(said, [
    'dry run, nothing was enforced; declared: network = "none", tmpfs = ["/a b"]',
  ]);
});

Deno.test("log: the argv stays as it is", async () => {
  const argv = ["sh", "-c", "a && b"];
  assertEquals(await log.wrap(argv, {}, {} as Parameters<typeof log.wrap>[2]), argv);
});
