/** The command that installs a tool, with the package managers that are there. */

/** Package managers by their program, and how each is called. Those of the system come first. */
const managers = {
  "apt-get": "apt-get install -y",
  dnf: "dnf install -y",
  apk: "apk add",
  pacman: "pacman -S",
  brew: "brew install",
  npm: "npm install --save-dev",
  pip: "pip install",
  pip3: "pip3 install",
  gem: "gem install",
  cargo: "cargo install",
  go: "go install",
} as const;

type Manager = keyof typeof managers;

/** The programs of package managers, the preferred first. */
export const managerPrograms = Object.keys(managers) as readonly Manager[];

/** The same name everywhere. */
const everywhere = (name: string): Packages => ({
  "apt-get": name,
  dnf: name,
  apk: name,
  pacman: name,
  brew: name,
});

const python = (name: string, debian: string): Packages => ({
  "apt-get": debian,
  brew: name,
  pip: name,
  pip3: name,
});

type Packages = Readonly<Partial<Record<Manager, string>>>;

/** What well-known tools are called. What is not here is not guessed. */
const packages: Readonly<Record<string, Packages>> = {
  git: everywhere("git"),
  perl: everywhere("perl"),
  bwrap: everywhere("bubblewrap"),
  make: everywhere("make"),
  python3: { ...everywhere("python3"), pacman: "python" },
  node: { ...everywhere("nodejs"), brew: "node" },
  npm: { ...everywhere("npm"), brew: "node" },
  npx: { ...everywhere("npm"), brew: "node" },
  deno: { brew: "deno", pacman: "deno", npm: "deno" },
  go: { "apt-get": "golang-go", dnf: "golang", apk: "go", pacman: "go", brew: "go" },
  cargo: { "apt-get": "cargo", dnf: "cargo", apk: "cargo", pacman: "rust", brew: "rust" },
  ruby: everywhere("ruby"),
  bundle: { "apt-get": "ruby-bundler", apk: "ruby-bundler", gem: "bundler" },
  rspec: { "apt-get": "ruby-rspec", gem: "rspec" },
  rubocop: { "apt-get": "rubocop", gem: "rubocop" },
  pytest: python("pytest", "python3-pytest"),
  flake8: python("flake8", "flake8"),
  mypy: python("mypy", "mypy"),
  black: python("black", "black"),
  ruff: { brew: "ruff", apk: "ruff", pacman: "ruff", pip: "ruff", pip3: "ruff" },
  shellcheck: { ...everywhere("shellcheck"), dnf: "ShellCheck" },
  eslint: { npm: "eslint" },
  prettier: { npm: "prettier" },
  stylelint: { npm: "stylelint" },
  jest: { npm: "jest" },
  vitest: { npm: "vitest" },
  mocha: { npm: "mocha" },
  tsc: { npm: "typescript" },
  biome: { npm: "@biomejs/biome" },
  "golangci-lint": { brew: "golangci-lint", apk: "golangci-lint" },
  docker: { "apt-get": "docker.io", apk: "docker", pacman: "docker" },
  podman: everywhere("podman"),
};

/** The command that installs a tool; `undefined` where none is known, which is no reason to guess. */
export function installCommand(tool: string, present: readonly string[]): string | undefined {
  const names = packages[tool];
  const manager = managerPrograms.find((each) => present.includes(each) && names?.[each]);
  return manager && `${managers[manager]} ${names![manager]}`;
}
