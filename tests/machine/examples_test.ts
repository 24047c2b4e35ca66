/**
 * The examples, run for real: on copies, with the tools a user would have. Where a tool is not
 * installed the test is ignored and says which.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  copyExample,
  isolatedEnv,
  isOnPath,
  projectRoot,
  run,
  runAssay,
  testUnless,
  textOf,
  withFolder,
} from "../support.ts";

/** Debian's own tools first: a `python3` of pyenv's would not see Debian's Django. */
const path = `/usr/bin:${Deno.env.get("PATH")}`;

interface Result {
  readonly code: number;
  readonly run: {
    readonly recommendation: string;
    readonly attempts: readonly {
      readonly name: string;
      readonly verdict: string;
      readonly reasons: readonly { readonly code: string; readonly message: string }[];
      readonly tests: { readonly total: number; readonly failed: number };
    }[];
  };
}

interface Copy {
  readonly folder: string;
  readonly env: Record<string, string>;
  verify(...args: string[]): Promise<Result>;
  /** Replaces text in a file of the copy; the text must be there. */
  replace(file: string, from: string, to: string): Promise<void>;
  /** Runs another program in the copy; it must succeed. */
  must(...argv: string[]): Promise<string>;
}

function withCopy(example: string, body: (copy: Copy) => Promise<void>): Promise<void> {
  return withFolder(async (parent) => {
    const folder = `${parent}/copy`;
    await copyExample(example, folder);
    const env = isolatedEnv(`${parent}/home`, `${parent}/bin:${path}`);
    const options = { cwd: folder, env };
    await body({
      folder,
      env,
      async verify(...args) {
        const { code, stdout, stderr } = await runAssay(["verify", "--json", ...args], options);
        if (stdout.length === 0) throw new Error(`exit ${code}: ${textOf(stderr)}`);
        return { code, run: JSON.parse(textOf(stdout)) };
      },
      async replace(file, from, to) {
        const text = await Deno.readTextFile(`${folder}/${file}`);
        assertStringIncludes(text, from);
        await Deno.writeTextFile(`${folder}/${file}`, text.replace(from, to));
      },
      async must(...argv) {
        const { code, stdout, stderr } = await run(argv, options);
        assertEquals(code, 0, `${argv.join(" ")}: ${textOf(stderr)}${textOf(stdout)}`);
        return textOf(stdout);
      },
    });
  });
}

/** Verdicts and their first reasons by runner, to compare in one go. */
function verdicts({ run }: Result): Record<string, string> {
  const entries = run.attempts.map(({ name, verdict, reasons }) => [
    name,
    `${verdict} ${reasons[0]?.code}`,
  ]);
  return Object.fromEntries(entries.toSorted());
}

function testsOf({ run }: Result, id: string) {
  return run.attempts.find((runner) => runner.name === id)?.tests;
}

const denoPasses = {
  deno_check: "pass ok",
  deno_fmt: "pass ok",
  deno_lint: "pass ok",
  deno_test: "pass ok",
};

Deno.test("examples/deno-app is ready for review", () =>
  withCopy("deno-app", async (copy) => {
    const result = await copy.verify();
    assertEquals(verdicts(result), denoPasses);
    assertEquals(testsOf(result, "deno_test")?.total, 10);
    assertEquals([result.code, result.run.recommendation], [0, "ready_for_review"]);
  }));

Deno.test("examples/deno-app with a broken test: continue fixing, with file and line", () =>
  withCopy("deno-app", async (copy) => {
    await copy.replace("src/cart_test.ts", "total: 1600", "total: 1601");
    const result = await copy.verify();
    assertEquals(verdicts(result), { ...denoPasses, deno_test: "fail tests_failed" });
    assertEquals([result.code, result.run.recommendation], [1, "continue_fixing"]);
    const { stdout } = await runAssay(["diagnose", "--json"], { cwd: copy.folder, env: copy.env });
    const [first] = JSON.parse(textOf(stdout)).diagnoses;
    const source = await Deno.readTextFile(`${copy.folder}/src/cart_test.ts`);
    const assertion = source.split("\n").findIndex((line) => line.includes("total: 1601")) + 1;
    assertEquals([first.file, first.line], ["src/cart_test.ts", assertion]);
  }));

