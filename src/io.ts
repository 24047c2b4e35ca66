/**
 * The only access to the outside world. Everything below `main.ts` reaches arguments, environment, streams,
 * clock, files and processes through an {@linkcode Io}, so that a test can pass another.
 *
 * @module
 */

/** What kind of thing a path names. */
export interface FileInfo {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly isSymlink: boolean;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970, or `null` where the platform has none. */
  readonly mtimeMs: number | null;
  readonly ctimeMs: number | null;
  /** When it was made; `null` where the file system does not keep it. */
  readonly birthtimeMs: number | null;
  /** Number of hard links. */
  readonly nlink: number | null;
  readonly ino: number | null;
  readonly dev: number;
  /** Permission bits and kind, as `stat` gives them; `null` where the platform has none. */
  readonly mode: number | null;
  /** The owner's number; `null` where the platform has none. */
  readonly uid: number | null;
}

/** A file being written front to back. */
export interface FileWriter {
  write(bytes: Uint8Array): Promise<void>;
  /** The same, and the bytes have reached the file when it returns. */
  writeNow(bytes: Uint8Array): void;
  close(): void;
}

/** SHA-256 of nothing: most commands leave a stream empty. */
export const emptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * Files. Every method whose file is missing throws an error for which {@linkcode isNotFound} holds. Nothing but
 * {@linkcode Fs.openAny} reads a pipe or a device, which may never end.
 */
export interface Fs {
  readText(path: string): Promise<string>;
  readBytes(path: string): Promise<Uint8Array>;
  /** Streams the file from `start` (default 0) to its end. */
  openRead(path: string, start?: number): Promise<ReadableStream<Uint8Array>>;
  /** Streams what the user named, which may be a pipe. */
  openAny(path: string): Promise<ReadableStream<Uint8Array>>;
  /** Up to `bytes` bytes from `start` on, at once: as the index answers that says where they are. */
  readNow(path: string, start: number, bytes: number): Uint8Array;
  writeText(path: string, text: string): Promise<void>;
  /** Writes next to the target and renames over it: a reader sees the old file or the new one. */
  writeAtomic(path: string, data: string | Uint8Array): Promise<void>;
  /** Creates a file; fails when it is there already. */
  writeNew(path: string, text: string): Promise<void>;
  /** Adds to the end of a file; creates it when it is missing. */
  append(path: string, text: string): Promise<void>;
  openWrite(path: string): Promise<FileWriter>;
  /** Creates a file to write, never through a link; fails when anything is there already. */
  openNew(path: string): Promise<FileWriter>;
  /** Opens a device or a pipe that is there, in the background: a pipe opens when something reads it. */
  openSpecial(path: string): Promise<FileWriter>;
  /** Follows symlinks; `undefined` when there is nothing. */
  stat(path: string): Promise<FileInfo | undefined>;
  /** Does not follow symlinks; `undefined` when there is nothing. */
  lstat(path: string): Promise<FileInfo | undefined>;
  realPath(path: string): Promise<string>;
  mkdir(path: string): Promise<void>;
  /** Creates one folder that its owner alone may enter; fails when anything is there already. */
  mkdirPrivate(path: string): Promise<void>;
  /** Names in a folder with what they are, unsorted. */
  list(path: string): Promise<readonly { name: string; isDirectory: boolean; isFile: boolean }[]>;
  /** Copies a file's content; what is at the target is replaced, never written through. */
  copy(from: string, to: string): Promise<void>;
  /** SHA-256 in hexadecimal and size of a file, read as a stream when it is large. */
  sha256(path: string): Promise<{ readonly sha256: string; readonly bytes: number }>;
  rename(from: string, to: string): Promise<void>;
  /** Gives a file, or a symbolic link itself, a second name; fails when that name is taken. */
  link(from: string, to: string): Promise<void>;
  /** What a symbolic link holds. */
  readLink(path: string): Promise<string>;
  chmod(path: string, mode: number): Promise<void>;
  /** Sets a file's modification time to now. */
  touch(path: string): Promise<void>;
  /** Flushes a file's content, or a folder's entries, to disk. */
  sync(path: string): Promise<void>;
  /** Removes one file, link or empty folder, never what a folder holds; nothing there is no error. */
  removeOne(path: string): Promise<void>;
  /** Removes a file or a whole folder; a missing path is no error. */
  remove(path: string): Promise<void>;
  /** Takes an exclusive lock on a file that is created when missing, or reports at once that it is held. */
  tryLock(path: string): Promise<FileLock | undefined>;
}

export interface Gzip {
  pack(bytes: Uint8Array): Uint8Array;
  /** Throws when that is not one whole member. */
  unpack(bytes: Uint8Array): Uint8Array;
}

/** A lock, held until released or until the process ends. */
export interface FileLock {
  release(): void;
}

/** How to start a process. */
export interface SpawnOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Lead a new session and process group, so that the whole group can be signalled. */
  readonly group: boolean;
  /** Standard input; absent: closed. */
  readonly input?: Uint8Array;
}

/** A started process: the two streams must be read. */
export interface Child {
  readonly pid: number;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly status: Promise<{ readonly code: number; readonly signal: string | null }>;
}

/** Where a verb writes for people and machines. */
export interface Output {
  write(data: string | Uint8Array): void;
  readonly isTerminal: boolean;
}

