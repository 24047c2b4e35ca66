/** Keeps one output stream of a command on disk, byte for byte, up to a cap; never all in memory. */

import type { FileWriter } from "../io.ts";

/** What became of one stream. */
export interface Captured {
  /** Bytes the command wrote, kept or not. */
  readonly seen: number;
  readonly kept: number;
  /** Nothing could be kept: something else was in the file's place. */
  readonly lost?: boolean;
  /** More was written than the cap allows: only the beginning was kept. */
  readonly truncated: boolean;
  /** Something still held the stream open when assay stopped reading. */
  readonly abandoned: boolean;
}

/** A stream being written to its file. */
export interface Capture {
  /** Ends when the stream does, or once {@linkcode Capture.abandon} was called. */
  readonly done: Promise<Captured>;
  /** Bytes so far. */
  seen(): number;
  /** Stops reading although the stream is still open. */
  abandon(): void;
}

/**
 * Starts writing `stream` to the file that `open` creates for its first byte, and closes it at the end. Bytes past `cap` are read, so that the command does
 * not block on a full pipe, and dropped. `tee` gets every chunk. A file that cannot be written (full
 * disk) rejects {@linkcode Capture.done}, but only after the stream was drained: lost evidence
 * must be noticed, and the command must not hang for it. What comes after a zero byte and `endMark` is
 * no longer from the command.
 */
export function capture(
  stream: ReadableStream<Uint8Array>,
  open: () => Promise<FileWriter | undefined>,
  cap: number,
  tee?: (chunk: Uint8Array) => void,
  endMark?: string,
): Capture {
  const reader = stream.getReader();
  const cut = endMark === undefined ? undefined : cutAt(endMark);
  let abandoned = false;
  let seen = 0;
  return {
    done: drain(),
    seen: () => seen,
    abandon() {
      abandoned = true;
      // The pipe may already have broken, which ends the reading all the same.
      reader.cancel().catch(() => {});
    },
  };

  async function drain(): Promise<Captured> {
    let kept = 0;
    let file: FileWriter | undefined;
    let lost = false;
    let failure: unknown;
    try {
      for (;;) {
        const { value: chunk } = await reader.read();
        const value = cut ? cut(chunk) : chunk;
        if (value === undefined) break;
        seen += value.length;
        tee?.(value);
        const part = value.subarray(0, Math.max(0, cap - kept));
        if (part.length === 0 || failure !== undefined || lost) continue;
        try {
          file ??= await open();
          lost = file === undefined;
          if (file === undefined) continue;
          await file.write(part);
          kept += part.length;
        } catch (error) {
          failure = error;
        }
      }
    } catch (error) {
      if (!abandoned) failure ??= error;
    } finally {
      file?.close();
    }
    if (failure !== undefined) throw failure;
    return { seen, kept, truncated: seen > kept, abandoned, ...lost ? { lost } : {} };
  }
}

/** Takes chunks, finally `undefined`, and returns them up to the mark; its possible beginning is held back. */
function cutAt(endMark: string): (chunk: Uint8Array | undefined) => Uint8Array | undefined {
  const mark = new TextEncoder().encode(`\0${endMark}`);
  const none = new Uint8Array();
  let [held, isOver] = [none, false];
  return (chunk) => {
    if (isOver || chunk === undefined && held.length === 0) return chunk && none;
    const bytes = chunk && held.length === 0 ? chunk : new Uint8Array([...held, ...chunk ?? []]);
    held = none;
    for (let at = bytes.indexOf(0); chunk && at >= 0; at = bytes.indexOf(0, at + 1)) {
      const part = bytes.subarray(at, at + mark.length);
      if (!part.every((byte, index) => byte === mark[index])) continue;
      isOver = part.length === mark.length;
      held = isOver ? none : part.slice();
      return bytes.subarray(0, at);
    }
    return bytes;
  };
}
