/**
 * The real {@linkcode Io}: the only file other than `main.ts` that touches `Deno` for the program itself.
 *
 * @module
 */

import { messageOf, UserError } from "./errors.ts";
import { gzip, readNow, regular, writeAllNow, writerOf } from "./real_file.ts";
import {
  type Child,
  emptySha256,
  feed,
  type FileInfo,
  type FileLock,
  type Fs,
  type Io,
  isNotFound,
  type Output,
  type PermissionName,
  type SpawnOptions,
  type StopSignal,
  type WorkerHandle,
  type WorkerListener,
  type WorkerPermissions,
} from "./io.ts";

const encoder = new TextEncoder();

/** Above this many bytes hashing goes to `node:crypto`, which below costs more to load than it saves. */
const subtleLimit = 8 * 1024 * 1024;

/** Files up to this many bytes are read synchronously: faster than a trip to another thread. */
const smallFile = 256 * 1024;

function output(name: string, stream: typeof Deno.stdout): Output {
  return {
    write(data: string | Uint8Array): void {
      let bytes = typeof data === "string" ? encoder.encode(data) : data;
      try {
        while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
      } catch (error) {
        // The reader went away (`assay … | head`): nothing is left to write to.
        if (error instanceof Deno.errors.BrokenPipe) return;
        throw new UserError(`Cannot write to ${name}: ${messageOf(error)}`, {
          code: "output_failed",
          hint: "See where the output goes: a full disk, or a file that was closed",
          cause: error,
        });
      }
    },
    get isTerminal(): boolean {
      return stream.isTerminal();
    },
  };
}

function fileInfo(info: Deno.FileInfo): FileInfo {
  return {
    isFile: info.isFile,
    isDirectory: info.isDirectory,
    isSymlink: info.isSymlink,
    size: info.size,
    mtimeMs: info.mtime?.getTime() ?? null,
    ctimeMs: info.ctime?.getTime() ?? null,
    birthtimeMs: info.birthtime?.getTime() || null,
    nlink: info.nlink,
    ino: info.ino,
    dev: info.dev,
    mode: info.mode,
    uid: info.uid,
  };
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isNotFound(error) || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

let temporaryCount = 0;

function writeAtomic(path: string, data: string | Uint8Array): void {
  const temporary = `${path}.${Deno.pid}.${temporaryCount++}.tmp`;
  try {
    // `Deno.writeTextFile` and `Deno.writeFile` load Deno code for 1.5 ms when first called.
    {
      using file = Deno.openSync(temporary, { write: true, create: true, truncate: true });
      writeAllNow(file, typeof data === "string" ? encoder.encode(data) : data);
    }
    Deno.renameSync(temporary, path);
  } catch (error) {
    orUndefined(() => Deno.removeSync(temporary));
    throw error;
  }
}

/** Some file systems cannot do it for folders: then nothing more can be done. */
function sync(path: string): void {
  using file = Deno.openSync(path, { read: true });
  try {
    file.syncSync();
  } catch (error) {
    if (!Deno.statSync(path).isDirectory) throw error;
  }
}

async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const { isFile, size } = regular(path);
  return isFile && size <= smallFile ? Deno.readFileSync(path) : await Deno.readFile(path);
}

/** Never through a link that was put in the target's place. */
async function copy(from: string, to: string): Promise<void> {
  orUndefined(() => Deno.removeSync(to));
  using target = Deno.openSync(to, { write: true, createNew: true });
  using source = await Deno.open(from);
  await source.readable.pipeTo(target.writable);
}

/**
 * Files. What touches one entry or a small file is synchronous, inside the promise: a trip through
 * Deno's pool of threads takes ten times as long as the system call, and a run makes a hundred of them.
 * What may be large is read and written in the background.
 */
// deno-lint-ignore require-await -- the promise carries what the synchronous call throws
const now = async <T>(act: () => T): Promise<T> => act();

