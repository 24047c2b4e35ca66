/**
 * Serves a folder on a free port of the loopback interface, to run the bundle or a plugin by its URL:
 * `deno run -A tests/tools/serve.ts dist`.
 *
 * The content type follows from the extension. A file `NAME.redirect` makes `NAME` a redirect to the address it
 * holds.
 *
 * @module
 */

/** A folder that is being served. */
export interface Served extends AsyncDisposable {
  readonly host: string;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
}

const types: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  ts: "application/typescript; charset=utf-8",
  json: "application/json; charset=utf-8",
  html: "text/html; charset=utf-8",
};

async function readIfThere(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.IsADirectory) {
      return undefined;
    }
    throw error;
  }
}

/** What is at a requested path; `URL` has taken every `..` out of it. */
async function answer(folder: string, path: string): Promise<Response> {
  const redirect = await readIfThere(`${folder}/${path}.redirect`);
  if (redirect) {
    const location = new TextDecoder().decode(redirect).trim();
    return new Response(null, { status: 302, headers: { location } });
  }
  const bytes = await readIfThere(`${folder}/${path}`);
  if (!bytes) return new Response("not found", { status: 404 });
  const type = types[path.replace(/^.*\./s, "")] ?? "text/plain; charset=utf-8";
  return new Response(bytes, { headers: { "content-type": type } });
}

/** Starts serving. */
export function serve(folder: string, port = 0): Served {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, (request) => {
    const path = decodeURIComponent(new URL(request.url).pathname.slice(1));
    asked.push(path);
    return answer(folder, path);
  });
  return {
    host: `127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

if (import.meta.main) {
  const served = serve(Deno.args[0] ?? "dist", Number(Deno.args[1] ?? 0));
  console.log(`http://${served.host}/assay.js`);
}
