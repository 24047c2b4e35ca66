import { type Project, sabotage } from "./suite.ts";

const head = 'import { test } from "node:test";\nimport assert from "node:assert";\n';
const honest = 'test("adds", () => assert.equal(1 + 1, 2));\ntest("sums", () => {});\n';
const fails = 'test("fails", () => assert.equal(1, 2));\n';

const project: Project = {
  name: "node:test",
  probe: ["node", "--test-reporter=junit", "--version"],
  files: { "cart.test.mjs": head + honest },
  command: "node --test --test-reporter=junit --test-reporter-destination=report.xml",
  report: "report.xml",
  format: "junit-xml",
  failing: { "cart.test.mjs": head + honest + fails },
  selectNothing: "--test-name-pattern=nothing",
  sabotages: [
    { name: "a suite without tests", files: { "cart.test.mjs": head } },
    {
      name: "the only file is not collected",
      files: { "cart.test.mjs": null, "cart.tests.mjs": head + honest },
    },
    {
      name: "process.exit(0) before the tests",
      files: { "cart.test.mjs": `${head}process.exit(0);\n${honest}${fails}` },
    },
    {
      name: "process.exit(0) after the tests are declared",
      files: { "cart.test.mjs": `${head}${honest}${fails}process.exit(0);\n` },
    },
    {
      name: "process.exit(0) in the first test",
      files: { "cart.test.mjs": `${head}test("first", () => process.exit(0));\n${fails}` },
    },
    {
      name: "process.exit(0) in the second test",
      files: { "cart.test.mjs": `${head}${honest}test("last", () => process.exit(0));\n${fails}` },
    },
    {
      name: "process.reallyExit(0) in a test",
      files: { "cart.test.mjs": `${head}test("first", () => process.reallyExit(0));\n${fails}` },
    },
    {
      name: "an exit handler that says 0",
      files: {
        "cart.test.mjs": `${head}process.on("exit", () => process.reallyExit(0));\n${fails}`,
      },
    },
    {
      name: "all are skipped",
      files: { "cart.test.mjs": `${head}test.skip("adds", () => {});\n` },
    },
    {
      name: "a failing suite is skipped",
      files: {
        "cart.test.mjs":
          `${head}import { describe } from "node:test";\ndescribe.skip("cart", () => { ${fails} });\n`,
      },
    },
    {
      name: "all are to do, and fail",
      files: { "cart.test.mjs": `${head}test.todo("adds", () => assert.equal(1, 2));\n` },
    },
    {
      name: "a folder without tests",
      command:
        "node --test --test-reporter=junit --test-reporter-destination=report.xml none/ || true",
    },
  ],
};

sabotage(project);
