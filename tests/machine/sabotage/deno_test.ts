import { type Project, sabotage } from "./suite.ts";

const honest = 'Deno.test("adds", () => {});\nDeno.test("sums", () => {});\n';
const fails = 'Deno.test("fails", () => { throw new Error("no"); });\n';
const command = "deno test --quiet --allow-all --junit-path=report.xml";

const project: Project = {
  name: "deno",
  probe: [Deno.execPath(), "--version"],
  files: { "deno.json": "{}\n", "cart_test.ts": honest },
  command,
  report: "report.xml",
  format: "junit-xml",
  failing: { "cart_test.ts": honest + fails },
  selectNothing: "--filter nothing",
  sabotages: [
    { name: "a suite without tests", files: { "cart_test.ts": "export {};\n" } },
    {
      name: "the only file is not collected",
      files: { "cart_test.ts": null, "cart_tests.ts": honest + fails },
    },
    {
      name: "no file is permitted",
      command: `${command} --permit-no-files`,
      files: { "cart_test.ts": null, "cart_tests.ts": honest + fails },
    },
    {
      name: "the configuration leaves all out",
      command: `${command} --permit-no-files`,
      files: {
        "deno.json": '{ "test": { "exclude": ["**/*"] } }\n',
        "cart_test.ts": honest + fails,
      },
    },
    {
      name: "Deno.exit(0) before the tests",
      files: { "cart_test.ts": `Deno.exit(0);\n${honest}${fails}` },
    },
    {
      name: "Deno.exit(0) after the tests are declared",
      files: { "cart_test.ts": `${honest}${fails}Deno.exit(0);\n` },
    },
    {
      name: "Deno.exit(0) in a test",
      files: { "cart_test.ts": `${honest}Deno.test("exits", () => Deno.exit(0));\n${fails}` },
    },
    {
      name: "Deno.exit(0) in a test that may",
      files: {
        "cart_test.ts":
          `${honest}Deno.test({ name: "exits", sanitizeExit: false, fn: () => Deno.exit(0) });\n${fails}`,
      },
    },
    {
      name: "process.exit(0) in a test",
      files: {
        "cart_test.ts":
          `import process from "node:process";\n${honest}Deno.test({ name: "exits", sanitizeExit: false, fn: () => process.exit(0) });\n${fails}`,
      },
    },
    {
      name: "it kills itself and || true",
      command: `${command} || true`,
      files: {
        "cart_test.ts":
          `${honest}Deno.test("dies", () => Deno.kill(Deno.pid, "SIGKILL"));\n${fails}`,
      },
    },
    {
      name: "Deno.exit(0) at unload",
      files: {
        "cart_test.ts":
          `globalThis.addEventListener("unload", () => Deno.exit(0));\n${honest}${fails}`,
      },
    },
    {
      name: "all are ignored",
      files: { "cart_test.ts": 'Deno.test.ignore("fails", () => { throw new Error("no"); });\n' },
    },
    {
      name: "only one, and others fail",
      files: { "cart_test.ts": `Deno.test.only("adds", () => {});\n${fails}` },
    },
    { name: "--no-run", command: `${command} --no-run`, files: { "cart_test.ts": honest + fails } },
    {
      name: "type checks alone",
      command: "deno check .",
      files: { "cart_test.ts": honest + fails },
    },
    {
      name: "it does not compile, || true",
      command: `${command} || true`,
      files: { "cart_test.ts": 'const x: number = "x";\nDeno.test("adds", () => {});\n' },
    },
    {
      name: "a failing hook, || true",
      command: `${command} || true`,
      files: {
        "cart_test.ts": `Deno.test.beforeAll(() => { throw new Error("no"); });\n${honest}`,
      },
    },
  ],
};

sabotage(project);
