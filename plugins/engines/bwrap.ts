/**
 * Confines a command in namespaces with bubblewrap: network, files, processes. Works for everyone if user
 * namespaces are allowed.
 *
 * Hiding is by path: another hard link of a hidden file, or another place it is mounted on, is another path.
 *
 * @see https://github.com/containers/bubblewrap
 * @module
 */

import type {
  ConfigTable,
  Dimension,
  Review,
  SandboxEngine,
  SandboxSpec,
} from "../../src/plugin.ts";

export const bwrap: SandboxEngine = {
  name: "bwrap",
  priority: 30,
  capabilities: [
    "network",
    "filesystem",
    "processes",
    "tmpfs",
    "paths_writable",
    "paths_readable",
    "paths_hidden",
  ],
  obtain:
    "install bubblewrap (`apt install bubblewrap`, `dnf install bubblewrap`, `apk add bubblewrap`, " +
    "`pacman -S bubblewrap`) and allow user namespaces: on Ubuntu an AppArmor profile for bwrap or " +
    "`sysctl kernel.apparmor_restrict_unprivileged_userns=0`, elsewhere `sysctl user.max_user_namespaces=15000` " +
    "and, where it exists, `sysctl kernel.unprivileged_userns_clone=1`; in a container, start that one with " +
    "`--security-opt seccomp=unconfined --security-opt systempaths=unconfined`",
  probe: async (host) => (await import("./_bwrap_probe.ts")).probe(host),
  review,
  async wrap(argv, spec, context) {
    const { checkKinds, checkPrograms, kindsOf, wrapped } = await import("./_bwrap_argv.ts");
    await checkPrograms(context);
    const kinds = await kindsOf(spec, context);
    checkKinds(spec, kinds, context);
    return wrapped(argv, spec, context, kinds);
  },
};

function review(spec: SandboxSpec, { disableUserns }: ConfigTable): Review {
  const { network = "unrestricted" } = spec;
  return {
    missing: network === "hosts"
      ? { network: "it opens or closes the whole network and knows no hosts" }
      : {},
    caveats: {
      ...(network === "localhost" ? { network: localhost } : {}),
      ...joined(spec, [
        pipes,
        ...(isWritten(spec) ? [newRepositories] : []),
        ...(network === "none" ? [] : [byServices]),
        ...(disableUserns === true ? [] : [byNamespaces]),
      ]),
    },
  };
}

type Caveats = Readonly<Partial<Record<Dimension, string>>>;

const localhost =
  "the command has a loopback of its own, apart from the machine's; unix sockets in the file system stay reachable";

/** Acts of a service on request are not the command's own. */
const byServices: Caveats = {
  filesystem: "the command can ask a service on a unix socket to write, unless network is none",
  paths_hidden: "the command can ask a service on a unix socket to read, unless network is none",
  processes:
    "the command can ask a service on a unix socket to start processes, unless network is none",
};

/** A named pipe is not affected by the file system it is on being read-only. */
const pipes: Caveats = { filesystem: "named pipes (FIFOs) outside can be written to" };

/** A missing path cannot be mounted read-only, and a repository may be anywhere. */
const newRepositories: Caveats = {
  filesystem:
    "git and assay outside read a repository or configuration that the command creates where there was none",
};

function isWritten({ filesystem, paths_writable = [] }: SandboxSpec): boolean {
  const isScoped = filesystem === "scoped_write" || filesystem === "workspace_only";
  return isScoped || (filesystem === "readonly" && paths_writable.length > 0);
}

const byNamespaces: Caveats = {
  filesystem:
    "this bwrap cannot forbid user namespaces, and in one the command can mount and write control groups",
};

/** The caveats for what a sandbox asks for. */
function joined(spec: SandboxSpec, all: readonly Caveats[]): Caveats {
  const asked: Dimension[] = [
    ...((spec.filesystem ?? "unrestricted") === "unrestricted" ? [] : ["filesystem"] as const),
    ...(spec.paths_hidden?.length ? ["paths_hidden"] as const : []),
    ...(spec.processes === "isolated" ? ["processes"] as const : []),
  ];
  const texts = asked.map((dimension) =>
    [dimension, all.flatMap((caveats) => caveats[dimension] ?? []).join("; ")] as const
  );
  return Object.fromEntries(texts.filter(([, text]) => text !== ""));
}
