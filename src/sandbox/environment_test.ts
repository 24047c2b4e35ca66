import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { inheritedEnvironment, isSecretName } from "./environment.ts";

const outer = {
  PATH: "/bin",
  HOME: "/h",
  LC_ALL: "C",
  LANG: "C",
  TMPDIR: "/t",
  NPM_CONFIG_CACHE: "c",
  NPMX: "x",
  GH_TOKEN: "t",
  PATHS: "p",
  ASSAY_RUN_DIR: "/r",
};

Deno.test("all is inherited unless the sandbox says otherwise", () => {
  assertEquals(inheritedEnvironment(outer), outer);
  assertEquals(inheritedEnvironment(outer, "inherit"), outer);
});

Deno.test("clean keeps what every program needs", () => {
  assertEquals(Object.keys(inheritedEnvironment(outer, "clean")), [
    "PATH",
    "HOME",
    "LC_ALL",
    "LANG",
    "TMPDIR",
  ]);
});

Deno.test("a list keeps what it names as well, a last * stands for any ending", () => {
  const kept = inheritedEnvironment(outer, ["NPM_*", "GH_TOKEN", "NOT_SET", "ASSAY_*"]);
  assertEquals(Object.keys(kept), [
    "PATH",
    "HOME",
    "LC_ALL",
    "LANG",
    "TMPDIR",
    "NPM_CONFIG_CACHE",
    "GH_TOKEN",
  ]);
});

const name = fc.oneof(
  fc.constantFrom(...Object.keys(outer), "ASSAY_X"),
  fc.stringMatching(/^[A-Z_]{1,6}$/),
);
const pattern = fc.tuple(name, fc.boolean()).map(([text, isOpen]) => isOpen ? `${text}*` : text);

Deno.test("what is inherited is unchanged, named or basic, and never an outer assay's", () => {
  const basic = /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TERM|COLUMNS|TMPDIR)$/;
  fc.assert(
    fc.property(fc.dictionary(name, fc.string()), fc.array(pattern), (environment, list) => {
      const kept = inheritedEnvironment(environment, list);
      for (const [name, value] of Object.entries(environment)) {
        const isNamed = list.some((each) =>
          each.endsWith("*") ? name.startsWith(each.slice(0, -1)) : each === name
        );
        const expected = !name.startsWith("ASSAY_") && (isNamed || basic.test(name));
        assertEquals(kept[name], expected ? value : undefined, name);
      }
      assertEquals(
        inheritedEnvironment(environment, "clean"),
        inheritedEnvironment(environment, []),
      );
    }),
  );
});

Deno.test("names of secrets are known", () => {
  const secrets = [
    "GH_TOKEN",
    "npm_config__authToken",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "DB_PASSWORD",
    "PGPASSWORD",
    "MYSQL_PWD",
    "SSH_PASSPHRASE",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "STRIPE_APIKEY",
    "STRIPE_API_KEY",
    "OPENAI_KEY",
    "PRIVATE",
    "COOKIE",
    "SESSION",
    "GITHUB_PAT",
    "DATABASE_URL",
    "MONGODB_URI",
    "SENTRY_DSN",
    "SLACK_WEBHOOK_URL",
    "https_proxy",
    "SMTP_PASS",
  ];
  for (const name of secrets) assert(isSecretName(name), name);
  const harmless = ["PATH", "PWD", "OLDPWD", "KEYBOARD", "PATTERN", "HOME_URL", "CI", "LC_ALL"];
  for (const name of harmless) assert(!isSecretName(name), name);
});
