/** How assay is started again to limit itself and become a command. */

/** assay's hidden verb, `src/process/confine_verb.ts`. */
const verb = "__confine";

/** Present on every system. */
const envProgram = "/usr/bin/env";

/**
 * Variables that make Deno load code, write files or use another cache, before it is confined.
 * May contain a password, so it stays in place, since argvs are visible to all; it makes Deno do nothing.
 */
const steering = /^(?:DENO_|OTEL_DENO|NODE_(?:OPTIONS|V8_|CHANNEL_|ICU_|REPL_))/;
const secret = /TOKEN|AUTH|SECRET|PASS|KEY|HEADER/;

type Environment = Readonly<Record<string, string | undefined>>;

export interface Starter {
  readonly self: readonly string[];
  env(name: string): string | undefined;
}

/**
 * The argv that runs `argv` limited by `order`. `environment` is what it will be started with: variables that
 * steer Deno are removed for assay's new start and restored for the command.
 */
export function confinedArgv(
  { self, env }: Starter,
  order: object,
  argv: readonly string[],
  environment: Environment,
): string[] {
  const start = [...self, verb, JSON.stringify(order), "--"];
  const held = Object.keys(environment).filter((name) =>
    steering.test(name) && !secret.test(name) && name !== cacheVariable
  );
  const unset = held.flatMap((name) => ["-u", name]);
  const set = held.map((name) => `${name}=${environment[name]}`);
  const cache = ownCache(self, env, environment);
  if (held.length === 0 && cache === undefined) return [...start, ...argv];
  return [
    // By path: the command's PATH may begin with a folder that the command can write to.
    ...[envProgram, ...unset, ...(cache?.set ?? []), ...start],
    ...[envProgram, ...(cache?.restore ?? []), ...set, ...argv],
  ];
}

const cacheVariable = "DENO_DIR";

/**
 * Unless assay is a compiled program, Deno reads assay's own code from its cache: the one this assay
 * uses, not one from the command's environment, which may be a folder that commands can write to.
 */
function ownCache(
  self: readonly string[],
  env: Starter["env"],
  environment: Environment,
): { readonly set: readonly string[]; readonly restore: readonly string[] } | undefined {
  const own = self.length > 1 ? cacheOf(env) : undefined;
  const given = environment[cacheVariable];
  if (own === undefined || own === cacheOf((name) => environment[name])) return undefined;
  return {
    set: [`${cacheVariable}=${own}`],
    restore: given === undefined ? ["-u", cacheVariable] : [`${cacheVariable}=${given}`],
  };
}

/** Where Deno on Linux keeps its cache, with that environment. */
function cacheOf(env: (name: string) => string | undefined): string | undefined {
  if (env(cacheVariable)) return env(cacheVariable);
  if (env("XDG_CACHE_HOME")) return `${env("XDG_CACHE_HOME")}/deno`;
  return env("HOME") ? `${env("HOME")}/.cache/deno` : undefined;
}