const fs: Fs = {
  readText: (path) => now(() => (regular(path), Deno.readTextFileSync(path))),
  readBytes,
  openAny: async (path) => (await Deno.open(path)).readable,
  async openRead(path, start = 0) {
    regular(path);
    const file = await Deno.open(path);
    if (start > 0) await file.seek(start, Deno.SeekMode.Start);
    return file.readable;
  },
  writeText: (path, text) => now(() => Deno.writeTextFileSync(path, text)),
  readNow,
  writeAtomic: (path, data) => now(() => writeAtomic(path, data)),
  writeNew: (path, text) => now(() => Deno.writeTextFileSync(path, text, { createNew: true })),
  append: (path, text) => now(() => Deno.writeTextFileSync(path, text, { append: true })),
  openSpecial: async (path) => writerOf(await Deno.open(path, { write: true })),
  openWrite: (path) =>
    now(() => writerOf(Deno.openSync(path, { write: true, create: true, truncate: true }))),
  openNew: (path) => now(() => writerOf(Deno.openSync(path, { write: true, createNew: true }))),
  stat: (path) => now(() => orUndefined(() => fileInfo(Deno.statSync(path)))),
  lstat: (path) => now(() => orUndefined(() => fileInfo(Deno.lstatSync(path)))),
  realPath: (path) => now(() => Deno.realPathSync(path)),
  mkdir: (path) => now(() => Deno.mkdirSync(path, { recursive: true })),
  mkdirPrivate: (path) => now(() => Deno.mkdirSync(path, { mode: 0o700 })),
  list: (path) => now(() => [...Deno.readDirSync(path)]),
  copy,
  sha256: sha256OfFile,
  rename: (from, to) => now(() => Deno.renameSync(from, to)),
  link: (from, to) => now(() => Deno.linkSync(from, to)),
  readLink: (path) => now(() => Deno.readLinkSync(path)),
  chmod: (path, mode) => now(() => Deno.chmodSync(path, mode)),
  touch: (path) => now(() => Deno.utimeSync(path, new Date(), new Date())),
  sync: (path) => now(() => sync(path)),
  removeOne: (path) => now(() => void orUndefined(() => Deno.removeSync(path))),
  remove: (path) => now(() => void orUndefined(() => Deno.removeSync(path, { recursive: true }))),
  async tryLock(path): Promise<FileLock | undefined> {
    // SQLite's file lock is released by the kernel when the process dies, can be tried without
    // waiting, and exists in every Deno that has `node:sqlite`; `Deno.FsFile.tryLock` does not.
    const { DatabaseSync } = await import("node:sqlite");
    const lock = new DatabaseSync(path);
    try {
      lock.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
      return { release: () => lock.close() };
    } catch (error) {
      lock.close();
      // Deno gives every SQLite error one code; only the message identifies a held lock (SQLITE_BUSY).
      if (error instanceof Error && error.message.includes("database is locked")) return undefined;
      throw error;
    }
  },
};

function spawn(argv: readonly string[], options: SpawnOptions): Child {
  const [program, ...args] = argv;
  // Every system has `/bin/sh`, and the permission to run `sh` applies to the one in `PATH`.
  const path = program === "/bin/sh" ? permittedShell() ?? program : program!;
  const child = new Deno.Command(path, {
    args,
    cwd: options.cwd,
    env: { ...options.env },
    clearEnv: true,
    stdin: options.input ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
    detached: options.group,
  }).spawn();
  if (options.input) void feed(child.stdin, options.input);
  return { pid: child.pid, stdout: child.stdout, stderr: child.stderr, status: child.status };
}

function permittedShell(): string | undefined {
  return ["/bin/sh", "/usr/bin/sh"].find((path) => missing({ run: [path] }).length === 0);
}

/** `Deno.kill` needs the permission to run every program; where only some may run, a shell sends the signal. */
function killByShell(pid: number, signal: string, refused: Error): boolean {
  const shell = permittedShell();
  if (shell === undefined) throw refused;
  const { success, stderr } = new Deno.Command(shell, {
    args: ["-c", `kill -s ${signal.slice(3)} -- ${pid}`],
    clearEnv: true,
    stdin: "null",
    stdout: "null",
  }).outputSync();
  const said = new TextDecoder().decode(stderr).trim();
  if (success || said.includes("No such process")) return success;
  throw new Error(`cannot signal process ${pid}: ${said}`);
}

async function sha256(bytes: Uint8Array): Promise<string> {
  if (bytes.length > subtleLimit) {
    const { createHash } = await import("node:crypto");
    return createHash("sha256").update(bytes).digest("hex");
  }
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function sha256OfFile(path: string): Promise<{ sha256: string; bytes: number }> {
  const { size } = regular(path);
  if (size === 0) return { sha256: emptySha256, bytes: 0 };
  if (size <= subtleLimit) {
    const content = Deno.readFileSync(path);
    return { sha256: await sha256(content), bytes: content.length };
  }
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  let bytes = 0;
  const file = await Deno.open(path);
  for await (const chunk of file.readable) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest("hex"), bytes };
}