Deno.test("examples/deno-app with a truncated report is blocked", () =>
  withCopy("deno-app", async (copy) => {
    await Deno.mkdir(`${copy.folder}/.assay`, { recursive: true });
    const runner = {
      id: "deno_test",
      kind: "test",
      detect_file: "deno.json",
      command: "deno test --junit-path=full.tmp && head -c 900 full.tmp > {{result_file}}",
      result_file: ".assay/runs/{{run_id}}/report.xml",
      result_format: "junit-xml",
    };
    await Deno.writeTextFile(
      `${copy.folder}/.assay/plugins.json`,
      `${JSON.stringify({ name: "cut", runners: [runner] }, null, 2)}\n`,
    );
    const result = await copy.verify();
    assertEquals(verdicts(result), { ...denoPasses, deno_test: "unknown report_truncated" });
    assertEquals([result.code, result.run.recommendation], [3, "blocked"]);
  }));

Deno.test("examples/deno-app with a lint error and one of types: both are reported", () =>
  withCopy("deno-app", async (copy) => {
    await Deno.writeTextFile(`${copy.folder}/src/extra.ts`, 'export const count: number = "x";\n');
    await Deno.writeTextFile(`${copy.folder}/src/loose.ts`, "export let loose: any;\n");
    const result = await copy.verify();
    assertEquals(verdicts(result), {
      ...denoPasses,
      deno_check: "fail exit_nonzero",
      deno_lint: "fail diagnostics_found",
    });
    assertEquals(result.code, 1);
  }));

function python(module: string): boolean {
  if (!isOnPath("python3", path)) return false;
  const args = ["-c", `import ${module}`];
  const env = { PATH: path };
  return new Deno.Command("/usr/bin/env", { args: ["python3", ...args], env, stderr: "null" })
    .outputSync().success;
}

const missingPython = ["django", "pytest", "pytest_django", "flake8"]
  .filter((module) => !python(module));
const missingDjango = missingPython.length > 0
  ? `needs ${missingPython.join(", ")} for Python`
  : undefined;

const djangoPasses = {
  django_lint: "pass ok",
  django_migrations: "pass ok",
  django_pytest: "pass ok",
};

testUnless(
  missingDjango,
  "examples/plugins/django: a migrated project is ready for review",
  () =>
    withCopy("plugins/django/project", async (copy) => {
      await copy.must("python3", "manage.py", "migrate", "-v0");
      const result = await copy.verify();
      assertEquals(verdicts(result), djangoPasses);
      assertEquals(testsOf(result, "django_pytest")?.total, 6);
      assertEquals([result.code, result.run.recommendation], [0, "ready_for_review"]);
      copy.env["SKIP_SLOW"] = "1";
      assertEquals(testsOf(await copy.verify(), "django_pytest")?.total, 5);
    }),
);

testUnless(
  missingDjango,
  "examples/plugins/django: each runner sees what is its own to see",
  () =>
    withCopy("plugins/django/project", async (copy) => {
      await copy.must("python3", "manage.py", "migrate", "-v0");
      await copy.replace("shop/models.py", "max_length=80", "max_length=90");
      await copy.replace("shop/models.py", "self.price * quantity", "self.price");
      await copy.replace("shop/settings.py", "from pathlib", "import os\nfrom pathlib");
      const result = await copy.verify();
      assertEquals(verdicts(result), {
        django_lint: "fail exit_nonzero",
        django_migrations: "fail exit_nonzero",
        django_pytest: "fail tests_failed",
      });
      assertEquals(result.code, 1);
    }),
);

