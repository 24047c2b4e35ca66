/** Keeps one output stream of a command on disk, byte for byte, up to a cap; never whole in memory. */

import type { Io } from "../io.ts";

/** What became of one stream. */
export interface Captured {
  /** Bytes the command wrote, kept or not. */
  readonly seen: number;
  readonly kept: number;
  /** More was written than the cap allows: only the beginning was kept. */
  readonly truncated: boolean;
  /** Somebody still held the stream open when assay stopped reading. */
  readonly abandoned: boolean;
}

/** A stream being written to its file. */
export interface Capture {
  /** Ends when the stream does, or once {@linkcode Capture.abandon} was called. */
  readonly done: Promise<Captured>;
  /** Stops reading although the stream is still open. */
  abandon(): void;
}

/**
 * Starts writing `stream` to the file at `path`. Bytes past `cap` are read, so that the command does
 * not block on a full pipe, and dropped. `tee` sees every chunk. A file that cannot be written (full
 * disk) rejects {@linkcode Capture.done}, but only after the stream was drained: evidence that could
 * not be kept must be known, and the command must not hang for it.
 */
export function capture(
  io: Io,
  stream: ReadableStream<Uint8Array>,
  path: string,
  cap: number,
  tee?: (chunk: Uint8Array) => void,
): Capture {
  const reader = stream.getReader();
  let abandoned = false;
  return {
    done: drain(),
    abandon() {
      abandoned = true;
      // The pipe may already have broken, which ends the reading all the same.
      reader.cancel().catch(() => {});
    },
  };

  async function drain(): Promise<Captured> {
    let seen = 0;
    let kept = 0;
    let failure: unknown;
    const file = await io.fs.openWrite(path);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        seen += value.length;
        tee?.(value);
        const part = value.subarray(0, Math.max(0, cap - kept));
        if (part.length === 0 || failure !== undefined) continue;
        try {
          await file.write(part);
          kept += part.length;
        } catch (error) {
          failure = error;
        }
      }
    } catch (error) {
      if (!abandoned) failure ??= error;
    } finally {
      file.close();
    }
    if (failure !== undefined) throw failure;
    return { seen, kept, truncated: seen > kept, abandoned };
  }
}
