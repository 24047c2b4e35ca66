import { assertEquals } from "@std/assert";
import { installCommand, moduleOf, programOf } from "./doctor.ts";

Deno.test("assignments before a command are not taken for its program", () => {
  assertEquals(programOf("NODE_OPTIONS=--experimental-vm-modules node jest.js"), "node");
  assertEquals(programOf("PATH=\"$PWD/.venv/bin:$PATH\" A='b c' ruff check"), "ruff");
  assertEquals(programOf("A= B=c\\ d ./run.sh"), "./run.sh");
  assertEquals(programOf("  deno test"), "deno");
  assertEquals(programOf("make"), "make");
  assertEquals(programOf("A=1; make"), undefined);
  assertEquals(programOf("$TOOL --check"), undefined);
  assertEquals(programOf("A=1"), undefined);
});

Deno.test("a module that Python is asked to run is a tool of its own", () => {
  assertEquals(moduleOf("python3 -m pytest -q"), "python3 -m pytest");
  assertEquals(moduleOf("A=1 .venv/bin/python -m mypy"), ".venv/bin/python -m mypy");
  assertEquals(moduleOf("python3 manage.py test"), undefined);
  assertEquals(moduleOf("pytest -m slow"), undefined);
});

Deno.test("what installs a tool is of the package managers that are there, and never a guess", () => {
  assertEquals(installCommand("bwrap", ["npm", "apt-get"]), "apt-get install -y bubblewrap");
  assertEquals(installCommand("pytest", ["pip", "npm"]), "pip install pytest");
  assertEquals(installCommand("eslint", ["apt-get", "npm"]), "npm install --save-dev eslint");
  assertEquals(installCommand("eslint", ["apt-get"]), undefined);
  assertEquals(installCommand("our-own-tool", ["apt-get", "npm", "pip"]), undefined);
  assertEquals(installCommand("toString", ["apt-get"]), undefined);
});
