/**
 * `deno task session`: takes the picture of a terminal session that the README shows, `docs/session.svg`: a broken
 * change, what assay says of it, the repair. The session is real: it runs in a pseudo-terminal.
 *
 * @module
 */

import { assayCommand, copyExample, isolatedEnv, run, textOf, withFolder } from "../support.ts";
import { screenOf, svgOf } from "./_screen.ts";

/** Where the picture lies. */
export const picture = new URL("../../docs/session.svg", import.meta.url);

const columns = 92;

/** Breaks the example, and repairs it: `12.5` is twelve and a half, not twelve and five cents. */
const [right, wrong] = ['cents.padEnd(2, "0")', 'cents.padStart(2, "0")'];

/** The session's picture. */
export async function session(): Promise<string> {
  const output = await withFolder(async (folder) => {
    const project = `${folder}/deno-app`;
    await copyExample("deno-app", project);
    const place = { cwd: project, env: environment(`${folder}/home`) };
    const commit =
      "git init -q -b main && git add -A && git -c user.name=a -c user.email=a@b commit -qm x";
    await run(["sh", "-c", commit], place);
    const file = `${project}/src/money.ts`;
    const text = await Deno.readTextFile(file);
    if (!text.includes(right)) throw new Error(`${file} holds no ${right} any more`);
    await Deno.writeTextFile(file, text.replace(right, wrong));
    const failed = await shown("assay verify", place);
    await Deno.writeTextFile(file, text);
    return [failed, "$ # … the repair …\r\n\r\n", await shown("assay verify", place)].join("");
  });
  return svgOf(await screenOf(output, columns), {
    columns,
    title: "assay verify in a terminal",
    description: "A test fails: assay shows which, where and what to do, and says FAILED. " +
      "After the repair it says READY.",
  });
}

function environment(home: string): Record<string, string> {
  const { NO_COLOR: _, ...env } = isolatedEnv(home);
  return { ...env, TERM: "xterm-256color" };
}

/** What a terminal gets when one types the line. */
async function shown(
  line: string,
  place: { readonly cwd: string; readonly env: Record<string, string> },
): Promise<string> {
  const [verb, ...args] = line.split(" ");
  const argv = [...assayCommand(), ...args, "--jobs", "1"].map((word) => `'${word}'`).join(" ");
  const inside = `stty cols ${columns} rows 200; exec ${argv}`;
  const { stdout } = await run(["script", "-qec", inside, "/dev/null"], place);
  return `$ \x1b[1m${verb} ${args.join(" ")}\x1b[22m\r\n${textOf(stdout)}\r\n`;
}

/** The same with what differs from run to run taken out, and where texts stand. */
export function steadySession(svg: string): string {
  return svg.replaceAll(/ +(?:\d+m )?\d+(?:\.\d+)?m?s\b/g, " 0s").replaceAll(/ {2,}/g, "  ")
    .replaceAll(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, "RUN")
    .replaceAll(/ main [0-9a-f]{7}/g, " main COMMIT").replaceAll(/ (?:x|textLength)="[\d.]+"/g, "");
}

if (import.meta.main) await Deno.writeTextFile(picture, await session());