/**
 * The first `setTimeout` of a program loads Node's timers, which takes 6 ms; `AbortSignal.timeout` costs
 * nothing. Without a listener it does not keep the program alive.
 */
function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = AbortSignal.timeout(ms);
    const wake = () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    };
    const abort = () => {
      timer.removeEventListener("abort", wake);
      reject(signal!.reason);
    };
    timer.addEventListener("abort", wake, { once: true });
    signal?.addEventListener("abort", abort, { once: true });
  });
}

function startWorker(
  source: string,
  permissions: WorkerPermissions,
  listener: WorkerListener,
): WorkerHandle {
  const denied = { read: false, write: false, net: false, env: false, run: false, sys: false };
  const options = {
    type: "module",
    deno: { permissions: { ...denied, ffi: false, import: false, ...permissions } },
  };
  // Neither `blob:` nor a remote address can be a worker's in a compiled program.
  const worker = openWorker(dataUrl(source), options, permissions);
  worker.onmessage = ({ data }) => listener.message(data);
  worker.onerror = (event) => {
    event.preventDefault();
    listener.died(event.message);
  };
  return { post: (message) => worker.postMessage(message), terminate: () => worker.terminate() };
}

/**
 * A module as an address. Only what an address cannot hold is escaped: to escape all of it would take a tenth
 * of the worker's start, on both sides.
 */
function dataUrl(source: string): string {
  // deno-lint-ignore no-control-regex -- they are removed from addresses
  const escaped = source.replaceAll(/[%#\x00-\x1f]/g, encodeURIComponent);
  return `data:text/javascript;charset=utf-8,${escaped}%0A`;
}

function openWorker(url: string, options: object, permissions: WorkerPermissions): Worker {
  try {
    return new Worker(url, options as WorkerOptions);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    const flags = missing(permissions).map((name) => `--allow-${name}`).join(" ");
    throw new UserError(`A worker cannot be started: ${messageOf(error)}`, {
      code: "plugin_permission",
      hint: `start assay with ${flags || "the permissions that its plugins were granted"}`,
      cause: error,
    });
  }
}

/** Which of these the process does not have: a worker cannot have more than the process. */
function missing(permissions: WorkerPermissions): PermissionName[] {
  const names = Object.keys(permissions) as (keyof WorkerPermissions)[];
  return names.filter((name) => {
    const wanted = permissions[name];
    const each = wanted === true ? [undefined] : wanted || [];
    return each.some((value) =>
      Deno.permissions.querySync(descriptor(name, value)).state !== "granted"
    );
  });
}

function descriptor(name: keyof WorkerPermissions, value: string | undefined) {
  const key = { net: "host", env: "variable", run: "command", sys: "kind" }[name as string] ??
    "path";
  return { name, ...(value === undefined ? {} : { [key]: value }) } as Deno.PermissionDescriptor;
}

/** Asking would take the permission `sys`, which assay does not have: the owner of a new file shows it. */
function uid(): number | null {
  try {
    const file = Deno.makeTempFileSync({ prefix: "assay-" });
    try {
      return Deno.statSync(file).uid;
    } finally {
      Deno.removeSync(file);
    }
  } catch {
    return null; // Nothing may be written: the caller must do without.
  }
}

/** Whether assay's own code came from the network: parts loaded later come from there too. */
const isRemote = !import.meta.url.startsWith("file:");

/**
 * What starts the hidden verb. From the sources that is a separate file, as Deno reads all that a program may
 * ever import before it starts; a bundle reads what it uses. The command's environment and working directory
 * apply when it starts: no configuration is looked for, and nothing is fetched.
 */
function self(): string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  const here = import.meta.url;
  const isSource = here.endsWith("/src/real_io.ts");
  const entry = isSource ? new URL("process/confine_main.ts", here).href : Deno.mainModule;
  const flags = ["--allow-ffi", "--cached-only", "--no-config", "--no-lock", "--no-prompt"];
  return [Deno.execPath(), "run", "--quiet", ...flags, entry];
}

/**
 * The flags in docs/permissions.md: what a process was granted cannot be read back, and this process may have
 * given some of it up by now.
 */
function again(): string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  const flags = ["read", "write", "run", "env", "net"].map((name) => `--allow-${name}`);
  const main = Deno.mainModule;
  const entry = main.startsWith("file:") ? decodeURIComponent(new URL(main).pathname) : main;
  const config = import.meta.url.endsWith("/src/real_io.ts")
    ? [`--config=${decodeURIComponent(new URL("../deno.json", import.meta.url).pathname)}`]
    : ["--no-config"];
  const imports = isRemote ? [`--allow-import=${new URL(main).host}`] : [];
  return [Deno.execPath(), "run", "--quiet", ...config, ...flags, ...imports]
    .concat("--unstable-worker-options", "--no-prompt", entry);
}

