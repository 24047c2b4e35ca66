/** What `deno task release` writes. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import "ajv";
import "ajv-formats";
import "ajv-formats-draft2019";
import { isolatedEnv, projectRoot, run, testUnless, textOf, withFolder } from "../../support.ts";
import { bundle, scripts } from "../../tools/bundle.ts";
import { compile } from "../../tools/compile.ts";
import { chosenTargets } from "../../tools/release/mod.ts";
import { makeBinaries } from "../../tools/release/_binaries.ts";
import { targets } from "../../tools/release/_targets.ts";
import { versionProblems } from "../../tools/release/_version.ts";
import { copyProject, made, missingRuntime, noRegistry, removeMade } from "./made.ts";

Deno.test.afterAll(removeMade);

const read = (path: string) => Deno.readTextFile(path);

/** Runs `deno task release` of a project's folder. */
function releaseOf(root: string, args: readonly string[], env: Record<string, string> = {}) {
  const argv = [Deno.execPath(), "run", "-A", `${root}tests/tools/release/mod.ts`, ...args];
  return run(argv, { cwd: root, env: { ...isolatedEnv(`${root}../home`), ...env } });
}

Deno.test("release: another folder and another cache of Deno's give the same bytes", async () => {
  const { folder } = await made();
  await withFolder(async (work) => {
    const root = `${work}/deeper/than/the/first/project/`;
    await copyProject(root);
    const cache = isolatedEnv(work).DENO_DIR!;
    await new Deno.Command("cp", { args: ["-a", cache, `${work}/deno`] }).output();
    const { code, stderr } = await releaseOf(root, ["--no-binaries"], { DENO_DIR: `${work}/deno` });
    assertEquals(code, 0, textOf(stderr));
    for (const name of ["assay.js", "assay-0.1.0.tgz", "THIRD_PARTY_NOTICES.txt"]) {
      const [first, second] = [`${folder}/${name}`, `${root}dist/release/${name}`];
      assertEquals(await sha256(second), await sha256(first), name);
    }
  });
});

async function sha256(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(digest).toHex();
}

testUnless(missingRuntime, "release: a program compiled again has the same bytes", async () => {
  await withFolder(async (work) => {
    const programs: string[] = [];
    for (const place of ["one", "another/place"]) {
      await bundle(`${work}/${place}/dist`);
      programs.push(
        await compile(`${work}/${place}/dist/assay.js`, { program: `${work}/${place}/assay` }),
      );
    }
    assertEquals(await sha256(programs[0]!), await sha256(programs[1]!));
  });
});

Deno.test("release: SHA256SUMS has every file, and sha256sum agrees", async () => {
  const { folder } = await made();
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).toSorted();
  const sums = (await read(`${folder}/SHA256SUMS`)).trim().split("\n");
  const others = names.filter((name) => name !== "SHA256SUMS");
  assertEquals(sums.map((line) => line.split("  ")[1]!), others);
  const check = () =>
    run(["sha256sum", "--check", "--strict", "SHA256SUMS"], {
      cwd: folder,
      env: isolatedEnv(folder),
    });
  assertEquals((await check()).code, 0);
});

/** The components of a document by name and version. */
function components(text: string): string[] {
  const { components } = JSON.parse(text);
  return components.map((each: { group?: string; name: string; version: string }) =>
    `${each.group ? `${each.group}/` : ""}${each.name}@${each.version}`
  ).toSorted();
}

Deno.test("release: what it holds is reported in valid CycloneDX", async () => {
  const { folder } = await made();
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  const files = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  const documents = files.filter((name) => name.endsWith(".cdx.json"));
  assertEquals(documents.length, missingRuntime === undefined ? 2 : 1);
  for (const name of documents) {
    const text = await read(`${folder}/${name}`);
    assertEquals(await validator.validate(text), null, name);
    assert(await validator.validate(text.replace('"library"', '"librarian"')) !== null);
  }
});

testUnless(missingRuntime, "release: a program's document names the Deno it holds", async () => {
  const { folder } = await made();
  const [ofFile, ofProgram] = await Promise.all(
    ["assay", "assay-programs"].map(async (name) =>
      components(await read(`${folder}/${name}.cdx.json`))
    ),
  );
  const added = ofProgram!.filter((each) => !ofFile!.includes(each));
  assertEquals(added.length, 1);
  assertMatch(added[0]!, /^deno@\d/);
});

