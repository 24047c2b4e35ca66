/**
 * The table of verbs: what `assay help` prints, and which file each verb lives in.
 *
 * @module
 */

import { hookNames } from "../hook/script.ts";
import { kinds } from "../model.ts";
import { reporters } from "../report/reporters/mod.ts";
import { presetNames } from "../sandbox/presets.ts";
import { looking, running, speaking, storing } from "../commands/privilege.ts";
import type { Verb, VerbModule } from "../commands/types.ts";
import { pluginFlags, pluginParts } from "../commands/_plugin_flags.ts";
import { moduleFlags, rootFlag, trustFlag } from "../commands/types.ts";

const json = { name: "json", type: "boolean", text: "print one JSON object" } as const;
const jobs = {
  name: "jobs",
  type: "string",
  value: "N",
  takes: "text",
  text: "run at most N commands at once (default: the number of cores)",
} as const;
const reporter = {
  name: "reporter",
  type: "list",
  value: "NAME[=FILE]",
  takes: { name: reporters.map(({ name }) => name), value: "file" },
  text:
    "write a report, into FILE or to standard output (assay help report lists them); repeatable",
} as const;

/** The shells that `completions` writes for. */
const shells = ["bash", "zsh", "fish"] as const;

type Light = typeof import("./_light.ts");

/** A verb of those that are loaded together. */
async function light(name: keyof Light): Promise<VerbModule> {
  return (await import("./_light.ts"))[name];
}

