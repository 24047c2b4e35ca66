/** One GET over {@linkcode Io.fetch}, with a limit of bytes. */

import { messageOf } from "../errors.ts";
import type { HttpResponse, Io } from "../io.ts";
import { refusal, type Refused } from "./_refusal.ts";

/** What a server answered. */
export type Answer =
  | { readonly kind: "redirect"; readonly to: string }
  | {
    readonly kind: "content";
    readonly bytes: Uint8Array;
    readonly contentType: string | undefined;
  };

/** How far a fetch may go. */
export interface FetchLimits {
  readonly maxBytes: number;
  /** Aborts with the error to throw. */
  readonly signal: AbortSignal;
  /** Takes the addresses that are being asked, for as long as they are. */
  readonly waiting: Set<string>;
}

const redirects = [301, 302, 303, 307, 308];

/** Gets what is at `url`; a redirect is an answer too. */
export async function get(
  io: Io,
  url: string,
  limits: FetchLimits,
  refused: Refused,
): Promise<Answer> {
  limits.waiting.add(url);
  try {
    const response = await ask(io, url, limits.signal);
    const location = response.header("location");
    if (redirects.includes(response.status) && location !== undefined) {
      await response.body.cancel();
      return { kind: "redirect", to: location };
    }
    if (response.status !== 200) throw await badStatus(response, url, refused);
    const bytes = await readAtMost(response.body, limits, refused, url);
    return { kind: "content", bytes, contentType: response.header("content-type") };
  } catch (error) {
    limits.signal.throwIfAborted();
    if (error instanceof Error && error.name === "UserError") throw error;
    const hint =
      "See whether the address is right and the network there; --cached-only works offline";
    throw refusal("module_unreachable", refused, failed(url, refused, error), hint, error);
  } finally {
    limits.waiting.delete(url);
  }
}

/** Which address was asked, and what Deno says of it: often the reason is only in the cause. */
function failed(url: string, refused: Refused, error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const said = [error, ...cause === undefined ? [] : [cause]].map(messageOf);
  const why = said.join(": ").replaceAll(` for url (${url})`, "");
  return url === refused.url ? why : `${url} was asked: ${why}`;
}

/** Ends with the signal whatever the request does; an answer that comes later is thrown away. */
async function ask(io: Io, url: string, signal: AbortSignal): Promise<HttpResponse> {
  const asking = io.fetch(url, { signal });
  try {
    return await orAborted(signal, asking);
  } catch (error) {
    asking.then(({ body }) => body.cancel()).catch(() => {
      // Nobody waits for it any more.
    });
    throw error;
  }
}

/**
 * What is waited for, or the signal's reason. Deno's `fetch` holds the signal it is given weakly, and once
 * garbage is collected a body is not ended by it any more.
 */
async function orAborted<T>(signal: AbortSignal, waited: Promise<T>): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([waited, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function badStatus(response: HttpResponse, url: string, refused: Refused): Promise<Error> {
  await response.body.cancel();
  const why = `${new URL(url).host} answered with HTTP status ${response.status} for ${url}`;
  const gone = response.status === 404 || response.status === 410;
  return refusal(gone ? "module_not_found" : "module_unreachable", refused, why);
}

/** Stops at the limit: what lies behind it is never held in memory. */
async function readAtMost(
  body: ReadableStream<Uint8Array>,
  { maxBytes, signal }: FetchLimits,
  refused: Refused,
  url: string,
): Promise<Uint8Array> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await orAborted(signal, reader.read());
      if (done) break;
      length += value.length;
      if (length > maxBytes) throw tooLarge(maxBytes, refused, url);
      chunks.push(value);
    }
  } catch (error) {
    // Not waited for: whatever holds the body up may hold this up too.
    reader.cancel(error).catch(() => {
      // The body failed, and that is what is told.
    });
    throw error;
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** The refusal of a module above the limit of bytes. */
export function tooLarge(maxBytes: number, refused: Refused, url = refused.url): Error {
  const why = `${url === refused.url ? "it" : url} is larger than ${maxBytes} bytes`;
  const hint = "Raise max_bytes under [modules] in .assay/config.toml if it must be so large";
  return refusal("module_too_large", refused, why, hint);
}
