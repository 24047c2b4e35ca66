/** The table of verbs: what `assay help` prints, what each takes, and which file implements it. */

import { hookNames } from "../hook/script.ts";
import { kinds } from "../model.ts";
import { presetNames } from "../sandbox/presets.ts";
import { looking, running, speaking, storing } from "../commands/privilege.ts";
import type { Verb } from "../commands/types.ts";
import {
  adHoc,
  argv,
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

/** A verb of the bundle that is loaded together. */
const light = (name: keyof Light) => async () => (await import("./_light.ts"))[name];

/** What the parts of `assay hook` that manage scripts share. */
const installing = {
  usage: "[HOOK …]",
  more: hookNames,
  load: () => import("../commands/hook_install.ts"),
};

/** What to type instead of a verb, or an option of one, that no longer exists. */
export const renamed: Readonly<Record<string, string>> = {
  exec: "assay run -- COMMAND …",
  annotate: "assay inspect REF --annotate",
  "inspect --full": "assay inspect REF --annotate",
};

/** Every verb, in the order of `assay help`. */
export const verbs: readonly Verb[] = [
  {
    name: "init",
    usage: "assay init",
    summary: "write a minimal configuration for this project",
    flags: [root, json],
    examples: [["assay init", "detect what the project uses, write .assay/ and extend .gitignore"]],
    needs: running,
    load: light("init"),
  },
  {
    name: "verify",
    usage: "assay verify [--skip KIND] [--only ID] [--jobs N] [--fail-fast]",
    summary: "run all checks and decide whether the change is done",
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
        "skip build, test or lint; its gate is then unknown, so the run cannot be READY",
      ),
      list(
        "only",
        "ID",
        "runner",
        "run only this runner; the other gates are then unknown",
      ),
      ...moduleFlags,
    ],
    examples: [
      ["assay verify", "run everything"],
      ["assay verify --fail-fast --jobs 1", "one at a time, stop at the first failure"],
      ["assay verify --json | jq .recommendation", "for scripts"],
      ["assay verify --reporter junit=out/junit.xml --reporter github", "for CI"],
    ],
    needs: running,
    loads: true,
    load: () => import("../commands/verify.ts"),
  },
  {
    name: "gate",
    usage: "assay gate [RUN] [--explain]",
    summary: "check whether a stored run still holds for the working tree",
    exits: [1, 3],
    takes: ["run"],
    optional: true,
    flags: [
      root,
      json,
      toggle("explain", "show how the points (weight × share that passed) make the confidence"),
    ],
    examples: [
      ["assay gate", "the newest run, against the current working tree"],
      ["assay gate --explain", "and how its confidence is calculated"],
    ],
    needs: running,
    load: light("gate"),
  },
  {
    name: "diagnose",
    usage: "assay diagnose [RUN]",
    summary: "list what to fix, most severe first",
    exits: [3],
    takes: ["run"],
    optional: true,
    flags: [root, json],
    examples: [["assay diagnose", "the newest verify or hook run"], [
      "assay diagnose unit",
      "the newest run of unit",
    ]],
    needs: running,
    load: light("diagnose"),
  },
  {
    name: "report",
    usage: "assay report [RUN] [--reporter NAME[=FILE] …]",
    summary: "export a stored run in a format that other tools read",
    topic: "reporters",
    exits: [3],
    takes: ["run"],
    optional: true,
    flags: [root, json, reporter],
    examples: [
      ["assay report --reporter sarif=assay.sarif", "the newest run"],
      ["assay report ~2 --reporter markdown", "the run before it, to standard output"],
      ["assay report @failed --reporter junit=a.xml --reporter ctrf=b.json", "two files at once"],
    ],
    needs: running,
    load: () => import("../commands/report.ts"),
  },
  {
    name: "inspect",
    usage: "assay inspect [REF] [--annotate[=NAME]]",
    summary: "show all that is stored of a run, an attempt or an event",
    topic: "references",
    takes: ["reference"],
    optional: true,
    flags: [
      root,
      json,
      {
        ...{ name: "annotate", type: "optional", value: "NAME", takes: "annotator" },
        text: "run annotators first: all, or only NAME; loads plugins; repeatable",
      },
      ...moduleFlags,
    ],
    examples: [
      ["assay inspect test:12:3", "event 3 of attempt 12 of test"],
      ["assay inspect @failed --annotate", "with the sources, last commits and first failures"],
      ["assay inspect test", "the newest attempt of test, with its problems"],
      ["assay inspect", "all attempts of the newest verify or hook run"],
    ],
    needs: running,
    loads: ["--annotate"],
    load: () => import("../commands/inspect.ts"),
  },
  {
    name: "run",
    usage: "assay run NAME [KEY=VALUE …] | [OPTIONS] -- COMMAND …",
    summary: "run a runner or command by name, or any command after --",
    exits: [1, 3],
    takes: ["command"],
    more: "parameter",
    rest: "program",
    flags: [
      root,
      json,
      reporter,
      ...adHoc(
        option("kind", "KIND", kinds, "build, test or lint, whose gate it decides (default: none)"),
        option("format", "FORMAT", "result-format", "format of its report (default: exit-code)"),
        option(
          "result-file",
          "FILE",
          "file",
          "where it writes its report (default: standard output)",
        ),
        option("timeout", "TIME", "text", "such as 30s or 5m (default: 10m, for lint 5m)"),
        option(
          "sandbox",
          "PRESET",
          presetNames,
          "readonly, test, build, integration, unrestricted or none (default: from config.toml)",
        ),
      ),
      ...moduleFlags,
    ],
    examples: [
      ["assay run test", "the runner or command called test"],
      ["assay run -- make check", "any command: its exit code decides"],
      ["assay run --sandbox readonly -- ./unknown.sh", "no network, nothing written"],
      ["assay run --format go-test-json -- go test -json ./...", "read its report"],
    ],
    needs: running,
    loads: true,
    load: light("run"),
  },
  {
    name: "hook",
    usage: "assay hook install|uninstall|status [HOOK …] | run HOOK | restore",
    summary: "test what is staged or pushed, from git hooks",
    exits: [1, 3],
    parts: [
      {
        name: "install",
        ...installing,
        text: "make git call assay (default: pre-commit); existing hooks keep running",
      },
      {
        name: "uninstall",
        ...installing,
        text: "remove assay's hooks (default: all); existing hooks are restored",
      },
      { name: "status", ...installing, text: "show which hooks are installed" },
      {
        name: "run",
        usage: "HOOK",
        takes: [hookNames],
        // What git passes to its hooks.
        rest: "text",
        text: "verify what is staged or pushed, as the installed script does",
        load: () => import("../commands/hook_run.ts"),
      },
      {
        name: "restore",
        text: "restore files that a crashed hook run set aside (other verbs do this too)",
        load: () => import("../commands/hook_restore.ts"),
      },
    ],
    flags: [
      root,
      json,
      ...only("run", jobs, reporter, quiet, verbose, failFast),
      ...only("install, uninstall", toggle("force", "overwrite a script that was edited by hand")),
      ...only("run", ...moduleFlags),
    ],
    examples: [
      ["assay hook install", "test what is staged before each commit"],
      ["assay hook install pre-commit pre-push", "and what is pushed before each push"],
      ["assay hook run pre-commit", "what the script calls"],
    ],
    needs: running,
    loads: ["run"],
  },
  {
    name: "parse",
    usage: "assay parse FORMAT FILE|-",
    summary: "show what assay reads from a report",
    topic: "formats",
    exits: [1, 3],
    takes: ["format", "file"],
    flags: [json, toggle("events", "with --json: include every event, not only the counts")],
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
    summary: "list, check, add, remove and update plugins",
    part: "list",
    parts: [
      {
        name: "list",
        text: "show the runners that apply and the plugins (the default); loads nothing",
        load: () => import("../commands/plugin_list.ts"),
      },
      {
        name: "check",
        text: "read the configuration, load trusted plugins, and report what is wrong",
        load: () => import("../commands/plugin_list.ts"),
      },
      {
        name: "add",
        usage: "URL",
        takes: ["file"],
        text: "configure a plugin, pin its modules and trust it; by default it is granted nothing",
        load: () => import("../commands/plugin_add.ts"),
      },
      {
        name: "remove",
        usage: "URL|NAME",
        takes: ["plugin"],
        text: "remove a plugin from the configuration and the lock",
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
        "with no permissions; shows what it asks for",
      ],
      ["assay plugin add ./x.ts --allow-read=. --allow-net=a.com,b.com", "with only these"],
    ],
    needs: running,
    loads: ["check", "add", "update"],
  },
  {
    name: "trust",
    usage: "assay trust [--show] [--revoke]",
    summary: "review the plugin code that would run here, and trust it",
    exits: [1],
    flags: [
      root,
      json,
      toggle("show", "only show it and its digest"),
      toggle("revoke", "stop trusting this project"),
      {
        ...trust,
        text: "trust it without asking if its digest, as printed by --show, is this",
      },
    ],
    examples: [
      ["assay trust", "review it and answer y"],
      ["assay trust --show --json | jq -r .digest", "the digest for CI, after you reviewed it"],
      ["ASSAY_TRUST=DIGEST assay verify", "in CI: anything else is refused"],
    ],
    needs: storing,
    load: () => import("../commands/trust.ts"),
  },
  {
    name: "explain",
    usage: "assay explain NAME [--argv]",
    summary: "show how assay would run one runner or command",
    takes: ["command"],
    flags: [root, json, argv],
    examples: [
      ["assay explain deno_test", "its command, limits, report and origin"],
      ["assay explain deno_test --argv", "and the full command line, sandbox included"],
    ],
    needs: running,
    load: light("explain"),
  },
  {
    name: "sandbox",
    usage: "assay sandbox doctor|explain NAME",
    summary: "show what sandboxes enforce, here or for one command",
    parts: [
      {
        name: "doctor",
        text: "probe each engine again: what it enforces, what is missing, how to get it",
        load: () => import("../commands/sandbox_doctor.ts"),
      },
      {
        name: "explain",
        usage: "NAME",
        takes: ["command"],
        text: "how one runner or command is sandboxed: dimensions and engines",
        load: () => import("../commands/sandbox_explain.ts"),
      },
    ],
    flags: [root, json, ...only("explain", argv)],
    examples: [[
      "assay sandbox explain deno_test",
      "what is declared and which engine enforces it",
    ]],
    needs: running,
  },
  {
    name: "history",
    usage: "assay history [--limit N]",
    summary: "list stored runs",
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
    examples: [["assay store rebuild", "after adding or deleting run folders by hand"]],
    needs: storing,
  },
  {
    name: "schema",
    usage: "assay schema [NAME]",
    summary: "print the JSON Schema of a configuration file or output",
    takes: ["schema"],
    optional: true,
    flags: [json],
    examples: [["assay schema plugins", "for your editor"], ["assay schema", "list the names"]],
    needs: looking,
    load: () => import("../commands/schema.ts"),
  },
  {
    name: "doctor",
    usage: "assay doctor",
    summary: "check that everything assay needs is installed",
    flags: [root, json],
    examples: [["assay doctor", "git, shell, store, the tools your runners call"]],
    exits: [1],
    needs: running,
    load: light("doctor"),
  },
  {
    name: "completions",
    usage: "assay completions bash|zsh|fish",
    summary: "print the completion script for a shell",
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
 * What the scripts of `completions` call; not listed anywhere. It opens no store and loads no plugin, so
 * it only needs to read.
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
