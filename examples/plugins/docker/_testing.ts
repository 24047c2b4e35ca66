/**
 * Real containers for the tests. `ASSAY_DOCKER` names the program to call, by its absolute path; the image is made
 * from this machine's own programs, so that no registry is asked.
 *
 * @module
 */

import { isOnPath, run, textOf, withFolder } from "../../../tests/support.ts";

/** The program, or nothing. */
export const runtime = Deno.env.get("ASSAY_DOCKER");

/** Why there are no real containers here. */
export const missing = runtime === undefined
  ? "needs ASSAY_DOCKER, a program that runs containers"
  : isOnPath("bash")
  ? undefined
  : "needs bash";

const programs = ["sh", "bash", "sleep", "cat"];

/** What a program printed; throws what it said when it failed. */
export async function output(argv: readonly string[]): Promise<string> {
  const env = Deno.env.toObject();
  const { code, stdout, stderr } = await run(argv, { cwd: "/", env });
  if (code !== 0) throw new Error(`${argv.join(" ")}: ${textOf(stderr)}`);
  return textOf(stdout).trim();
}

/** Copies the programs and the libraries they load, makes an image of them, and removes it after `body`. */
export async function withImage(body: (image: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const script = `set -e
      mkdir -p bin tmp
      for name in ${programs.join(" ")}; do
        path=$(readlink -f "$(command -v $name)")
        cp "$path" bin/$name
        for library in $(ldd "$path" | grep -o '/[^ ]*'); do
          mkdir -p ".\${library%/*}"; cp -L "$library" ".$library"
        done
      done
      echo copied > tmp/of-the-image
      tar -c . | "$0" import - "$1"`;
    const image = `assay-example:${crypto.randomUUID()}`;
    await output(["/bin/sh", "-c", `cd "$2" && ${script}`, runtime!, image, folder]);
    try {
      await body(image);
    } finally {
      await output(["/bin/sh", "-c", '"$0" rmi --force "$1"', runtime!, image]);
    }
  });
}