/** Every verb, in the order of `assay help`. */
export const verbs: readonly Verb[] = [
  {
    name: "init",
    usage: "assay init",
    summary: "write the smallest useful configuration for this project",
    flags: [rootFlag, json],
    examples: [["assay init", "detect the stack, write .assay/ and .gitignore lines"]],
    needs: running,
    load: () => light("init"),
  },
  {
    name: "verify",
    usage: "assay verify [--skip KIND] [--only ID] [--jobs N] [--fail-fast]",
    summary: "run every check that applies and say whether the change is done",
    exits: [1, 3],
    flags: [
      rootFlag,
      json,
      jobs,
      reporter,
      { name: "fail-fast", type: "boolean", text: "stop at the first command that does not pass" },
      {
        name: "skip",
        type: "list",
        value: "KIND",
        takes: kinds,
        text: "leave out build, test or lint; its gate becomes unknown, so the run cannot be green",
      },
      {
        name: "only",
        type: "list",
        value: "ID",
        takes: "runner",
        text: "run only this runner; the gates of what is left out become unknown",
      },
      ...moduleFlags,
    ],
    examples: [
      ["assay verify", "the whole of it"],
      ["assay verify --fail-fast --jobs 1", "one at a time, stop at the first failure"],
      ["assay verify --json | jq .recommendation", "for machines"],
      ["assay verify --reporter junit=out/junit.xml --reporter github", "for a CI"],
    ],
    needs: running,
    loads: true,
    load: () => light("verify"),
  },
  {
    name: "gate",
    usage: "assay gate [RUN] [--explain]",
    summary: "say whether a stored run may still be called done",
    exits: [1, 3],
    takes: ["run"],
    flags: [
      rootFlag,
      json,
      { name: "explain", type: "boolean", text: "print the arithmetic of the confidence" },
    ],
    examples: [
      ["assay gate", "the newest run, against the working tree as it is now"],
      ["assay gate --explain", "with its arithmetic"],
    ],
    needs: running,
    load: () => light("gate"),
  },
  {
    name: "diagnose",
    usage: "assay diagnose [RUN]",
    summary: "say what to repair, the most blocking first",
    exits: [3],
    takes: ["run"],
    flags: [rootFlag, json],
    examples: [["assay diagnose", "the newest run"], ["assay diagnose ~2", "the one before"]],
    needs: running,
    load: () => light("diagnose"),
  },
  {
    name: "report",
    usage: "assay report [RUN] [--reporter NAME[=FILE] …]",
    summary: "write a stored run as a report that other tools read",
    topic: "reporters",
    exits: [3],
    takes: ["run"],
    flags: [rootFlag, json, reporter],
    examples: [
      ["assay report --reporter sarif=assay.sarif", "the newest run; its exit code judges nothing"],
      ["assay report ~2 --reporter markdown", "the run before, to standard output"],
      ["assay report @failed --reporter junit=a.xml --reporter ctrf=b.json", "two at once"],
    ],
    needs: running,
    load: () => import("../commands/report.ts"),
  },
  {
    name: "inspect",
    usage: "assay inspect REF [--full]",
    summary: "show one event or command of a stored run with everything known of it",
    topic: "references",
    takes: ["reference"],
    flags: [
      rootFlag,
      json,
      { name: "full", type: "boolean", text: "run the deferred annotators first" },
      ...moduleFlags,
    ],
    examples: [
      ["assay inspect test:12:3", "event 3 of attempt 12 of test"],
      ["assay inspect @failed:1 --full", "with its source, its last commit, its first run"],
      ["assay inspect test", "the newest attempt of test, with its first problems"],
    ],
    needs: running,
    loads: ["--full"],
    load: () => import("../commands/inspect.ts"),
  },
  {
    name: "annotate",
    usage: "assay annotate REF [--annotator NAME]",
    summary: "run annotators over a stored command, or over all of a run",
    takes: ["reference"],
    flags: [
      rootFlag,
      json,
      {
        name: "annotator",
        type: "list",
        value: "NAME",
        takes: "annotator",
        text: "run only this one (default: all)",
      },
      ...moduleFlags,
    ],
    examples: [
      ["assay annotate test:12", "what they say is shown by diagnose and inspect"],
      ["assay annotate @failed --annotator blame", "one annotator alone"],
    ],
    needs: running,
    loads: true,
    load: () => import("../commands/annotate.ts"),
  },
  {
    name: "run",
    usage: "assay run NAME [KEY=VALUE …]",
    summary: "run one command of commands.toml, or one runner, by name",
    exits: [1, 3],
    takes: ["command"],
    more: "parameter",
    flags: [rootFlag, json, reporter, ...moduleFlags],
    examples: [["assay run test", "a command of .assay/commands.toml"]],
    needs: running,
    loads: true,
    load: () => light("run"),
  },
  {
    name: "exec",
    usage:
      "assay exec [--kind KIND] [--format FORMAT] [--result-file FILE] [--sandbox PRESET] -- COMMAND …",
    summary: "run any command with the evidence kept",
    exits: [1, 3],
    rest: "program",
    flags: [
      rootFlag,
      json,
      reporter,
      {
        name: "kind",
        type: "string",
        value: "KIND",
        takes: kinds,
        text: "build, test or lint: the gate it judges (default: none)",
      },
      {
        name: "format",
        type: "string",
        value: "FORMAT",
        takes: "result-format",
        text: "format of its report (default: exit-code)",
      },
      {
        name: "result-file",
        type: "string",
        value: "FILE",
        takes: "file",
        text: "where it writes its report (default: standard output)",
      },
      {
        name: "timeout",
        type: "string",
        value: "TIME",
        takes: "text",
        text: "such as 30s or 5m (default: that of its kind)",
      },
      {
        name: "sandbox",
        type: "string",
        value: "PRESET",
        takes: presetNames,
        text:
          "readonly, test, build, integration, unrestricted or none (default: that of config.toml)",
      },
      ...moduleFlags,
    ],
    examples: [
      ["assay exec -- make check", "the exit code decides"],
      ["assay exec --sandbox readonly -- ./unknown.sh", "without network, writing nothing"],
      ["assay exec --format go-test-json -- go test -json ./...", "read its report"],
    ],
    needs: running,
    loads: true,
    load: () => light("exec"),
  },
  {
    name: "hook",
    usage: "assay hook install|uninstall|status [HOOK …] | run HOOK | restore",
    summary: "test what is staged or pushed, from git's hooks pre-commit and pre-push",
    exits: [1, 3],
    parts: [
      {
        name: "install",
        usage: "[HOOK …]",
        more: hookNames,
        text: "make git call assay (default: before each commit); a hook that was there goes on",
        without: ["jobs", "reporter", "fail-fast"],
      },
      {
        name: "uninstall",
        usage: "[HOOK …]",
        more: hookNames,
        text: "take it out again (default: every one); hooks from before come back",
        without: ["jobs", "reporter", "fail-fast"],
      },
      {
        name: "status",
        usage: "[HOOK …]",
        more: hookNames,
        text: "which hooks are installed, and what git calls",
        without: ["jobs", "reporter", "fail-fast", "force"],
      },
      {
        name: "run",
        usage: "HOOK",
        takes: [hookNames],
        text: "verify what is staged or pushed, as the installed script does",
        without: ["force"],
      },
      {
        name: "restore",
        text: "after a crash, put back what was set aside",
        without: ["jobs", "reporter", "fail-fast", "force"],
      },
    ],
    flags: [
      rootFlag,
      json,
      jobs,
      reporter,
      { name: "fail-fast", type: "boolean", text: "run: stop at the first that does not pass" },
      {
        name: "force",
        type: "boolean",
        text: "install, uninstall: a script changed by hand gives way",
      },
      ...moduleFlags,
    ],
    examples: [
      ["assay hook install", "before each commit, test what is staged"],
      ["assay hook install pre-commit pre-push", "and before each push, what is pushed"],
      ["assay hook uninstall", "the hooks that were there before come back"],
      ["assay hook run pre-commit", "what the script calls"],
      ["assay hook restore", "after a crash, put back what was set aside; other verbs do so, too"],
    ],
    needs: running,
    loads: ["run"],
    load: () => import("../commands/hook.ts"),
  },
  {
    name: "parse",
    usage: "assay parse FORMAT FILE|-",
    summary: "show what assay reads in a report",
    topic: "formats",
    exits: [1, 3],
    takes: ["format", "file"],
    flags: [
      json,
      { name: "events", type: "boolean", text: "with --json: every event, not only the counts" },
    ],
    examples: [
      ["assay parse junit-xml report.xml", "counts and failures"],
      ["go test -json | assay parse go-test-json - --json", "from standard input"],
    ],
    needs: looking,
    load: () => light("parse"),
  },
  {
    name: "plugin",
    usage: "assay plugin list|check|add URL|remove URL|update [URL …]",
    summary: "list runners and plugins, check the configuration, add and update plugins",
    parts: pluginParts,
    flags: pluginFlags,
    examples: [
      ["assay plugin list", "every runner and plugin, where it comes from, why it applies or not"],
      ["assay plugin check", "read all configuration, load all plugins, and say what is wrong"],
      [
        "assay plugin add https://example.com/x.ts",
        "with no permissions; it says what it asks for",
      ],
      ["assay plugin add ./x.ts --allow-read=. --allow-net=a.com,b.com", "with these alone"],
      ["assay plugin update", "fetch all again, show what changed, and accept it"],
      ["assay plugin remove NAME", "out of the configuration and the lock"],
    ],
    needs: running,
    loads: ["check", "add", "update"],
    load: () => import("../commands/plugin.ts"),
  },
  {
    name: "trust",
    usage: "assay trust [--show] [--revoke]",
    summary: "show which code of plugins would run here, with which permissions, and consent to it",
    exits: [1],
    flags: [
      rootFlag,
      json,
      { name: "show", type: "boolean", text: "only show it, and its digest" },
      { name: "revoke", type: "boolean", text: "forget that this project is trusted" },
      {
        ...trustFlag,
        text: "without a terminal: remember it, if it is what --show gave this digest of",
      },
    ],
    examples: [
      ["assay trust", "look at it, and say y"],
      ["assay trust --show --json | jq -r .digest", "the digest for a CI, once you looked at it"],
      ["ASSAY_TRUST=DIGEST assay verify", "in that CI: anything else is refused"],
    ],
    needs: storing,
    load: () => import("../commands/trust.ts"),
  },
  {
    name: "explain",
    usage: "assay explain NAME",
    summary: "show one runner or command as assay would run it",
    takes: ["command"],
    flags: [rootFlag, json],
    examples: [["assay explain deno_test", "its command, limits, report, origin, detection"]],
    needs: running,
    load: () => light("explain"),
  },
  {
    name: "sandbox",
    usage: "assay sandbox doctor|explain NAME",
    summary: "say what sandboxes can hold a command to here, and how one is held to its own",
    parts: [
      {
        name: "doctor",
        text: "each engine, tried afresh: what it gives, what is missing, how to get it",
      },
      {
        name: "explain",
        usage: "NAME",
        takes: ["command"],
        text: "how one runner or command is held to its sandbox: dimensions, engines, the argv",
      },
    ],
    flags: [rootFlag, json],
    examples: [
      [
        "assay sandbox doctor",
        "each engine, tried afresh: what it gives, what is missing, how to get it",
      ],
      ["assay sandbox explain deno_test", "what is declared, which engine enforces it, the argv"],
    ],
    needs: running,
    load: () => import("../commands/sandbox.ts"),
  },
  {
    name: "history",
    usage: "assay history [--limit N]",
    summary: "list the stored runs",
    exits: [1],
    flags: [
      rootFlag,
      json,
      {
        name: "limit",
        type: "string",
        value: "N",
        takes: "text",
        text: "at most N runs (default 20)",
      },
    ],
    examples: [["assay history --limit 5", "the newest five"]],
    needs: storing,
    load: () => light("history"),
  },
  {
    name: "store",
    usage: "assay store rebuild",
    summary: "rebuild the index from the evidence on disk",
    parts: [{ name: "rebuild", text: "rebuild .assay/assay.db from the run folders" }],
    flags: [rootFlag, json],
    examples: [["assay store rebuild", "after run folders were added or removed by hand"]],
    needs: storing,
    load: () => light("store"),
  },
  {
    name: "schema",
    usage: "assay schema [NAME]",
    summary: "print the JSON Schema of a configuration file or an output",
    takes: ["schema"],
    flags: [json],
    examples: [["assay schema plugins", "for your editor"], ["assay schema", "the names"]],
    needs: looking,
    load: () => import("../commands/schema.ts"),
  },
  {
    name: "doctor",
    usage: "assay doctor",
    summary: "check that assay has what it needs here",
    flags: [rootFlag, json],
    examples: [["assay doctor", "git, shell, store, the tools your runners call"]],
    exits: [1],
    needs: running,
    load: () => light("doctor"),
  },
  {
    name: "completions",
    usage: "assay completions bash|zsh|fish",
    summary: "print the script that makes a shell complete verbs, options and names",
    takes: [shells],
    flags: [],
    examples: [
      ["source <(assay completions bash)", "in ~/.bashrc, for bash"],
      ["source <(assay completions zsh)", "in ~/.zshrc after compinit, for zsh"],
      ["assay completions fish | source", "in ~/.config/fish/config.fish, for fish"],
    ],
    needs: speaking,
    load: () => import("./completions.ts"),
  },
];

/**
 * What the scripts of `completions` call: shown nowhere. It opens no store and loads no plugin, so
 * that reading is all it needs.
 */
export const completeVerb: Verb = {
  name: "__complete",
  usage: "assay __complete -- [WORD …] CURRENT",
  summary: "what a word may be, for the scripts of assay completions",
  flags: [],
  examples: [],
  needs: looking,
  load: () => import("./complete.ts"),
};
