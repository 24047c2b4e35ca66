import type { FileWriter, Io } from "../io.ts";
import { guarded } from "./failure.ts";

/** Bytes that may wait for the disk before the caller is asked to wait too. */
const backlogLimit = 4 * 1024 * 1024;

const encoder = new TextEncoder();

/**
 * The events of one attempt beside its other evidence, one JSON object a line, from which the index can be
 * made again without the parser that read the report. The lines are those the index gets, written while
 * the main thread parses on: reading the report once more at a rebuild would cost a run nothing at all,
 * but what it gives would depend on that day's parsers and plugins.
 */
export class EventsFile {
  readonly #opening: Promise<FileWriter>;
  #tail: Promise<void> = Promise.resolve();
  #backlog = 0;
  #failure: unknown;
  readonly #path: string;

  constructor(io: Io, dir: string, path: string) {
    this.#path = path;
    this.#opening = guarded(`write ${path}`, async () => {
      await io.fs.mkdir(dir);
      return await io.fs.openWrite(path);
    });
    // Whoever writes or closes next throws it.
    this.#opening.catch(() => {});
  }

  /** Appends in the background; returns something to wait for when much is waiting already. */
  append(text: string): Promise<void> | void {
    const bytes = encoder.encode(text);
    this.#backlog += bytes.length;
    this.#tail = this.#tail.then(() => this.#write(bytes));
    if (this.#backlog > backlogLimit) return this.#tail;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#backlog -= bytes.length;
    if (this.#failure !== undefined) return;
    try {
      await guarded(`write ${this.#path}`, async () => (await this.#opening).write(bytes));
    } catch (error) {
      // Kept for `close`, which the end of the run waits for.
      this.#failure = error;
    }
  }

  /** Waits until all is written; throws what went wrong. */
  async close(): Promise<void> {
    await this.#tail;
    (await this.#opening).close();
    if (this.#failure !== undefined) throw this.#failure;
  }
}
