/** What a container is tried with: acts that work in one without limits and must fail in one with them. */

/** What an act is for, and what it does, as people read it. */
export const acts = {
  network: "see a network that leads out",
  filesystem: "write into the project",
  processes: "see the machine's processes",
  memory: "take 64 MiB",
  pids: "start 24 processes",
  cpu: "raise the limit of processor time",
  tmpfs: "see what is in the folder",
} as const;

/** The guarantees that are tried. */
export type Act = keyof typeof acts;

/** A folder of the container in which the project is seen a second time. */
export const secondView = "/assay-probe";

/**
 * Tries them, with nothing but a POSIX shell and `sleep`. `$1` is the project, the rest are processes of the
 * machine. What came of an act is said either way: silence proves nothing.
 */
export const script = `
LC_ALL=C
project=$1
shift
tried() { if [ "$2" -eq 0 ]; then echo "got $1"; else echo "denied $1"; fi; }

leads_out=1
while read -r name rest; do
  case $name in Inter* | face* | lo:*) ;; *) leads_out=0 ;; esac
done < /proc/net/dev
tried network "$leads_out"

[ -f "$project/.assay/config.toml" ] && ( : >> "$project/.assay/config.toml" ) 2> /dev/null
tried filesystem $?

others=
for folder in /proc/[0-9]*; do
  pid=\${folder#/proc/}
  [ "$pid" -gt 40 ] && others="$others $pid"
done
echo "others$others"
seen=1
for pid; do [ -e "/proc/$pid" ] && seen=0; done
tried processes "$seen"

[ -e ${secondView}/.assay/config.toml ]
tried tmpfs $?
( : > ${secondView}/.assay/made ) 2> /dev/null && echo "a writable tmpfs"

( ulimit -t unlimited ) 2> /dev/null
tried cpu $?

( text=aaaaaaaa; while [ \${#text} -lt 67108864 ]; do text=$text$text; done ) 2> /dev/null
tried memory $?

# The last one: where it is held to its limit, this shell cannot start anything any more.
( count=0
  while [ $count -lt 24 ]; do sleep 1 & count=$((count + 1)); done
  echo "got pids" ) 2>&1 &
exec sleep 1
`;

/** What one container's acts came to. */
export interface Tried {
  /** Whether an act worked. */
  got(act: Act): boolean;
  /** Whether it was refused, as the act itself says. */
  denied(act: Act): boolean;
  /** Processes that were seen. */
  readonly others: readonly string[];
  readonly hasTmpfs: boolean;
}

/** Reads what {@linkcode script} printed. */
export function triedOf(output: string): Tried {
  const lines = new Set(output.split("\n"));
  const others = /^others ?(.*)$/m.exec(output)?.[1] ?? "";
  // Shells say it in words of their own: "Cannot fork", "can't fork", "fork: retry: …".
  const cannotFork = /\bfork\b/.test(output);
  return {
    got: (act) => lines.has(`got ${act}`),
    denied: (act) =>
      act === "pids" ? cannotFork && !lines.has("got pids") : lines.has(`denied ${act}`),
    others: others.split(" ").filter((pid) => pid !== "").slice(-20),
    hasTmpfs: lines.has("a writable tmpfs"),
  };
}
