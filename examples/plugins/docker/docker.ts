/**
 * A sandbox engine that runs a command in a container of docker or podman.
 *
 * Options: `image` (must be there already: nothing is pulled while a check runs), `runtime` (`docker` or
 * `podman`), `user`.
 *
 * @module
 */

import { definePlugin } from "assay/plugin";
import type { Collector, Review, SandboxSpec, Services, WrapContext } from "assay/plugin";
import { always, elsewhere, limits, mounts, network } from "./flags.ts";
import { kindOf, probe, type Settings } from "./probe.ts";

function settings({ options }: Services): Settings {
  const { runtime = "docker", image, user } = options;
  if (typeof image !== "string" || !/^[^-\s]\S*$/.test(image)) {
    throw new Error('the option "image" must name an image');
  }
  if (typeof runtime !== "string" || !/^\/|^\w[^/]*$/.test(runtime)) {
    throw new Error('the option "runtime" must be the name of a program, or its absolute path');
  }
  return { runtime, image, user: user === undefined ? undefined : String(user) };
}

/** The container's name, by which it is found again. */
const nameOf = ({ attemptId }: WrapContext) => `assay-${attemptId}`;

/** Variables that are of the machine and not of the image. */
const machines = ["PATH", "HOME", "PWD", "OLDPWD", "SHLVL", "_", "DOCKER_HOST"];

/** Variables go by name: their values stay out of the list of processes. */
function environment({ environment }: WrapContext): string[] {
  return Object.keys(environment).filter((name) => !machines.includes(name))
    .flatMap((name) => ["--env", name]);
}

/** Less than this a container is not given. */
const leastMemory = 6 * 1024 * 1024;

const sockets = "unix sockets in the folders it is given can be reached";

const caveats: Readonly<Record<string, string>> = {
  none: sockets,
  localhost: `the loopback is the container's own, nothing of the machine's answers; ${sockets}`,
  filesystem:
    "the image's files stand in the place of the machine's; the container's own /dev/shm " +
    "can be written and is gone with it",
  cpu: "each process alone, in whole seconds",
};

/** A caveat for where a whole workspace may be writable, which a review does not know. */
const unprotected =
  "; in a writable project .assay alone stays as it is, and what git runs from .git can be changed";

/** What a container cannot give, and what it gives with less. */
function review({ network, filesystem, paths_writable = [], cpu, memory }: SandboxSpec): Review {
  const isOpen = filesystem === "workspace_only" || paths_writable.length > 0;
  return {
    missing: {
      ...network === "hosts" ? { network: "a container reaches every host or none" } : {},
      ...memory !== undefined && memory < leastMemory
        ? { memory: "a container is given 6 MiB at least" }
        : {},
    },
    caveats: {
      ...network === undefined || network === "hosts" ? {} : { network: caveats[network]! },
      ...filesystem === undefined
        ? {}
        : { filesystem: caveats.filesystem! + (isOpen ? unprotected : "") },
      ...cpu === undefined ? {} : { cpu: caveats.cpu! },
    },
  };
}

/** The exit code of docker and podman when they could not make a container. */
const notMade = 125;

/** A container outlives the program that was started to run it, when that is killed. */
const remover = (runtime: string, name: string): Collector => ({
  async collect(_spec, { exitCode }, { run, warn }) {
    if (exitCode === notMade) {
      warn(`${runtime} could not run the container (exit code 125): see standard error`);
    }
    const list = [runtime, "ps", "--all", "--quiet", "--filter", `name=^${name}$`];
    const isThere = async () => (await run(list)).stdout.trim() !== "";
    if (!await isThere()) return;
    // Killed first: to remove alone may wait until it ends by itself.
    await run([runtime, "kill", name]);
    const { stderr } = await run([runtime, "rm", "--force", "--volumes", name]);
    if (await isThere()) throw new Error(`the container ${name} is still there: ${stderr.trim()}`);
    warn(`the container ${name} had outlived the command; it was removed`);
  },
});

export default definePlugin({
  name: "docker",
  version: "2.0.0",
  description: "commands in containers",
  permissions: { run: ["docker", "podman"], env: ["PATH", "HOME", "DOCKER_HOST"] },
  engines: [{
    name: "docker",
    capabilities: [
      ...["network", "filesystem", "paths_writable", "processes"] as const,
      ...["memory", "pids", "cpu", "tmpfs"] as const,
    ],
    // The outermost: what is outside of it confines the program that asks for a container, not the container.
    priority: 5,
    obtain:
      "Install docker or podman, make an image that holds what the command needs, and name it: " +
      'options = { image = "…" } in the [[plugin]] table.',
    probe: (host) => probe(host, settings(host)),
    review,
    wrap(argv: readonly string[], spec: SandboxSpec, context: WrapContext) {
      const { runtime, image, user } = settings(context);
      return [
        ...["sh", "-c", `cd ${elsewhere(context)} && exec "$@"`, "sh"],
        ...[runtime, "run", ...always, "--name", nameOf(context)],
        ...network(spec),
        ...mounts(spec, context, kindOf(context.facts)),
        ...limits(spec),
        ...user === undefined ? [] : ["--user", user],
        ...environment(context),
        ...["--workdir", context.cwd, image],
        ...argv,
      ];
    },
    collector: (_spec, context) => remover(settings(context).runtime, nameOf(context)),
  }],
});
