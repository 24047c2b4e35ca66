/**
 * What the tests of the whole program share: which program is under test, an isolated environment to
 * run it in, and what the machine offers.
 *
 * @module
 */

/** Absolute path of the project, with a slash at its end. */
export const projectRoot = new URL("../", import.meta.url).pathname;

/** The permission flags of `deno task demo`: the ones docs/permissions.md lists. */
export function permissionFlags(): string[] {
  const text = Deno.readTextFileSync(`${projectRoot}deno.json`);
  const flags = /deno run ((?:--\S+ )+)src\/main\.ts verify/.exec(text)?.[1];
  if (!flags) {
    throw new Error("deno.json: the demo task must run `deno run FLAGS src/main.ts verify`");
  }
  return flags.trim().split(" ");
}

/**
 * The argv that starts assay: `ASSAY_UNDER_TEST`, a JSON array of strings, else the sources. The first
 * element is an absolute path, so that the scenario's own `PATH` cannot change what is tested.
 */
export function assayCommand(): string[] {
  const given = Deno.env.get("ASSAY_UNDER_TEST");
  if (given) return JSON.parse(given);
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    `--config=${projectRoot}deno.json`,
    ...permissionFlags(),
    `${projectRoot}src/main.ts`,
  ];
}

/** Where Deno keeps downloaded modules; kept when `HOME` changes, so that nothing is fetched twice. */
function denoDir(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
  return Deno.env.get("DENO_DIR") ?? `${cache}/deno`;
}

/** The folder of the running Deno, so that commands which call `deno` find this one. */
export function denoFolder(): string {
  return Deno.execPath().replace(/\/[^/]+$/, "");
}

/** Which certificates the machine trusts: where a proxy has its own, the npm registry is reached by these. */
function certificates(): Record<string, string> {
  const names = ["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "DENO_CERT"];
  const set = names.map((name) => [name, Deno.env.get(name)] as const);
  return Object.fromEntries(set.filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** An environment that holds nothing of the developer's: own `HOME` and `XDG_*`, no `CI`, no colours. */
export function isolatedEnv(
  home: string,
  path = Deno.env.get("PATH") ?? "",
): Record<string, string> {
  return {
    ...certificates(),
    PATH: `${denoFolder()}:${path}`,
    HOME: home,
    XDG_CACHE_HOME: `${home}/.cache`,
    XDG_CONFIG_HOME: `${home}/.config`,
    XDG_DATA_HOME: `${home}/.local/share`,
    XDG_STATE_HOME: `${home}/.local/state`,
    DENO_DIR: denoDir(),
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
    LANG: "C.UTF-8",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "Scenario",
    GIT_AUTHOR_EMAIL: "scenario@example.invalid",
    GIT_COMMITTER_NAME: "Scenario",
    GIT_COMMITTER_EMAIL: "scenario@example.invalid",
  };
}

/** A process that ended. */
export interface Finished {
  readonly code: number;
  readonly signal: string | null;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** A process that was started, and how it ends. */
export interface Started {
  readonly pid: number;
  readonly finished: Promise<Finished>;
}

/** How to start a process of a test. */
export interface StartOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: Uint8Array;
}

/** Longest time one process of a test may take. */
const timeLimitMs = 180_000;

/** Starts a process with nothing of the test's own environment. */
export function start(argv: readonly string[], options: StartOptions): Started {
  const child = new Deno.Command(argv[0]!, {
    args: argv.slice(1),
    cwd: options.cwd,
    env: { ...options.env },
    clearEnv: true,
    stdin: options.stdin ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), timeLimitMs);
  const finish = async (): Promise<Finished> => {
    const [output] = await Promise.all([child.output(), feed(child, options.stdin)]);
    clearTimeout(timer);
    return output;
  };
  return { pid: child.pid, finished: finish() };
}

async function feed(child: Deno.ChildProcess, bytes: Uint8Array | undefined): Promise<void> {
  if (!bytes) return;
  try {
    await new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeTo(child.stdin);
  } catch (error) {
    // A process may end without reading its input to the end; what it did then is what counts.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Runs a process to its end. */
export function run(argv: readonly string[], options: StartOptions): Promise<Finished> {
  return start(argv, options).finished;
}

/** Runs assay in a folder to its end. */
export function runAssay(args: readonly string[], options: StartOptions): Promise<Finished> {
  return run([...assayCommand(), ...args], options);
}

const decoder = new TextDecoder();

/** Bytes as text; what is not UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Calls `body` with a fresh folder (a real path) and removes it afterwards. */
export async function withFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "assay-test-" }));
  try {
    return await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Copies an example as a clone holds it: without the evidence of earlier runs. */
export async function copyExample(name: string, to: string): Promise<void> {
  const from = `${projectRoot}examples/${name}`;
  const { success } = await new Deno.Command("cp", { args: ["-a", from, to] }).output();
  if (!success) throw new Error(`cannot copy ${from} to ${to}`);
  for (
    const made of [
      "runs",
      "locks",
      "tmp",
      "counters.json",
      "assay.db",
      "assay.db-shm",
      "assay.db-wal",
    ]
  ) {
    await removeFolder(`${to}/.assay/${made}`);
  }
}

/** Removes a file or folder; nothing there is no error. */
export async function removeFolder(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Whether a program of this name is on the given search path. */
export function isOnPath(name: string, path = Deno.env.get("PATH") ?? ""): boolean {
  return path.split(":").some((folder) => {
    try {
      const info = Deno.statSync(`${folder}/${name}`);
      return info.isFile && ((info.mode ?? 0) & 0o111) !== 0;
    } catch {
      // Not there, or not for us to see: the same to a search path.
      return false;
    }
  });
}

/** Registers a test that is ignored, with the reason in its name, when `missing` says what is missing. */
export function testUnless(
  missing: string | undefined,
  name: string,
  body: () => Promise<void>,
): void {
  if (missing === undefined) Deno.test(name, body);
  else Deno.test({ name: `${name} (ignored: ${missing})`, ignore: true, fn: body });
}
