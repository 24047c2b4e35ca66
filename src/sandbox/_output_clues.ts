/** Lines of a command's output that sound as if it met a limit. How much they count is judged elsewhere. */

/** What a line complains about. */
export type Complaint =
  | "read_only"
  | "refused"
  | "missing"
  | "network"
  | "processes"
  | "memory"
  | "cpu"
  | "system_call";

/** One complaint, with the text around it. */
export interface Clue {
  readonly complaint: Complaint;
  /** The whole line, or the part around the complaint. */
  readonly line: string;
  /** What comes before and after the recognised words, on the same line. */
  readonly before: string;
  readonly after: string;
  /** The lines before it, the nearest last: some tools name the file there. */
  readonly above: readonly string[];
}

/** Words of the C library, and of runtimes that have their own. They are matched case-insensitively. */
const words: Readonly<Record<Complaint, readonly string[]>> = {
  read_only: ["read-only file system", "erofs:", "readonlyfilesystem"],
  refused: ["permission denied", "operation not permitted", "eacces:", "eperm:", "connect eacces"],
  missing: ["no such file or directory", "enoent:"],
  network: [
    "network is unreachable",
    "enetunreach",
    "could not resolve host",
    "could not resolve '",
    "unable to resolve host",
    "temporary failure in name resolution",
    "temporary failure resolving",
    "name or service not known",
    "failed to lookup address information",
    "no such host",
    "enotfound",
    "eai_again",
    "address family not supported",
    "eafnosupport",
  ],
  processes: [
    "cannot fork",
    "can't fork",
    "unable to fork",
    "can't start new thread",
    "unable to create native thread",
    "failed to create new os thread",
    "pthread_create failed",
    "resource temporarily unavailable",
    "eagain",
  ],
  memory: [
    "cannot allocate memory",
    "memoryerror",
    "nomemoryerror",
    "heap out of memory",
    "std::bad_alloc",
    "java.lang.outofmemoryerror",
    "virtual memory exhausted",
    "out of memory allocating",
    "fatal process out of memory",
    "runtime: out of memory",
    "enomem",
  ],
  cpu: ["cpu time limit exceeded", "cputime limit exceeded", "sigxcpu"],
  system_call: ["bad system call", "sigsys"],
};

/** `EAGAIN` has many causes: it counts only where something is started. */
const starting = /fork|clone|thread|spawn|exec/i;

const complaintOf = new Map(
  Object.entries(words).flatMap(([complaint, all]) =>
    all.map((word) => [word, complaint as Complaint] as const)
  ),
);

/** Only literals, so that it takes time linear in the text. */
const anyWord = new RegExp(
  String.raw`\b(?:${[...complaintOf.keys()].map(escaped).join("|")})`,
  "gi",
);

function escaped(word: string): string {
  return word.replaceAll(/[.:(]/g, "\\$&");
}

/** A line break, raw or as escaped in JSON. */
const lineBreak = /\r?\n|\\n/;

// deno-lint-ignore no-control-regex -- colours of terminals
const colours = /\x1b\[[0-9;]{0,20}m/g;

/** Characters looked at on each side of the words; a line may be a whole report. */
const reach = 400;

/** Lines above that are looked at. */
const linesAbove = 4;

/** Complaints looked at: more would add nothing new. */
const maxClues = 300;

/** The complaints of an output, the first of each line first. */
export function cluesIn(text: string): Clue[] {
  const clues: Clue[] = [];
  const lines = text.replaceAll(colours, "").split(lineBreak);
  for (const [index, line] of lines.entries()) {
    for (const match of line.matchAll(anyWord)) {
      if (clues.length >= maxClues) return clues;
      const clue = clueAt(line, match, lines, index);
      if (clue) clues.push(clue);
    }
  }
  return clues;
}

function clueAt(
  line: string,
  { 0: word, index: at }: RegExpExecArray,
  lines: readonly string[],
  index: number,
): Clue | undefined {
  const complaint = complaintOf.get(word.toLowerCase())!;
  const end = at + word.length;
  const from = Math.max(0, at - reach);
  const above = lines.slice(Math.max(0, index - linesAbove), index)
    .map((each) => each.slice(0, reach));
  const near = line.slice(from, end + reach);
  if (
    /^(?:resource temporarily|eagain)/i.test(word) && !starting.test([...above, near].join(" "))
  ) {
    return undefined;
  }
  return {
    complaint,
    line: near,
    before: line.slice(from, at),
    after: line.slice(end, end + reach),
    above,
  };
}
