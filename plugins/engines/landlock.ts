/**
 * The engine `landlock`: the kernel's own Landlock and a system call filter, with nothing to install. assay
 * starts itself again, limits itself and becomes the command.
 */

import type { Dimension, Review, SandboxEngine, SandboxSpec } from "../../src/plugin.ts";

type Reasons = Partial<Record<Dimension, string>>;

const metadata = "owner, mode, times and attributes of files outside can be changed";

const filesystemCaveats: Readonly<Record<string, string>> = {
  workspace_only:
    "in the workspace, .assay, .git and other files that decide which programs run outside can be written too; " +
    metadata,
  scoped_write: metadata,
};

function missing({ network }: SandboxSpec): Reasons {
  if (network === "localhost") {
    return {
      network: "Landlock filters by port, not by address, so it cannot allow only localhost",
    };
  }
  if (network === "hosts") return { network: "Landlock filters by port, not by host" };
  return {};
}

function caveats({ filesystem }: SandboxSpec): Reasons {
  const caveat = filesystem && filesystemCaveats[filesystem];
  return caveat ? { filesystem: caveat } : {};
}

export const landlock: SandboxEngine = {
  name: "landlock",
  capabilities: ["network", "filesystem", "paths_writable"],
  priority: 40,
  obtain:
    "It comes with Linux 6.2, and with 6.7 for the network, when `landlock` is among the names in " +
    "/sys/kernel/security/lsm (kernel parameter lsm=). Of processes, it only blocks signals: " +
    "they see each other and may outlive the run",
  probe: async (host) => (await import("./_landlock_probe.ts")).probe(host),
  review: (spec): Review => ({ missing: missing(spec), caveats: caveats(spec) }),
  async wrap(argv, spec, context) {
    const { confinedArgv } = await import("./_landlock_argv.ts");
    const { checkProtected, orderFor } = await import("./_landlock_order.ts");
    checkProtected(spec, context);
    const { abi } = context.facts;
    if (typeof abi !== "number") {
      throw new Error("the probe did not report Landlock's version");
    }
    const order = orderFor(spec, context, { abi, arch: context.arch });
    return confinedArgv(context, order, argv, context.environment);
  },
};