/** Foreign modules imported into this process. */
const guests: string[] = [];

/**
 * From now on the process ends with `code` and a message, however it ends: a module in it may call `exit`,
 * or wait forever. Call the returned function to lift this.
 */
export function guardExit(code: number): () => void {
  const refuse = () => {
    Deno.exitCode = code;
    const who = guests.length === 0 ? "" : `; in its process runs ${guests.join(", ")}`;
    Deno.stderr.writeSync(encoder.encode(`assay: it was ended before it had answered${who}\n`));
  };
  addEventListener("unload", refuse);
  return () => removeEventListener("unload", refuse);
}

/** Creates the real {@linkcode Io} of this process. */
export function realIo(): Io {
  let environment: Record<string, string> | undefined;
  return {
    args: Deno.args,
    get cwd() {
      return Deno.cwd();
    },
    env: (name) => Deno.env.get(name),
    // Each command asks for it; assay changes nothing in it.
    environment: () => ({ ...environment ??= Deno.env.toObject() }),
    stdout: output("standard output", Deno.stdout),
    stderr: output("standard error", Deno.stderr as typeof Deno.stdout),
    stdin: () => Deno.stdin.readable,
    async ask(question) {
      if (!Deno.stdin.isTerminal() || !Deno.stderr.isTerminal()) return undefined;
      Deno.stderr.writeSync(encoder.encode(question));
      const reader = Deno.stdin.readable.getReader();
      const { value } = await reader.read();
      reader.releaseLock();
      return value === undefined ? "" : new TextDecoder().decode(value).trim();
    },
    gzip,
    columns() {
      try {
        // A terminal whose size was never set has none.
        return Deno.consoleSize().columns || 80;
      } catch {
        return undefined;
      }
    },
    now: () => Date.now(),
    monotonic: () => performance.now(),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    sleep,
    sha256,
    fs,
    programs: { closed: new Map(), found: new Map() },
    uid,
    get cores() {
      return navigator.hardwareConcurrency;
    },
    os: Deno.build.os,
    arch: Deno.build.arch,
    get self() {
      return self();
    },
    get again() {
      return again();
    },
    runtime: `deno ${Deno.version.deno}`,
    spawn,
    kill(pid, signal) {
      try {
        Deno.kill(pid, signal);
        return true;
      } catch (error) {
        if (isNotFound(error) || (error as { code?: string }).code === "ESRCH") return false;
        if (error instanceof Deno.errors.NotCapable) return killByShell(pid, signal, error);
        throw error;
      }
    },
    async fetch(url, { signal }) {
      const { status, headers, body } = await fetch(url, { signal, redirect: "manual" });
      return {
        status,
        header: (name) => headers.get(name) ?? undefined,
        body: body ?? new ReadableStream({ start: (controller) => controller.close() }),
      };
    },
    startWorker,
    missing,
    importFile(path, name) {
      guests.push(name);
      return import(`file://${encodeURI(path).replaceAll(/[?#]/g, encodeURIComponent)}`);
    },
    revoke(names) {
      for (const name of names) {
        if (name === "import" && isRemote) continue;
        Deno.permissions.revokeSync({ name });
      }
    },
    onStop(listener) {
      const names: StopSignal[] = ["SIGINT", "SIGTERM", "SIGHUP"];
      const heard = names.slice(0, Deno.build.os === "windows" ? 1 : 3)
        .map((name) => [name, () => listener(name)] as const);
      for (const [name, hear] of heard) Deno.addSignalListener(name, hear);
      return () => {
        for (const [name, hear] of heard) Deno.removeSignalListener(name, hear);
      };
    },
  };
}
