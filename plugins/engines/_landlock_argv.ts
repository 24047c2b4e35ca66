/** How assay is started again to limit itself and become a command. */

/** assay's hidden verb, `src/process/confine_verb.ts`. */
const verb = "__confine";

/** Where every system has it. */
const envProgram = "/usr/bin/env";

/**
 * Variables that make a Deno load code, write files or read another cache: it would do so before it is confined.
 * What may be a password stays where it is, as an argv is seen by everyone; it makes Deno do nothing.
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
 * steer Deno are taken from assay's new start and given back to the command.
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
    // By its path: the command's PATH may begin with a folder that the command can write.
    ...[envProgram, ...unset, ...(cache?.set ?? []), ...start],
    ...[envProgram, ...(cache?.restore ?? []), ...set, ...argv],
  ];
}

const cacheVariable = "DENO_DIR";

/**
 * Unless assay is one compiled program, Deno reads assay's own code from its cache: from where this assay has
 * it, not from where the command's environment says, which may be a folder that commands write.
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

/** Where a Deno on Linux keeps what it cached, with that environment. */
function cacheOf(env: (name: string) => string | undefined): string | undefined {
  if (env(cacheVariable)) return env(cacheVariable);
  if (env("XDG_CACHE_HOME")) return `${env("XDG_CACHE_HOME")}/deno`;
  return env("HOME") ? `${env("HOME")}/.cache/deno` : undefined;
}
