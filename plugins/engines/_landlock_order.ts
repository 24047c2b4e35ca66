/**
 * The instructions for assay's hidden verb for a sandbox: Landlock rights and a system call filter.
 *
 * @see https://docs.kernel.org/userspace-api/landlock.html
 * @module
 */

import type { SandboxSpec, WrapContext } from "../../src/plugin.ts";
import { isWithin } from "../../src/text/paths.ts";
import { closedBy, closedPaths } from "./_protected.ts";
import { filterFor } from "./_seccomp.ts";

/** First Landlock versions with each feature. */
export const landlockAbi = { truncate: 3, tcp: 4, ioctl: 5, scopes: 6 } as const;

/** Writable in any sandbox, if it exists. */
export interface OwnPaths {
  readonly workspace: string;
  readonly tmpDir: string;
  readonly liveDir: string;
  readonly resultFile?: string;
}

/** What the hidden verb reads as JSON. */
interface Order {
  readonly landlock: {
    readonly fs: readonly string[];
    readonly net: readonly string[];
    readonly scopes: readonly string[];
    readonly rules: readonly (readonly [rights: readonly string[], paths: readonly string[]])[];
  };
  readonly seccomp: string;
}

/** Rights restored for writable paths. */
const writing = [
  ...["write_file", "remove_dir", "remove_file", "refer", "truncate"],
  ...["make_dir", "make_reg", "make_sock", "make_fifo", "make_sym"],
];

/** Never restored: through its own device file, root could write to a disk. */
const makingDevices = ["make_char", "make_block"];

/** What programs write to without leaving anything behind. */
const devices = ["null", "zero", "full", "random", "urandom", "tty"].map((name) => `/dev/${name}`);

const isRestricted = (spec: SandboxSpec) =>
  spec.filesystem !== undefined && spec.filesystem !== "unrestricted";

/**
 * The instructions for what a sandbox closes; anything it does not name stays open.
 *
 * It takes away no rights to read or execute, so no rule has to restore them. Signals
 * to processes outside are always blocked if possible: they could reach assay itself.
 */
export function orderFor(
  spec: SandboxSpec,
  own: OwnPaths,
  { abi, arch }: { readonly abi: number; readonly arch: string },
): Order {
  const isOffline = spec.network === "none";
  const ioctl = abi >= landlockAbi.ioctl ? ["ioctl_dev"] : [];
  const scopes = [...(isOffline ? ["abstract_unix_socket"] : []), "signal"];
  const filter = filterFor(arch, {
    sockets: isOffline ? "none_allowed" : "all",
    denyMetadata: spec.filesystem === "readonly",
  });
  return {
    landlock: {
      fs: isRestricted(spec) ? [...writing, ...makingDevices, ...ioctl] : [],
      net: isOffline ? ["bind_tcp", "connect_tcp"] : [],
      scopes: abi >= landlockAbi.scopes ? scopes : [],
      rules: isRestricted(spec)
        ? [[writing, writablePaths(spec, own)], [["write_file", "truncate", ...ioctl], devices]]
        : [],
    },
    seccomp: btoa(String.fromCharCode(...filter)),
  };
}

function writablePaths(
  { filesystem, paths_writable = [] }: SandboxSpec,
  { workspace, tmpDir, liveDir, resultFile }: OwnPaths,
): readonly string[] {
  const paths = [
    ...(filesystem === "workspace_only" ? [workspace] : []),
    ...paths_writable,
    ...[tmpDir, liveDir],
    ...(resultFile === undefined ? [] : [resultFile]),
  ];
  return [...new Set(paths)];
}

/**
 * Rejects what Landlock cannot do, a closed path in an open folder: rights apply to a folder and everything
 * in it. That a fully writable workspace contains protected paths is a caveat.
 *
 * @throws if a writable path would open a protected one that is not named itself
 */
export function checkProtected(
  spec: SandboxSpec,
  context: Pick<WrapContext, "protectedPaths" | "workspace">,
): void {
  const { filesystem = "unrestricted", paths_writable = [] } = spec;
  if (filesystem === "unrestricted") return;
  for (const path of paths_writable) {
    if (filesystem === "workspace_only" && path === context.workspace) continue;
    const opened = closedBy(path, spec, context) ??
      closedPaths(spec, context).find((each) => isWithin(each, path));
    if (opened === undefined) continue;
    throw new Error(
      `paths_writable: Landlock cannot open ${path} and keep ${opened} closed, which decides what is run ` +
        "outside; open less, or name that itself to have it written",
    );
  }
}
