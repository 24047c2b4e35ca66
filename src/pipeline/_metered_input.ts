/** A report as its parser reads it: how much of it was read is known. */

/** The stream a parser is given. */
export interface MeteredInput {
  readonly stream: ReadableStream<Uint8Array>;
  /** Bytes that were read. */
  readonly bytes: number;
  /** Whether the reader has seen that nothing follows. */
  readonly ended: boolean;
  /** Closes the report; who still reads it gets `reason` as an error. */
  close(reason: Error): Promise<void>;
}

/** Reads from `input` only what is asked for: what a parser did not pull, it did not read. */
export function metered(input: ReadableStream<Uint8Array>): MeteredInput {
  return new Metered(input);
}

class Metered implements MeteredInput {
  readonly stream: ReadableStream<Uint8Array>;
  bytes = 0;
  ended = false;
  #closed: Error | undefined;
  readonly #source: ReadableStreamDefaultReader<Uint8Array>;

  constructor(input: ReadableStream<Uint8Array>) {
    this.#source = input.getReader();
    this.stream = new ReadableStream<Uint8Array>({
      pull: (controller) => this.#pull(controller),
      cancel: (reason) => this.#source.cancel(reason),
    }, { highWaterMark: 0 });
  }

  async close(reason: Error): Promise<void> {
    this.#closed = reason;
    // A source that has failed says so again; its reader has heard of it.
    await this.#source.cancel(reason).catch(() => {});
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const { done, value } = await this.#source.read();
    // A closed source ends as if that were the end of the report.
    if (this.#closed) throw this.#closed;
    if (done) {
      this.ended = true;
      return controller.close();
    }
    this.bytes += value.length;
    controller.enqueue(value);
  }
}
