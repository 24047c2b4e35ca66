/** Commands are started by a launcher that measures them, where the machine has what it needs. */

import type { Io } from "../io.ts";
import { programAt } from "./programs.ts";

/** What is started. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What the launcher is told besides. */
export interface LaunchOptions {
  /** Where its numbers go, see {@linkcode readUsage}: an absolute path of nothing yet. */
  readonly usageFile: string;
  /**
   * For a sandboxed command: closes the descriptors that assay itself inherited, such as those of the shell that
   * started it, and ends the command when assay ends, in whatever way.
   */
  readonly closesInherited?: boolean;
  /** The command's report, absolute: whether it changed after the command ended is told. */
  readonly resultFile?: string | undefined;
  /** Written to standard output after a zero byte when the command ended and left processes behind. */
  readonly endMark?: string | undefined;
}

/** Puts the launcher in front of a command. */
export type Launcher = (launch: Launch, options: LaunchOptions) => Launch;

/**
 * Where Perl is when a system has it. `PATH` is not asked: it may name folders that a sandboxed command can
 * write to (`node_modules/.bin`), and the launcher runs outside of the sandbox.
 */
const places = [
  "/usr/bin/perl",
  "/bin/perl",
  "/usr/local/bin/perl",
  "/run/current-system/sw/bin/perl",
];

const found = new WeakMap<Io, Promise<Launcher | undefined>>();

/** The launcher of this machine, or `undefined`: then nothing is measured. Looked for once. */
export function launcherOf(io: Io): Promise<Launcher | undefined> {
  const launcher = found.get(io) ?? find(io);
  found.set(io, launcher);
  return launcher;
}

async function find(io: Io): Promise<Launcher | undefined> {
  const script = io.os === "linux" ? launchScript(io.arch) : undefined;
  if (script === undefined) return undefined;
  for (const perl of places) {
    if (await programAt(io, perl)) return launcherWith(perl, script, await ownPid(io));
  }
  return undefined;
}

/** The pid of assay, as far as `/proc` tells; else nothing. */
async function ownPid(io: Io): Promise<string> {
  const path = await io.fs.realPath("/proc/self").catch(() => "");
  return /^\/proc\/(\d+)$/.exec(path)?.[1] ?? "";
}

function launcherWith(perl: string, script: string, pid: string): Launcher {
  return (
    { argv, env },
    { usageFile, closesInherited = false, resultFile = "", endMark = "" },
  ) => ({
    // `-f`: no code of the site's own; `-X`: no warnings, standard error is the command's.
    argv: [
      ...[perl, "-f", "-X", "-e", script, "--"],
      ...[usageFile, closesInherited ? "1" : "", pid, resultFile, endMark, ...argv],
    ],
    env: environmentOf(env),
  });
}

/** `PERL5OPT` and its like are for the command alone; a locale that is not there is none of our business. */
function environmentOf(env: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(env).map(([name, value]) =>
    [name.startsWith("PERL") ? setAside + name : name, value] as const
  );
  return { ...Object.fromEntries(entries), PERL_BADLANG: "0" };
}

// The program that stands between assay and a command and measures it, in Perl without any module.

/** Numbers of system calls that Perl has no function for, by architecture; from the kernel's tables. */
const calls: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x86_64: { close: 3, getrusage: 98, prctl: 157, statx: 332, close_range: 436 },
  aarch64: { close: 57, getrusage: 165, prctl: 167, statx: 291, close_range: 436 },
};

/** What variables that concern Perl are called while the launcher, which they do not concern, runs. */
const setAside = "ASSAY_LAUNCH_";

/**
 * Arguments: the file for its numbers, `1` when the command is sandboxed, the pid of assay or nothing, the report or
 * nothing, what ends standard output or nothing, the argv.
 *
 * - Sandboxed, it closes inherited descriptors, and neither it nor the command outlives assay, even when that is
 *   killed: what the command starts then ends by its sandbox. An assay that is gone at its start already shows
 *   in its parent, which may be 1 in a container. `/proc` may be that of other processes: then it tells nothing.
 * - The file is made before the command starts, and never through a link: it may lie where the command
 *   can write, and the launcher is outside of the command's sandbox.
 * - It is not dumpable, so that the command cannot trace it or reach its descriptors, and leaves no core.
 * - The child tells by a pipe that closes itself when the program could not be executed.
 * - It adopts what the command's children leave behind, so that it is counted, and ends all of it, wherever that hid:
 *   when the launcher has ended, nothing of the command can write any more. A sandbox's own first process often ends
 *   a moment after the program that started it. Each has a moment to end by itself; the children of what has ended
 *   are adopted in turn.
 * - It tells whether the report changed after the command ended, and marks where standard output was then, when that
 *   is the report: what a process left behind wrote is no evidence.
 * - Signals to the group are for the command: the launcher stays until the command has ended, and ends as it did.
 * - A process that the kernel will not fork any more still becomes the command.
 */