/** Lines of a package's own that are in no other text by chance: long, and of code. */
async function ownLines(folder: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("find", {
    args: [folder, "-name", "*.js", "-o", "-name", "*.mjs", "-o", "-name", "*.cjs"],
  }).output();
  const paths = textOf(stdout).split("\n").filter((path) => path !== "");
  const texts = await Promise.all(paths.map(read));
  const words = texts.flatMap((text) =>
    text.match(/"[^"\\\n]{24,80}"|\b[a-z]+[A-Z]\w{11,}\b/g) ?? []
  );
  return [...new Set(words)];
}

Deno.test("release: a package is listed when its code is in the bundle, and only then", async () => {
  const { folder, entry } = await made();
  const listed = components(await read(`${folder}/assay.cdx.json`));
  const bundle = entry.replace(/\/[^/]+$/, "");
  const text = (await Promise.all(scripts(bundle).map((name) => read(`${bundle}/${name}`)))).join(
    "\n",
  );
  const lock = JSON.parse(await read(`${projectRoot}deno.lock`));
  const locked = Object.keys(lock.npm).map((key) => key.split("_")[0]!);
  assertEquals(listed.filter((each) => !locked.includes(each)), []);
  // Each has a module in the bundle, by the bundler's own account; and the one file has the same modules.
  const single = await read(`${folder}/assay.js`);
  for (const each of locked) {
    const module = `// npm:${each.replace(/@([^@]+)$/, "/$1")}/`;
    assertEquals(text.includes(module), listed.includes(each), each);
    assertEquals(single.includes(module), listed.includes(each), each);
  }
  for (const name of ["valibot", "semver", "fast-xml-builder"]) {
    assert(listed.some((each) => each.startsWith(`${name}@`)), name);
  }
  // The account is true: of what is not listed there is no code.
  const cache = `${isolatedEnv("/").DENO_DIR}/npm/registry.npmjs.org`;
  for (const name of ["fast-check", "ajv", "saxes"]) {
    const [key] = locked.filter((each) => each.startsWith(`${name}@`));
    const lines = await ownLines(`${cache}/${key!.replace("@", "/")}`);
    const found = lines.filter((line) => text.includes(line));
    assert(
      lines.length > 20 && found.length < lines.length / 4,
      `${name}: ${found.length} of ${lines.length}`,
    );
  }
});

Deno.test("release: every bundled package's licence goes with it", async () => {
  const { folder } = await made();
  const notices = await read(`${folder}/THIRD_PARTY_NOTICES.txt`);
  for (const each of components(await read(`${folder}/assay.cdx.json`))) {
    const title = each.replace(/@([^@]+)$/, " $1 (");
    const [, after] = notices.split(`\n${title}`);
    assert(after !== undefined, each);
    assertMatch(after, /permission|Redistribution|Copyright/i);
  }
});

/** A `deno` that compiles for no one but writes what it was asked to. */
async function withCompiler(
  script: string,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/deno`, `#!/bin/sh\n${script}\n`);
    await Deno.chmod(`${folder}/deno`, 0o755);
    await body(folder);
  });
}

const offline = "echo 'error: no route to dl.deno.land' >&2; exit 1";

Deno.test("release: a program that was asked for and could not be made fails it, with the reason", () =>
  withCompiler(offline, async (folder) => {
    await copyProject(`${folder}/project`);
    const env = { ASSAY_COMPILE_DENO: `${folder}/deno` };
    const made = (...args: string[]) => releaseOf(`${folder}/project/`, args, env);
    const asked = await made("--target", "aarch64-apple-darwin");
    assertEquals(asked.code, 1, textOf(asked.stderr));
    assertMatch(textOf(asked.stdout), /^made +assay\.js /m);
    assertMatch(
      textOf(asked.stdout),
      /^not made +assay-aarch64-apple-darwin +no route to dl\.deno\.land$/m,
    );
    assertEquals(chosenTargets([]), { targets: [...targets], must: false });
    assertEquals(chosenTargets(["--all-targets"]), { targets: [...targets], must: true });
    const unknown = await made("--target", "vax");
    assertEquals(unknown.code, 1);
    assertStringIncludes(
      textOf(unknown.stderr),
      "there is no such machine; known are x86_64-unknown",
    );
  }));

