/** Which program was not found, and how one gets it. */

import type { Attempt } from "../model.ts";

/** How to install the programs runners often need. */
const installs: Readonly<Record<string, string>> = {
  bundle: "gem install bundler",
  bun: "npm install -g bun",
  cargo: "https://rustup.rs",
  deno: "https://docs.deno.com/runtime/getting_started/installation",
  eslint: "npm install --save-dev eslint",
  flake8: "python3 -m pip install flake8",
  git: "your system's package manager",
  go: "https://go.dev/dl",
  "golangci-lint": "https://golangci-lint.run/docs/welcome/install",
  gradle: "https://gradle.org/install",
  jest: "npm install --save-dev jest",
  make: "your system's package manager",
  mvn: "https://maven.apache.org/install.html",
  mypy: "python3 -m pip install mypy",
  node: "https://nodejs.org/en/download",
  npm: "https://nodejs.org/en/download",
  npx: "https://nodejs.org/en/download",
  php: "your system's package manager",
  pnpm: "npm install -g pnpm",
  pylint: "python3 -m pip install pylint",
  pytest: "python3 -m pip install pytest",
  python: "https://www.python.org/downloads",
  python3: "https://www.python.org/downloads",
  rspec: "gem install rspec",
  rubocop: "gem install rubocop",
  ruby: "https://www.ruby-lang.org/en/documentation/installation",
  ruff: "python3 -m pip install ruff",
  shellcheck: "your system's package manager",
  tsc: "npm install --save-dev typescript",
  uv: "https://docs.astral.sh/uv",
  vitest: "npm install --save-dev vitest",
  yarn: "npm install -g yarn",
};

/** The program's name: from the reason, which quotes it, else the first word of the command. */
export function missingTool({ command, reasons }: Attempt): string {
  const message = reasons.find(({ code }) => code === "tool_missing")?.message ?? "";
  const quoted = /^"(.+)" /.exec(message)?.[1];
  return quoted ?? command.trim().split(/\s+/).find((word) => !/^\w+=/.test(word)) ?? command;
}

/** How to install a program, as the end of a sentence; empty when assay does not know it. */
export function howToInstall(tool: string): string {
  const name = tool.slice(tool.lastIndexOf("/") + 1);
  return Object.hasOwn(installs, name) ? ` (${installs[name]})` : "";
}
