/**
 * A sandbox engine that runs a command in a container of docker or podman.
 *
 * Options: `image` (must be there already: nothing is pulled while a check runs), `runtime` (`docker` or
 * `podman`), `user`.
 *
 * @module
 */

import { definePlugin } from "@assay/assay/plugin";
import type { Collector, SandboxSpec, Services, WrapContext } from "@assay/assay/plugin";
import { limits, mounts, network } from "./flags.ts";

function settings({ options }: Services) {
  const { runtime = "docker", image, user } = options;
  if (typeof image !== "string") throw new Error('the option "image" must name an image');
  return { runtime: String(runtime), image, user: user === undefined ? undefined : String(user) };
}

/** The container's name, by which it is found again. */
const nameOf = ({ attemptId }: WrapContext) => `assay-${attemptId}`;

/** Variables go by name: their values stay out of the list of processes. */
function environment({ environment }: WrapContext): string[] {
  const own = ["PATH", "HOME", "PWD", "SHLVL", "_"];
  return Object.keys(environment).filter((name) => !own.includes(name))
    .flatMap((name) => ["-e", name]);
}

/** A container outlives the program that was started to run it, when that is killed. */
const remover = (runtime: string, name: string): Collector => ({
  async collect(_spec, _result, services) {
    await services.run([runtime, "rm", "--force", name]);
  },
});

export default definePlugin({
  name: "docker",
  version: "1.0.0",
  description: "commands in containers",
  permissions: { run: ["docker", "podman"], env: ["PATH", "HOME", "DOCKER_HOST"] },
  engines: [{
    name: "docker",
    capabilities: ["network", "filesystem", "processes", "memory", "pids", "tmpfs"],
    priority: 20,
    async probe(services) {
      const { runtime, image } = settings(services);
      const base = [runtime, "run", "--rm", "--pull=never", "--network=none", "--read-only", image];
      const allowed = await services.run([...base, "true"]);
      if (allowed.exitCode !== 0) {
        return { works: false, detail: `${base.join(" ")} true: ${allowed.stderr.trim()}` };
      }
      const denied = await services.run([...base, "sh", "-c", ": > /assay-probe"]);
      return denied.exitCode === 0
        ? { works: false, detail: "a read-only container could write to its root" }
        : {
          works: true,
          detail: `${runtime} runs ${image}, and a write to a read-only root failed`,
        };
    },
    wrap(argv: readonly string[], spec: SandboxSpec, context: WrapContext) {
      const { runtime, image, user } = settings(context);
      return [
        ...[runtime, "run", "--rm", "--init", "--pull=never", "--name", nameOf(context)],
        ...network(spec),
        ...mounts(spec, context),
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
