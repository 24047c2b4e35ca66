import { assertEquals, assertStringIncludes } from "@std/assert";
import { baseUrlProblem, pluginUrlProblem, sameUrl } from "./plugin_url.ts";

Deno.test("addresses that a plugin may have", () => {
  for (
    const url of [
      "./x.ts",
      "./plugins/../x.js",
      "https://example.com/x.ts?a#b",
      "HTTPS://example.com/x.ts",
      "http://localhost/x.ts",
      "http://127.0.0.1:8000/x.ts",
      "http://127.1.2.3/x.ts",
      "http://[::1]:1/x.ts",
      "file:///srv/x.ts",
      "data:text/javascript,export default { name: 'x' }",
      "jsr:@scope/name",
      "jsr:@scope/name@^1.2/mod.ts",
      "jsr:/@scope/name@1",
      "npm:name",
      "npm:@scope/name@1.0.0/x.js",
    ]
  ) assertEquals(pluginUrlProblem(url), undefined, url);
});

Deno.test("addresses that it may not have, each with a reason and without the parting semicolon", () => {
  const rows: [string, string][] = [
    ["", "a file of the project"],
    ["x.ts", 'did you mean "./x.ts"'],
    ["/x.ts", 'did you mean "file:///x.ts"'],
    ["../x.ts", "outside the project"],
    ["./a/../../x.ts", "outside the project"],
    ["./folder/", "a folder"],
    ["http://example.com/x.ts", "use https://example.com/x.ts"],
    ["http://127.0.0.1.example.com/x.ts", "use https://"],
    ["http://localhost.example.com/x.ts", "use https://"],
    ["http://0.0.0.0/x.ts", "use https://"],
    ["https://user@example.com/x.ts", "user name"],
    ["http://user:pw@localhost/x.ts", "user name"],
    ["https://", "not a valid URL"],
    ["https://example.com/a b", "spaces"],
    ["file://host/x.ts", "file:///"],
    ["node:fs", "not a scheme for plugins"],
    ["blob:x", "not a scheme for plugins"],
    ["javascript:alert(1)", "not a scheme for plugins"],
    ["jsr:name", "jsr:@scope/name@1"],
    ["jsr:@scope", "jsr:@scope/name@1"],
    ["npm:", "npm:name@1"],
    ["npm:@scope", "npm:name@1"],
  ];
  for (const [url, why] of rows) {
    const problem = pluginUrlProblem(url) ?? "";
    assertStringIncludes(problem, why);
    assertEquals(problem.includes("; "), false, url);
  }
});

Deno.test("a registry is reached by https:, or by http: on this machine", () => {
  assertEquals(baseUrlProblem("https://jsr.io"), undefined);
  assertEquals(baseUrlProblem("http://127.0.0.1:1/api/"), undefined);
  for (const url of ["jsr.io", "http://jsr.io", "file:///x", "https://a:b@jsr.io"]) {
    assertEquals(typeof baseUrlProblem(url), "string", url);
  }
});

Deno.test("two spellings of one address are the same", () => {
  assertEquals(sameUrl("./a/../x.js"), sameUrl("././x.js"));
  assertEquals(sameUrl("https://A.b:443/x#1"), sameUrl("https://a.b/x"));
  assertEquals(sameUrl("https://a.b/x") === sameUrl("https://a.b/X"), false);
  assertEquals(sameUrl("name"), "name");
});
