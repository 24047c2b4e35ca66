/** The script that git runs, and how to tell it from one written or changed by others. */

import { shellLine, shellQuote } from "../text/shell.ts";
import type { Io } from "../io.ts";

export const hookNames = ["pre-commit", "pre-push"] as const;

export type HookName = (typeof hookNames)[number];

/** What is added to the name of an existing hook, which is kept. */
export const keptEnding = ".before-assay";

export interface ScriptFacts {
  readonly hook: HookName;
  readonly argv: readonly string[];
  /** The project's folder from the top of the working tree; empty: the top. */
  readonly project: string;
}

const marker = /^#!\/bin\/sh\n# assay hook 1 ([\w-]+) ([0-9a-f]{64})\n/;

/** The script. Its second line holds the SHA-256 of what follows. */
export async function hookScript(io: Io, facts: ScriptFacts): Promise<string> {
  const body = bodyOf(facts);
  const digest = await io.sha256(new TextEncoder().encode(body));
  return `#!/bin/sh\n# assay hook 1 ${facts.hook} ${digest}\n${body}`;
}

/** What a hook's text is: assay's, assay's with changes by hand, or foreign. */
export async function kindOfScript(io: Io, text: string): Promise<"ours" | "edited" | "other"> {
  const [head, , digest] = marker.exec(text) ?? [];
  if (head === undefined) return /^# assay hook \d/m.test(text) ? "edited" : "other";
  const actual = await io.sha256(new TextEncoder().encode(text.slice(head.length)));
  return actual === digest ? "ours" : "edited";
}

/** The project a script of assay's is for. */
export function projectOf(text: string): string | undefined {
  const [, name] = /^# project: (".*")$/m.exec(text) ?? [];
  return name === undefined ? undefined : JSON.parse(name);
}

function bodyOf({ hook, argv, project }: ScriptFacts): string {
  const files = argv.filter((word, index) =>
    word.startsWith("/") && (index === 0 || index === argv.length - 1)
  );
  const there = files.map((file, index) => `[ -${index === 0 ? "x" : "f"} ${shellQuote(file)} ]`);
  const root = project === "" ? "" : ` --root ${shellQuote(project)}`;
  const reads = hook === "pre-push";
  const skip = `'git ${reads ? "push" : "commit"} --no-verify'`;
  return `# project: ${JSON.stringify(project)}
# Written by "assay hook install"; "assay hook uninstall" removes it.
kept="\${0%/*}/${hook}${keptEnding}"
ASSAY_HOOKS="\${0%/*}"
export ASSAY_HOOKS

# Never one that a command may have put into the working tree, where the hook is run.
find_assay() {
  assay=$(command -v assay) || return
  case $assay in /*) ;; *) return 1 ;; esac
  case $(CDPATH= cd -P -- "\${assay%/*}/" && pwd -P)/ in
    "$(pwd -P)"/*) return 1 ;;
  esac
}

run_assay() {
  if ${there.join(" && ")}; then
    ${shellLine(argv)} "$@"
  elif find_assay; then
    "$assay" "$@"
  else
    echo "assay: nothing was checked:" ${
    shellQuote(files[0] ?? argv[0]!)
  } "does not exist, and assay is not on PATH outside the repository." >&2
    echo "  Install assay and run 'assay hook install' again, or skip the hook: ${skip}" >&2
    return 3
  fi
}
${reads ? reader : ""}
# A signal ends assay, which puts everything back; this script waits for that.
trap : INT TERM HUP

if [ -x "$kept" ]; then
  ${reads ? "with_refs " : ""}"$kept" "$@" || exit $?
fi
${reads ? "with_refs " : ""}run_assay hook run ${hook}${root} -- "$@"
status=$?
case $status in
  0 | 1 | 2 | 3) ;;
  *) run_assay hook restore${root} >&2 || status=3 ;;
esac
exit $status
`;
}

/** Both the existing hook and assay get git's arguments and input. */
const reader = `
refs=
while IFS= read -r line || [ -n "$line" ]; do
  refs="$refs$line
"
done
with_refs() {
  if [ -n "$refs" ]; then
    printf '%s' "$refs" | "$@"
  else
    "$@" </dev/null
  fi
}
`;
