import { assertEquals } from "@std/assert";
import { isOnPath, testUnless } from "../../support.ts";
import { picture, session, steadySession } from "../../tools/session.ts";

testUnless(
  isOnPath("script") ? undefined : "needs script, of util-linux",
  "the README's picture shows what a terminal shows, but for times and ids (deno task session)",
  async () => {
    const kept = await Deno.readTextFile(picture);
    assertEquals(steadySession(await session()), steadySession(kept));
  },
);