Deno.test("release: a program for another machine than was asked for is not released", () =>
  withCompiler(
    'while [ "$1" != -o ]; do shift; done; cp "$(command -v env)" "$2"',
    async (folder) => {
      const before = Deno.env.get("ASSAY_COMPILE_DENO");
      Deno.env.set("ASSAY_COMPILE_DENO", `${folder}/deno`);
      try {
        await Deno.writeTextFile(`${folder}/assay.js`, "");
        const binaries = await makeBinaries(`${folder}/assay.js`, folder, targets);
        const made = binaries.filter(({ missing }) => missing === undefined);
        assertEquals(made.map(({ target }) => target.triple), [Deno.build.target]);
        assertMatch(binaries.find((each) => each !== made[0])!.missing!, /another machine/);
      } finally {
        if (before === undefined) Deno.env.delete("ASSAY_COMPILE_DENO");
        else Deno.env.set("ASSAY_COMPILE_DENO", before);
      }
    },
  ));

Deno.test("release: version, tag and changelog must agree", () => {
  const fits = {
    version: "1.2.0",
    program: "1.2.0",
    changelog: "# Changelog\n\n## 1.2.0\n",
    tags: ["v1.2.0"],
  };
  assertEquals(versionProblems(fits), []);
  assertMatch(versionProblems({ ...fits, tags: ["v1.2.1"] })[0]!, /the tag v1\.2\.1 is not of/);
  assertMatch(versionProblems({ ...fits, program: "1.1.0" })[0]!, /src\/version\.ts says 1\.1\.0/);
  assertMatch(versionProblems({ ...fits, changelog: "## 1.2" })[0]!, /no heading "## 1\.2\.0"/);
  const unreleased = { ...fits, changelog: "## 1.2.0 (unreleased)" };
  assertMatch(versionProblems(unreleased)[0]!, /unreleased/);
  assertEquals(versionProblems({ ...unreleased, tags: [] }), []);
});

Deno.test("release: on a tag of another version nothing is made", () =>
  withFolder(async (folder) => {
    const root = `${folder}/project/`;
    await copyProject(root);
    const env = { GITHUB_REF_TYPE: "tag", GITHUB_REF_NAME: "v9.9.9" };
    const { code, stderr } = await releaseOf(root, ["--no-binaries"], env);
    assertEquals(code, 1);
    assertStringIncludes(textOf(stderr), "the tag v9.9.9 is not of the version 0.1.0 in deno.json");
    assertEquals(await Deno.stat(`${root}dist`).then(() => true, () => false), false);
  }));

testUnless(
  noRegistry,
  "release: what npm would publish is the launcher, the bundle and the types",
  async () => {
    const { tarball } = await made();
    await withFolder(async (home) => {
      const argv = ["npm", "publish", "--dry-run", "--json", "--loglevel=error", tarball];
      const { code, stdout, stderr } = await run(argv, { cwd: home, env: isolatedEnv(home) });
      assertEquals(code, 0, textOf(stderr));
      const said = JSON.parse(textOf(stdout));
      const { files, name } = said.assay ?? said;
      assertEquals(name, "assay");
      const paths: string[] = files.map(({ path }: { path: string }) => path);
      const others = paths.filter((path) =>
        !/^dist\/[\w-]+\.js$|^types\/[\w/]+\.d\.ts$/.test(path)
      );
      assertEquals(others.toSorted(), [
        "LICENSE",
        "README.md",
        "THIRD_PARTY_NOTICES.txt",
        "bin/assay",
        "package.json",
      ]);
      const { mode } = files.find(({ path }: { path: string }) => path === "bin/assay");
      assertEquals(mode & 0o111, 0o111);
    });
  },
);

Deno.test("release: the package has no install scripts and one dependency", async () => {
  const { tarball } = await made();
  await withFolder(async (folder) => {
    await new Deno.Command("tar", { args: ["xzf", tarball, "-C", folder] }).output();
    const manifest = JSON.parse(await read(`${folder}/package/package.json`));
    assertEquals(manifest.scripts, undefined);
    assertEquals(manifest.dependencies, { deno: Deno.version.deno });
  });
});

Deno.test("the root's package.json says the same as deno.json and .ci/run", async () => {
  const manifest = JSON.parse(await read(`${projectRoot}package.json`));
  assertStringIncludes(await read(`${projectRoot}deno.json`), `"version": "${manifest.version}"`);
  assertStringIncludes(
    await read(`${projectRoot}.ci/run`),
    `deno_version=${manifest.peerDependencies.deno}\n`,
  );
});