testUnless(
  missingDjango,
  "examples/plugins/django: a module that cannot be imported is not a pass",
  () =>
    withCopy("plugins/django/project", async (copy) => {
      await copy.replace("tests/test_product.py", "import pytest", "import pytest\nimport absent");
      const result = await copy.verify("--only", "django_pytest");
      assertEquals(testsOf(result, "django_pytest")?.failed, 0);
      assertEquals(verdicts(result)["django_pytest"]?.startsWith("fail "), true);
    }),
);

testUnless(
  missingDjango ??
    (python("pytest_jsonreport") ? "not where pytest-json-report is there" : undefined),
  "examples/plugins/django: without pytest-json-report the plugin is never green",
  () =>
    withCopy("plugins/django/project", async (copy) => {
      const plugin = `${projectRoot}examples/plugins/django/plugins.json`;
      await Deno.copyFile(plugin, `${copy.folder}/.assay/plugins.json`);
      const result = await copy.verify("--only", "django_pytest");
      assertEquals(result.run.recommendation === "ready_for_review", false);
      assertEquals(verdicts(result)["django_pytest"]?.startsWith("pass"), false);
    }),
);

const missingRubyTools = ["rspec", "rubocop"].filter((tool) => !isOnPath(tool, path));
const missingRuby = missingRubyTools.length > 0
  ? `needs ${missingRubyTools.join(", ")} on PATH`
  : undefined;

/** Debian names Bundler after its Ruby; a user's machine has `bundle`. */
async function withBundler(copy: Copy): Promise<void> {
  const bin = `${copy.folder}/../bin`;
  await Deno.mkdir(bin);
  if (isOnPath("bundle", path)) return;
  const versioned = Array.from(Deno.readDirSync("/usr/bin"), ({ name }) => name)
    .find((name) => /^bundle\d/.test(name));
  if (versioned) await Deno.symlink(`/usr/bin/${versioned}`, `${bin}/bundle`);
}

function withRailsCopy(body: (copy: Copy) => Promise<void>): Promise<void> {
  return withCopy("plugins/rails/project", async (copy) => {
    await withBundler(copy);
    const plugin = `${projectRoot}examples/plugins/rails/plugins.json`;
    await Deno.copyFile(plugin, `${copy.folder}/.assay/plugins.json`);
    // Each runner would write Gemfile.lock; a user has it before.
    await copy.must("bundle", "lock", "--local");
    await body(copy);
  });
}

testUnless(
  missingRuby,
  "examples/plugins/rails: specs and style are ready for review",
  () =>
    withRailsCopy(async (copy) => {
      const result = await copy.verify();
      assertEquals(verdicts(result), { rails_rspec: "pass ok", rails_rubocop: "pass ok" });
      assertEquals(testsOf(result, "rails_rspec")?.total, 4);
      assertEquals([result.code, result.run.recommendation], [0, "ready_for_review"]);
      const { stdout } = await runAssay(["plugin", "list"], { cwd: copy.folder, env: copy.env });
      assertStringIncludes(textOf(stdout), "rails_db_migrate");
    }),
);

testUnless(
  missingRuby,
  "examples/plugins/rails: a broken spec and an offence are reported",
  () =>
    withRailsCopy(async (copy) => {
      await copy.replace("lib/invoice.rb", "@lines.sum(&:cents)", '@lines.sum(&:cents) + "1".to_i');
      const result = await copy.verify();
      assertEquals(verdicts(result)["rails_rspec"], "fail tests_failed");
      assertEquals(verdicts(result)["rails_rubocop"]?.startsWith("fail "), true);
      assertEquals(result.code, 1);
    }),
);

testUnless(
  missingRuby,
  "examples/plugins/rails: a spec that cannot be loaded is not a pass",
  () =>
    withRailsCopy(async (copy) => {
      await copy.replace("spec/invoice_spec.rb", "require 'invoice'", "require 'absent'");
      const result = await copy.verify("--only", "rails_rspec");
      assertEquals(verdicts(result), { rails_rspec: "fail collection_error" });
    }),
);