/** The signals assay listens to. */
export type StopSignal = "SIGINT" | "SIGTERM" | "SIGHUP";

/** One answer of an HTTP server; redirects are returned, not followed. */
export interface HttpResponse {
  readonly status: number;
  header(name: string): string | undefined;
  /** Must be read or cancelled. */
  readonly body: ReadableStream<Uint8Array>;
}

/** What a worker may do, by Deno's names. Nothing is inherited: what is omitted is denied. */
export type WorkerPermissions = Readonly<
  Partial<
    Record<"read" | "write" | "net" | "env" | "run" | "sys" | "ffi", boolean | readonly string[]>
  >
>;

/** A separate thread that runs other people's code. */
export interface WorkerHandle {
  /** Sends a message by structured clone. Nothing happens when it has ended. */
  post(message: unknown): void;
  /** Ends it at once, whatever it is doing. */
  terminate(): void;
}

/** Callbacks of a worker's owner. */
export interface WorkerListener {
  message(data: unknown): void;
  /** It threw where nothing caught it, and has ended. */
  died(message: string): void;
}

/** What is known about the programs that assay itself starts; `src/process/programs.ts` alone reads and writes it. */
export interface ProgramSearch {
  /** Real paths that commands may write, and how each is described. */
  readonly closed: Map<string, string>;
  readonly found: Map<string, Promise<string>>;
  /** Why Deno did not let assay look somewhere. */
  unread?: Error;
  /** Reads the configuration for the paths commands may write. */
  configured?: () => Promise<unknown>;
  /** That has been done. */
  known?: Promise<unknown> | undefined;
}

/** A permission of the process. */
export type PermissionName = "read" | "write" | "net" | "env" | "run" | "sys" | "ffi" | "import";

/** Everything outside the program. */
export interface Io {
  readonly args: readonly string[];
  readonly cwd: string;
  env(name: string): string | undefined;
  environment(): Record<string, string>;
  readonly stdout: Output;
  readonly stderr: Output;
  stdin(): ReadableStream<Uint8Array>;
  /** Asks the user at the terminal, and returns the line; `undefined` without a terminal. */
  ask(question: string): Promise<string | undefined>;
  /** Terminal size, or `undefined` when standard output and standard error are no terminal. */
  columns(): number | undefined;
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds from an unknown start; never goes back. */
  monotonic(): number;
  random(bytes: number): Uint8Array;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Loads what compresses by gzip, and reads it again. */
  gzip(): Promise<Gzip>;
  /** SHA-256 in hexadecimal. */
  sha256(bytes: Uint8Array): Promise<string>;
  readonly fs: Fs;
  readonly programs: ProgramSearch;
  /** The number of the user; `null` where the platform has none, or no file may be written to find out. */
  uid(): number | null;
  readonly cores: number;
  readonly os: string;
  /** Such as `x86_64` or `aarch64`. */
  readonly arch: string;
  /** The argv that starts this program again, for its hidden verbs; arguments are added. */
  readonly self: readonly string[];
  /** The argv that starts this program again as it was started, for one of its verbs; arguments are added. */
  readonly again: readonly string[];
  readonly runtime: string;
  /** Starts a process. Throws an error for which {@linkcode isNotFound} holds when there is no such program. */
  spawn(argv: readonly string[], options: SpawnOptions): Child;
  /** Signals a process, or a whole group with a negative pid; `false` when there is none any more. */
  kill(pid: number, signal: "SIGTERM" | "SIGKILL" | "SIGINT"): boolean;
  /** One HTTP request. Rejects when there is no answer, or when the process may not use the network. */
  fetch(url: string, options: { readonly signal: AbortSignal }): Promise<HttpResponse>;
  /**
   * Starts a worker from the text of a module.
   *
   * @throws {UserError} when the process may not start one with permissions of its own.
   */
  startWorker(
    source: string,
    permissions: WorkerPermissions,
    listener: WorkerListener,
  ): WorkerHandle;
  /** Which of these permissions the process itself does not have, wholly or in part. */
  missing(permissions: WorkerPermissions): readonly PermissionName[];
  /** Imports a module file into this process; `name` is for people. */
  importFile(path: string, name: string): Promise<unknown>;
  /** Gives permissions of the process up, for good. */
  revoke(names: readonly PermissionName[]): void;
  /** Calls back on SIGINT, SIGTERM and SIGHUP until the returned function is called. */
  onStop(listener: (signal: StopSignal) => void): () => void;
}

/** Whether a thrown error says that a file or program is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || errorCode(error) === "ENOENT";
}

/** The system's name of an error, such as `ENOSPC`; `undefined` when it has none. */
export function errorCode(error: unknown): string | undefined {
  return (error as { code?: string } | null | undefined)?.code;
}

/** Writes all there is. A program that ends before it has read it says so by its exit code. */
export async function feed(stream: WritableStream<Uint8Array>, bytes: Uint8Array): Promise<void> {
  const writer = stream.getWriter();
  await writer.write(bytes).then(() => writer.close()).catch(() => {});
}

/**
 * A stream's text to its end; bytes that are not UTF-8 become U+FFFD. `new Response(stream).text()` would
 * do the same, but loading its code takes a third of the runtime's start-up time.
 */
export async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
  }
}
