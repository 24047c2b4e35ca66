/** The table of verbs: what `assay help` prints, what each takes, and which file it lives in. */

import { hookNames } from "../hook/script.ts";
import { kinds } from "../model.ts";
import { presetNames } from "../sandbox/presets.ts";
import { looking, running, speaking, storing } from "../commands/privilege.ts";
import type { Verb } from "../commands/types.ts";
import {
  failFast,
  jobs,
  json,
  list,
  moduleFlags,
  only,
  option,
  pluginFlags,
  quiet,
  reporter,
  root,
  toggle,
  trust,
  verbose,
} from "./flags.ts";

type Light = typeof import("./_light.ts");

/** A verb of those that are loaded together. */
const light = (name: keyof Light) => async () => (await import("./_light.ts"))[name];

/** What the parts of `assay hook` share that put scripts where git finds them. */
const installing = {
  usage: "[HOOK …]",
  more: hookNames,
  load: () => import("../commands/hook_install.ts"),
};

/** Every verb, in the order of `assay help`. */
export const verbs: readonly Verb[] = [
  {
    name: "init",
    usage: "assay init",
    summary: "write the smallest useful configuration for this project",
    flags: [root, json],
    examples: [["assay init", "detect the stack, write .assay/ and .gitignore lines"]],
    needs: running,
    load: light("init"),
  },
  {
    name: "verify",
    usage: "assay verify [--skip KIND] [--only ID] [--jobs N] [--fail-fast]",
    summary: "run every check that applies and say whether the change is done",
    exits: [1, 3],
    flags: [
      root,
      json,
      jobs,
      reporter,
      quiet,
      verbose,
      failFast,
      list(
        "skip",
        "KIND",
        kinds,
        "leave out build, test or lint; its gate becomes unknown, so the run cannot be green",
      ),
      list(
        "only",
        "ID",
        "runner",
        "run only this runner; the gates of what is left out become unknown",
      ),
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
    load: light("verify"),
  },
  {
    name: "gate",
    usage: "assay gate [RUN] [--explain]",
    summary: "say whether a stored run may still be called done",
    exits: [1, 3],
    takes: ["run"],
    optional: true,
    flags: [root, json, toggle("explain", "print the arithmetic of the confidence")],
    examples: [
      ["assay gate", "the newest run, against the working tree as it is now"],
      ["assay gate --explain", "with its arithmetic"],
    ],
    needs: running,
    load: light("gate"),
  },
  {
    name: "diagnose",
    usage: "assay diagnose [RUN]",
    summary: "say what to repair, the most blocking first",
    exits: [3],
    takes: ["run"],
    optional: true,
    flags: [root, json],
    examples: [["assay diagnose", "the newest run"], ["assay diagnose ~2", "the one before"]],
    needs: running,
    load: light("diagnose"),
  },
  {
    name: "report",
    usage: "assay report [RUN] [--reporter NAME[=FILE] …]",
    summary: "write a stored run as a report that other tools read",
    topic: "reporters",
    exits: [3],
    takes: ["run"],
    optional: true,
    flags: [root, json, reporter],
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
    flags: [root, json, toggle("full", "run the deferred annotators first"), ...moduleFlags],
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
      root,
      json,
      list("annotator", "NAME", "annotator", "run only this one (default: all)"),
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
    flags: [root, json, reporter, ...moduleFlags],
    examples: [["assay run test", "a command of .assay/commands.toml"]],
    needs: running,
    loads: true,
    load: light("run"),
  },
  {
    name: "exec",
    usage:
      "assay exec [--kind KIND] [--format FORMAT] [--result-file FILE] [--sandbox PRESET] -- COMMAND …",
    summary: "run any command with the evidence kept",
    exits: [1, 3],
    rest: "program",
    flags: [
      root,
      json,
      reporter,
      option("kind", "KIND", kinds, "build, test or lint: the gate it judges (default: none)"),
      option("format", "FORMAT", "result-format", "format of its report (default: exit-code)"),
      option(
        "result-file",
        "FILE",
        "file",
        "where it writes its report (default: standard output)",
      ),
      option("timeout", "TIME", "text", "such as 30s or 5m (default: that of its kind)"),
      option(
        "sandbox",
        "PRESET",
        presetNames,
        "readonly, test, build, integration, unrestricted or none (default: that of config.toml)",
      ),
      ...moduleFlags,
    ],
    examples: [
      ["assay exec -- make check", "the exit code decides"],
      ["assay exec --sandbox readonly -- ./unknown.sh", "without network, writing nothing"],
      ["assay exec --format go-test-json -- go test -json ./...", "read its report"],
    ],
    needs: running,
    loads: true,
    load: light("exec"),
  },
  {
    name: "hook",
    usage: "assay hook install|uninstall|status [HOOK …] | run HOOK | restore",
    summary: "test what is staged or pushed, from git's hooks pre-commit and pre-push",
    exits: [1, 3],
    parts: [
      {
        name: "install",
        ...installing,
        text: "make git call assay (default: before each commit); a hook that was there goes on",
      },
      {
        name: "uninstall",
        ...installing,
        text: "take it out again (default: every one); hooks from before come back",
      },
      { name: "status", ...installing, text: "which hooks are installed, and what git calls" },
      {
        name: "run",
        usage: "HOOK",
        takes: [hookNames],
        // What git hands to its hooks.
        rest: "text",
        text: "verify what is staged or pushed, as the installed script does",
        load: () => import("../commands/hook_run.ts"),
      },
      {
        name: "restore",
        text: "after a crash, put back what was set aside; other verbs do so, too",
        load: () => import("../commands/hook_restore.ts"),
      },
    ],
    flags: [
      root,
      json,
      ...only("run", jobs, reporter, quiet, verbose, failFast),
      ...only("install, uninstall", toggle("force", "a script changed by hand gives way")),
      ...only("run", ...moduleFlags),
    ],
    examples: [
      ["assay hook install", "before each commit, test what is staged"],
      ["assay hook install pre-commit pre-push", "and before each push, what is pushed"],
      ["assay hook run pre-commit", "what the script calls"],
    ],
    needs: running,
    loads: ["run"],
  },
  {
    name: "parse",
    usage: "assay parse FORMAT FILE|-",
    summary: "show what assay reads in a report",
    topic: "formats",
    exits: [1, 3],
    takes: ["format", "file"],
    flags: [json, toggle("events", "with --json: every event, not only the counts")],
    examples: [
      ["assay parse junit-xml report.xml", "counts and failures"],
      ["go test -json | assay parse go-test-json - --json", "from standard input"],
    ],
    needs: looking,
    load: light("parse"),
  },
  {
    name: "plugin",
    usage: "assay plugin list|check|add URL|remove URL|update [URL …]",
    summary: "list runners and plugins, check the configuration, add and update plugins",
    part: "list",
    parts: [
      {
        name: "list",
        text:
          "every runner and plugin, where it comes from, why it applies (the default); loads nothing",
        load: () => import("../commands/plugin_list.ts"),
      },
      {
        name: "check",
        text: "read all configuration, load all plugins (if trusted), and say what is wrong",
        load: () => import("../commands/plugin_list.ts"),
      },
      {
        name: "add",
        usage: "URL",
        takes: ["file"],
        text:
          "configure a plugin, pin its modules and trust it; without options it is granted nothing",
        load: () => import("../commands/plugin_add.ts"),
      },
      {
        name: "remove",
        usage: "URL|NAME",
        takes: ["plugin"],
        text: "take a plugin out of the configuration and the lock",
        load: () => import("../commands/plugin_remove.ts"),
      },
      {
        name: "update",
        usage: "[URL|NAME …]",
        more: "plugin",
        text: "fetch plugins again (default: all), show what changed, and accept it",
        load: () => import("../commands/plugin_update.ts"),
      },
    ],
    flags: pluginFlags,
    examples: [
      [
        "assay plugin add https://example.com/x.ts",
        "with no permissions; it says what it asks for",
      ],
      ["assay plugin add ./x.ts --allow-read=. --allow-net=a.com,b.com", "with these alone"],
    ],
    needs: running,
    loads: ["check", "add", "update"],
  },
  {
    name: "trust",
    usage: "assay trust [--show] [--revoke]",
    summary: "show which code of plugins would run here, with which permissions, and consent to it",
    exits: [1],
    flags: [
      root,
      json,
      toggle("show", "only show it, and its digest"),
      toggle("revoke", "forget that this project is trusted"),
      {
        ...trust,
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
    flags: [root, json],
    examples: [["assay explain deno_test", "its command, limits, report, origin, detection"]],
    needs: running,
    load: light("explain"),
  },
  {
    name: "sandbox",
    usage: "assay sandbox doctor|explain NAME",
    summary: "say what sandboxes can hold a command to here, and how one is held to its own",
    parts: [
      {
        name: "doctor",
        text: "each engine, tried afresh: what it gives, what is missing, how to get it",
        load: () => import("../commands/sandbox_doctor.ts"),
      },
      {
        name: "explain",
        usage: "NAME",
        takes: ["command"],
        text: "how one runner or command is held to its sandbox: dimensions, engines, the argv",
        load: () => import("../commands/sandbox_explain.ts"),
      },
    ],
    flags: [root, json],
    examples: [
      ["assay sandbox explain deno_test", "what is declared, which engine enforces it, the argv"],
    ],
    needs: running,
  },
  {
    name: "history",
    usage: "assay history [--limit N]",
    summary: "list the stored runs",
    exits: [1],
    flags: [root, json, option("limit", "N", "number", "at most N runs (default 20)")],
    examples: [["assay history --limit 5", "the newest five"]],
    needs: storing,
    load: light("history"),
  },
  {
    name: "store",
    usage: "assay store rebuild",
    summary: "rebuild the index from the evidence on disk",
    parts: [{
      name: "rebuild",
      text: "rebuild .assay/assay.db from the run folders",
      load: light("store"),
    }],
    flags: [root, json],
    examples: [["assay store rebuild", "after run folders were added or removed by hand"]],
    needs: storing,
  },
  {
    name: "schema",
    usage: "assay schema [NAME]",
    summary: "print the JSON Schema of a configuration file or an output",
    takes: ["schema"],
    optional: true,
    flags: [json],
    examples: [["assay schema plugins", "for your editor"], ["assay schema", "the names"]],
    needs: looking,
    load: () => import("../commands/schema.ts"),
  },
  {
    name: "doctor",
    usage: "assay doctor",
    summary: "check that assay has what it needs here",
    flags: [root, json],
    examples: [["assay doctor", "git, shell, store, the tools your runners call"]],
    exits: [1],
    needs: running,
    load: light("doctor"),
  },
  {
    name: "completions",
    usage: "assay completions bash|zsh|fish",
    summary: "print the script that makes a shell complete verbs, options and names",
    takes: [["bash", "zsh", "fish"]],
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
  rest: "text",
  flags: [],
  examples: [],
  needs: looking,
  load: () => import("./complete.ts"),
};
