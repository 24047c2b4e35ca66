/** Proves by doing what containers can be relied on for here: the same acts without limits, then with them. */

import type { ConfigTable, Dimension, EngineHost, Probe } from "assay/plugin";
import { type Act, acts, script, secondView, type Tried, triedOf } from "./acts.ts";
import { always, bind, elsewhere, empty, type Kind, limits, network, readOnly } from "./flags.ts";

/** How to call the program, and what it runs. */
export interface Settings {
  readonly runtime: string;
  readonly image: string;
  readonly user: string | undefined;
}

/** The facts of a probe. */
export const kindOf = ({ isPodman }: ConfigTable): Kind => ({ isPodman: isPodman === true });

/** Two containers, one after the other. */
export async function probe(host: EngineHost, settings: Settings): Promise<Probe> {
  const { root } = host;
  const version = await host.run([settings.runtime, "--version"]);
  const kind = { isPodman: version.stdout.includes("podman") };
  const second = bind(root, secondView, false);
  // Only without an init can a container have the machine's processes.
  const open = always.filter((flag) => flag !== "--init");
  const control = await run(host, settings, [
    ...[...open, ...network({}), "--pid=host"],
    ...[...bind(root, root, true), ...second],
  ], []);
  if ("failed" in control) return { works: false, detail: control.failed };
  const confined = await run(host, settings, [
    ...[...always, ...readOnly(kind), ...network({ network: "none" })],
    ...limits({ memory: 32 * 1024 * 1024, pids: 16, cpu: 60_000 }),
    ...[...bind(root, root, false), ...second, ...empty(`${secondView}/.assay`, kind)],
  ], control.others);
  if ("failed" in confined) return { works: false, detail: confined.failed };
  return { ...judged(settings, control, confined), facts: { ...kind } };
}

async function run(
  host: EngineHost,
  { runtime, image, user }: Settings,
  flags: readonly string[],
  processes: readonly string[],
): Promise<Tried | { readonly failed: string }> {
  const { exitCode, stdout, stderr } = await host.run([
    ...[runtime, "run", ...flags, ...user === undefined ? [] : ["--user", user]],
    ...[image, "sh", "-c", script, "sh", host.root, ...processes],
  ], { cwd: elsewhere(host) });
  if (exitCode === 0) return triedOf(stdout);
  return { failed: `${runtime} run ${image}: ${stderr.trim() || `exit code ${exitCode}`}` };
}

function judged({ runtime, image }: Settings, control: Tried, confined: Tried): Probe {
  const missing: Partial<Record<Dimension, string>> = {};
  const held: Act[] = [];
  for (const act of Object.keys(acts) as Act[]) {
    const why = whyNot(act, control, confined);
    if (why === undefined) held.push(act);
    else missing[act] = why;
  }
  const says = `in a container of ${image}, started by ${runtime}`;
  return held.length === 0
    ? { works: false, detail: `nothing is held to ${says}: ${Object.values(missing).join("; ")}` }
    : {
      works: true,
      detail: `${held.join(", ")}: tried ${says}, without limits and with`,
      missing,
    };
}

function whyNot(act: Act, control: Tried, confined: Tried): string | undefined {
  const could = act === "processes" ? control.others.length > 0 : control.got(act);
  if (!could) return `even without limits a container could not ${acts[act]}: that proves nothing`;
  if (!confined.denied(act)) return `a container could ${acts[act]} in spite of its limits`;
  if (act === "tmpfs" && !confined.hasTmpfs) return "the empty folder could not be written";
  return undefined;
}
