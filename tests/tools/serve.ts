/**
 * Serves a folder on a free port of the loopback interface, to run the bundle by its URL:
 * `deno run -A tests/tools/serve.ts dist`.
 *
 * @module
 */

/** A folder that is being served. */
export interface Served extends AsyncDisposable {
  readonly host: string;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
}

/** Starts serving; names with a slash or dots at their start are not found. */
export function serve(folder: string, port = 0): Served {
  const asked: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: () => {} },
    async (request) => {
      const name = new URL(request.url).pathname.slice(1);
      asked.push(name);
      if (!/^[\w-][\w.-]*$/.test(name)) return new Response("not found", { status: 404 });
      try {
        const headers = { "content-type": "text/javascript; charset=utf-8" };
        return new Response(await Deno.readFile(`${folder}/${name}`), { headers });
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        return new Response("not found", { status: 404 });
      }
    },
  );
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