const script = `
my $parent = getppid;
my ($file, $sandboxed, $assay, $report, $mark) = splice @ARGV, 0, 5;
$parent = $assay if $assay && (readlink("/proc/self") || 0) == $$;
end_with($parent);
my $known = length pack("l!", 0) == 8;
if ($sandboxed && syscall(CLOSE_RANGE, 3, 0xffffffff, 0) != 0) {
  syscall(CLOSE, $_) for 3 .. 65535;
}
sysopen(my $out, $file, 0301, 0600);
open(my $io, "<", "/proc/self/io");
my @before = transferred();
my $piped = pipe(my $failed, my $fail);
syscall(PRCTL, 4, 0, 0, 0, 0);
syscall(PRCTL, 36, 1, 0, 0, 0);
my $launcher = $$;
my $pid = $piped ? fork : undef;
if (!$pid) {
  end_with($launcher) if defined $pid;
  delete $ENV{PERL_BADLANG};
  for (grep { /^SET_ASIDE/ } keys %ENV) {
    my $value = delete $ENV{$_};
    $ENV{substr $_, length "SET_ASIDE"} = $value;
  }
  exec { $ARGV[0] } @ARGV;
  my $errno = $! + 0;
  syswrite($fail, $errno) if defined $pid;
  syswrite($out, "errno $errno\\n") if !defined $pid;
  exit 127;
}
for (keys %SIG) { $SIG{$_} = "IGNORE" if !/^(KILL|STOP|CHLD|CLD|CONT|__\\w+__)$/ }
close $fail;
sysread($failed, my $errno, 16);
while (waitpid($pid, 0) < 0 && $! == 4) {}
my $status = $?;
my $seen = seen();
my @left = orphans();
my $numbers = $errno ? "errno $errno\\n" : "";
$numbers .= "changed 1\\n" if $seen ne seen();
$numbers .= "left " . @left . "\\n" if @left;
my %named;
$numbers .= "program $_\\n" for grep { !$named{$_}++ && keys %named <= 5 } @left;
my $usage = "\\0" x 512;
if ($known && syscall(GETRUSAGE, -1, $usage) == 0) {
  my ($us, $uu, $ss, $su, $kib) = unpack "l!5", $usage;
  $numbers .= sprintf "cpu_user_ms %.3f\\ncpu_system_ms %.3f\\nmemory_peak_bytes %d\\n",
    $us * 1000 + $uu / 1000, $ss * 1000 + $su / 1000, $kib * 1024;
}
my @after = transferred();
if (@before && @after) {
  $numbers .= sprintf "read_bytes %d\\nwritten_bytes %d\\n", map { $after[$_] - $before[$_] } 0, 1;
}
syswrite($out, $numbers) if $out;
if (my $signal = $status & 127) {
  for (keys %SIG) { $SIG{$_} = "DEFAULT" if $SIG{$_} && $SIG{$_} eq "IGNORE" }
  kill $signal, $$;
  exit 128 + $signal;
}
exit($status >> 8);

sub end_with {
  return if !$sandboxed;
  syscall(PRCTL, 1, 9, 0, 0, 0);
  kill 9, $$ if getppid != $_[0];
}

sub orphans {
  my $alive = 1;
  $alive = waitpid(-1, 1) while $alive > 0;
  return if $alive < 0;
  for (1 .. ($mark eq "" ? 0 : 500)) {
    last if defined syswrite(STDOUT, "\\0$mark") || $! != 11;
    select undef, undef, undef, .002;
  }
  for (1 .. 150) {
    my $ended = waitpid(-1, 1);
    return if $ended < 0;
    select undef, undef, undef, .0003 if !$ended;
  }
  my %left;
  for my $round (1 .. 500) {
    my $ended = 1;
    $ended = waitpid(-1, 1) while $ended > 0;
    last if $ended < 0;
    open(my $list, "<", "/proc/self/task/$$/children") or last;
    for (split " ", <$list> // "") {
      my $is_new = !$left{$_};
      $left{$_} ||= program($_);
      kill 15, $_ if $is_new;
      kill 9, $_ if $round > 250;
    }
    select undef, undef, undef, .002;
  }
  return values %left;
}

sub program {
  my $text = "";
  for my $name ("cmdline", "comm") {
    open(my $in, "<", "/proc/$_[0]/$name") or next;
    sysread($in, $text, 100) and last;
  }
  $text =~ tr/\\0- \\x7f/ /s;
  $text =~ s/ $//;
  return $text || "?";
}

# Which file it is, its size and its times to the nanosecond.
sub seen {
  my $info = "\\0" x 256;
  return "" if $report eq "" || syscall(STATX, -100, $report, 0, 0x7ff | 0x800, $info) != 0;
  return substr($info, 32, 16) . substr($info, 80, 64);
}

sub transferred {
  return unless $io && sysseek($io, 0, 0) && sysread($io, my $text, 4096);
  return unless $text =~ /^read_bytes: (\\d+)\\nwrite_bytes: (\\d+)$/m;
  return ($1, $2);
}
`;

/** The script for an architecture, or `undefined` where the numbers are not known. */
function launchScript(arch: string): string | undefined {
  const numbers = calls[arch];
  if (numbers === undefined) return undefined;
  return Object.entries(numbers).reduce(
    (text, [name, number]) =>
      text.replaceAll(new RegExp(`\\b${name.toUpperCase()}\\b`, "g"), String(number)),
    script.replaceAll("SET_ASIDE", setAside).trim(),
  );
}
