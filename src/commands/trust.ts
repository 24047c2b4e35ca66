/** `assay trust`: what plugin code would run here, and the user's consent to it. */

import { readPluginConfig } from "../config/plugin_config.ts";
import { ExitCode, usageError, UserError } from "../errors.ts";
import { type Content, contentOf, digestOf, needsTrust } from "../modules/content.ts";
import { lockedPlugins } from "../modules/lock.ts";
import { changeTrust, readTrust, trustFile, trustStateOf } from "../modules/trust.ts";
import type { PluginSetting } from "../plugin_setting.ts";
import type { TrustOutput } from "../schema/plugins.ts";
import { recordOf } from "./_plugin_record.ts";
import { recoveredRoot, tell } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. Nothing is loaded, fetched or run. */
export async function run(call: Call): Promise<ExitCode> {
  const { io } = call;
  const given = call.value("trust");
  if ([call.flag("show"), call.flag("revoke"), given !== undefined].filter(Boolean).length > 1) {
    throw usageError("--show, --revoke and --trust exclude each other");
  }
  const root = await recoveredRoot(call);
  const file = await trustFile(io, root);
  if (call.flag("revoke")) await revoke(call, root);
  const { plugins, modules } = await readPluginConfig(io, root);
  const problems = new Map<string, UserError>();
  const content = await contentOf(io, root, plugins, modules, problems);
  const [problem] = problems.values();
  const show = async () => {
    const output = await outputOf(call, { root, file, plugins, content, problems });
    await tell(call, output, ({ trustTable }) => trustTable(output, call));
    return output;
  };
  if (given !== undefined) {
    if (problem) throw problem;
    if (given !== await digestOf(io, content)) {
      throw new UserError("Nothing was trusted: the digest does not match the current plugins", {
        code: "not_trusted",
        hint: "assay trust --show prints them and their digest",
      });
    }
    await changeTrust(io, root, () => content);
  }
  const { state } = await show();
  if (call.flag("show") || call.flag("revoke") || state === "trusted" || state === "not_needed") {
    return ExitCode.ok;
  }
  if (problem) throw problem;
  const answer = await io.ask("Trust this? [y/N] ");
  if (answer === undefined) {
    throw new UserError("Nothing was trusted: there is no terminal to confirm at", {
      code: "not_trusted",
      hint:
        "review assay trust --show; then pass its digest: assay trust --trust DIGEST records it, " +
        "ASSAY_TRUST=DIGEST trusts it for one call",
    });
  }
  if (!/^y(es)?$/i.test(answer)) return ExitCode.failed;
  await changeTrust(io, root, () => content);
  io.stderr.write(`assay: trusted until it changes (${file})\n`);
  return ExitCode.ok;
}

async function revoke({ io, json }: Call, root: string): Promise<void> {
  const before = await readTrust(io, root);
  if (before) await changeTrust(io, root, () => undefined);
  if (!json) {
    io.stderr.write(before ? "assay: trust revoked\n" : "assay: this project was not trusted\n");
  }
}

interface Subject {
  readonly root: string;
  readonly file: string;
  readonly plugins: readonly PluginSetting[];
  readonly content: Content;
  /** What could not be read, by plugin. */
  readonly problems: ReadonlyMap<string, UserError>;
}

async function outputOf(
  { io }: Call,
  { root, file, plugins, content, problems }: Subject,
): Promise<TrustOutput> {
  const locked = await lockedPlugins(io, root);
  const trustState = await trustStateOf(io, root, content, undefined);
  const isNeeded = plugins.some(needsTrust);
  const state = !isNeeded ? "not_needed" : trustState.isTrusted ? "trusted" : "not_trusted";
  return {
    root,
    file,
    state,
    changes: trustState.isTrusted ? [] : trustState.changes ?? [],
    digest: await digestOf(io, content),
    plugins: plugins.map(({ url, isolation, permissions }) => ({
      url,
      isolation,
      permissions: recordOf(permissions),
      files: hashes(Object.entries(content.plugins[url]!.modules)),
      pinned: locked[url]
        ? hashes(Object.entries(locked[url].modules).map(([url, { sha256 }]) => [url, sha256]))
        : null,
      problem: problems.get(url)?.message ?? null,
    })),
  };
}

function hashes(entries: readonly (readonly [string, string])[]) {
  return entries.map(([url, sha256]) => ({ url, sha256 }));
}
