/**
 * The keeper: a program that lives in a scope of systemd, runs one command there, and tells what the scope
 * used, which nobody can ask once the scope is gone. It also holds the command to its processor time: control
 * groups count that, but have no limit for it.
 *
 * It is written in perl because it must do without a second process (the number of processes is
 * limited, and a limit that refused the watcher its next `sleep` would end the watch) and wait for a child
 * and a clock at once, which a shell cannot. It loads no modules, so it starts in 2 ms.
 *
 * `perl keeper.pl STATS PROC SCOPE [KEY=VALUE …] -- ARGV`
 *
 * - `STATS`: the file that is written at the end, or `-` for standard output; lines `key=value`.
 * - `PROC`: the folder whose `cgroup` and `mountinfo` say where the scope is, `/proc/self`.
 * - `SCOPE`: the scope's name. Only control groups of that name are looked at.
 * - `memory=BYTES`, `pids=COUNT` (the keeper's own process counted), `cpu=MICROSECONDS`: what is held to.
 *   Nothing is run, and it ends with 125, when the kernel is not set to that.
 * - `unset=NAME`, `set=NAME=VALUE`: variables that were changed on the way here.
 *
 * It ends as the command did, with 128 and the signal's number if a signal ended that.
 *
 * @module
 */

import type { ConfigTable, SandboxSpec } from "../../src/plugin.ts";
import type { Programs } from "./_protected.ts";

/** What the keeper found of a scope when the command had ended; every value is a whole number. */
export const keeperKeys = [
  /** Bytes. */
  "memory_peak",
  /** How many processes the kernel killed for memory. */
  "oom_kills",
  /** Whether memory can still grow into swap, 0 or 1. */
  "swap_open",
  /** Most processes at once, without the keeper. */
  "pids_peak",
  /** How often a new process was refused. */
  "pids_refused",
  /** Microseconds of processor time. */
  "cpu_used",
  /** Whether all was killed because the time was used up, 0 or 1. */
  "cpu_over",
  /** Processes the command left behind. */
  "left",
] as const;

/** The program's text. */
export const keeper = String.raw`
my ($stats, $proc, $scope) = splice @ARGV, 0, 3;
my %held;
while (@ARGV) {
  my ($key, $value) = split /=/, shift, 2;
  last if $key eq '--';
  if ($key eq 'unset') { delete $ENV{$value} }
  elsif ($key eq 'set') { my ($name, $text) = split /=/, $value, 2; $ENV{$name} = $text }
  else { $held{$key} = $value }
}

sub refuse { print STDERR "assay: the command was not run: $_[0]\n"; exit 125 }
sub lines { open my $file, '<', $_[0] or return; my @lines = <$file>; chomp @lines; @lines }
sub value { my ($line) = lines($_[0]); $line }
sub field { my ($path, $key) = @_; /^\Q$key\E (\d+)/ && return $1 for lines($path); undef }

# Where the scope's control groups are, by the controller's name; 'v2' is the unified hierarchy.
my (%path, %at);
for (lines("$proc/cgroup")) {
  my (undef, $names, $path) = split /:/, $_, 3;
  $path{$_} = $path for $names eq '' ? 'v2' : split /,/, $names;
}
for (lines("$proc/mountinfo")) {
  my ($mount, $source) = split / - /, $_, 2;
  my ($root, $point) = (split / /, $mount)[3, 4];
  my ($type, $options) = (split / /, $source)[0, 2];
  next unless $type =~ /^cgroup2?$/;
  s/\\([0-7]{3})/chr oct $1/ge for $root, $point;
  $root = '' if $root eq '/';
  for my $name ($type eq 'cgroup2' ? 'v2' : split /,/, $options) {
    next unless defined $path{$name} && index("$path{$name}/", "$root/") == 0;
    my $folder = $point . substr $path{$name}, length $root;
    $at{$name} = $folder if $folder =~ m{/\Q$scope\E$} && -d $folder;
  }
}
my ($memory, $pids, $v2) = @at{qw(memory pids v2)};

sub used {
  return field("$v2/cpu.stat", 'usage_usec') if defined $v2;
  my $nanoseconds = defined $at{cpuacct} ? value("$at{cpuacct}/cpuacct.usage") : undef;
  defined $nanoseconds ? int($nanoseconds / 1000) : undef;
}
sub holds { my ($path, $limit) = @_; my $set = value($path); defined $set && $set =~ /^\d+$/ && $set <= $limit }

refuse('the memory of its scope is not limited') if $held{memory}
  && !holds(defined $memory ? "$memory/memory.limit_in_bytes" : "$v2/memory.max", $held{memory});
refuse('the processes of its scope are not limited') if $held{pids}
  && !holds(defined $pids ? "$pids/pids.max" : "$v2/pids.max", $held{pids});
refuse('the processor time of its scope is not counted') if $held{cpu} && !defined used();

# Signals to the whole group are for the command; the keeper stays to tell how it ended.
for (qw(TERM INT HUP QUIT)) { $SIG{$_} = sub {} unless ($SIG{$_} || '') eq 'IGNORE' }
$SIG{CHLD} = sub {};

sub others {
  my %other;
  for my $folder (values %at) { $other{$_} = 1 for grep { $_ > 0 } lines("$folder/cgroup.procs") }
  delete $other{$$};
  keys %other;
}
# Processes are born while others are killed, hence the rounds; a second and more of them.
sub sweep {
  for (1 .. 500) {
    my @others = others() or return;
    kill 9, @others;
    select undef, undef, undef, .002;
  }
}

my $child = fork;
refuse("no process for it: $!") unless defined $child;
if (!$child) {
  exec { $ARGV[0] } @ARGV;
  my $missing = $! == 2;
  print STDERR "assay: cannot start $ARGV[0]: $!\n";
  exit($missing ? 127 : 126);
}

my ($status, $over) = (0, 0);
my $period = $held{cpu} && $held{cpu} < 200_000 ? $held{cpu} / 4e6 : .05;
while (1) {
  if (waitpid($child, $held{cpu} ? 1 : 0) == $child) { $status = $?; last }
  next unless $held{cpu};
  if (!$over && used() < $held{cpu}) { select undef, undef, undef, $period; next }
  $over = 1;
  sweep();
  select undef, undef, undef, .001;
}
my @left = others();
# The watch is over: what is left would not be held to its time any more.
sweep() if $held{cpu};

my %told = (cpu_over => $over, left => scalar @left, cpu_used => used());
if (defined $memory) {
  $told{memory_peak} = value("$memory/memory.max_usage_in_bytes");
  $told{oom_kills} = field("$memory/memory.oom_control", 'oom_kill');
} elsif (defined $v2) {
  $told{memory_peak} = value("$v2/memory.peak");
  $told{oom_kills} = field("$v2/memory.events", 'oom_kill');
}
if ($held{memory}) {
  my $swap = defined $memory ? undef : value("$v2/memory.swap.max");
  my @swaps = lines('/proc/swaps');
  $told{swap_open} = @swaps > 1 && !(defined $swap && $swap eq '0') ? 1 : 0;
}
my $counted = defined $pids ? $pids : $v2;
if (defined $counted) {
  my $peak = value("$counted/pids.peak");
  $told{pids_peak} = $peak - 1 if defined $peak;
  $told{pids_refused} = field("$counted/pids.events", 'max');
}
my $text = join '', map { defined $told{$_} ? "$_=$told{$_}\n" : '' } sort keys %told;
if ($stats eq '-') { print $text }
elsif (open my $file, '>', "$stats.new") {
  print $file $text;
  rename "$stats.new", $stats if close $file;
}
exit($status & 127 ? 128 + ($status & 127) : $status >> 8);
`;

// The argv that puts a command into a scope of systemd.

/** What a scope takes. */
export const programNames = ["sh", "env", "systemd-run", "systemctl", "perl"] as const;

/** What the probe found out. */
export interface SystemdFacts {
  /** Whose systemd makes the scopes: the machine's, for root, or the user's own. */
  readonly manager: "system" | "user";
  /** Options that this systemd knows and that are needed where it does. */
  readonly options: readonly string[];
  /** Memory can grow into swap all the same. */
  readonly swapOpen: boolean;
}

/** The programs of a scope. */
export type ScopePrograms = Programs<typeof programNames[number]>;

/**
 * Tried from the first on; the last is for every systemd. From 254 on it may fill variables in the command's
 * words; from 253 on it ends a scope of which the kernel killed one process, the keeper with it.
 */
export const optionSets: readonly (readonly string[])[] = [
  ["--expand-environment=no", "--property=OOMPolicy=continue"],
  ["--property=OOMPolicy=continue"],
  [],
];

/**
 * The facts as the probe keeps them, read back.
 *
 * @throws when the options are none that the probe tries: they could be a program, started outside
 */
export function factsOf(facts: ConfigTable): SystemdFacts {
  const { manager, options = [], swapOpen } = facts;
  const known = optionSets.find((each) => JSON.stringify(each) === JSON.stringify(options));
  if (known === undefined) {
    throw new Error(
      `the probe's facts name unknown options of systemd-run: ${JSON.stringify(options)}`,
    );
  }
  return {
    manager: manager === "user" ? "user" : "system",
    options: known,
    swapOpen: swapOpen === true,
  };
}

/** A command's scope. */
interface Scope {
  /** Name of the scope without `.scope`. */
  readonly unit: string;
  /** What it is held to. */
  readonly spec: SandboxSpec;
  /** The program of the keeper and what perl takes before it: a file, or `-e` and its text. */
  readonly keeper: readonly string[];
  /** Where the keeper writes what it found; `-` for standard output. */
  readonly stats: string;
  /** Variables systemd-run needs, besides those the command has. */
  readonly needed: Readonly<Record<string, string>>;
  /** The command's own environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The keeper is counted among the scope's processes. */
const ownProcesses = 1;

/** `systemd-run … keeper … argv`. */
export function scopeArgv(
  argv: readonly string[],
  scope: Scope,
  { manager, options }: SystemdFacts,
  programs: ScopePrograms,
): string[] {
  const variables = Object.entries(scope.needed).map(([name, value]) => `${name}=${value}`);
  // systemd-run sets the first one itself.
  const changed = ["INVOCATION_ID", ...Object.keys(scope.needed)];
  return [
    ...(variables.length > 0 ? [programs.env, ...variables] : []),
    ...[programs["systemd-run"], "--scope", "--quiet", "--collect", "--no-ask-password"],
    ...(manager === "user" ? ["--user"] : []),
    ...options,
    `--unit=${scope.unit}`,
    ...properties(scope.spec),
    ...["--", programs.perl, ...scope.keeper, scope.stats, "/proc/self", `${scope.unit}.scope`],
    ...limits(scope.spec),
    ...changed.map((name) => restored(name, scope.environment[name])),
    "--",
    ...argv,
  ];
}

function restored(name: string, value: string | undefined): string {
  return value === undefined ? `unset=${name}` : `set=${name}=${value}`;
}

/** Swap is closed, for what does not fit into memory would go there. */
function properties({ memory, pids, cpu }: SandboxSpec): string[] {
  return [
    ...(memory === undefined ? [] : [`MemoryMax=${memory}`, "MemorySwapMax=0"]),
    ...(pids === undefined ? [] : [`TasksMax=${pids + ownProcesses}`]),
    ...(cpu === undefined ? [] : ["CPUAccounting=yes"]),
  ].map((property) => `--property=${property}`);
}

function limits({ memory, pids, cpu }: SandboxSpec): string[] {
  return [
    ...(memory === undefined ? [] : [`memory=${memory}`]),
    ...(pids === undefined ? [] : [`pids=${pids + ownProcesses}`]),
    ...(cpu === undefined ? [] : [`cpu=${cpu * 1000}`]),
  ];
}

/**
 * Each process is held to the time by the kernel too, should the watch be slow: a second later than the watch,
 * so that it is the watch that tells. A limit that is lower already stays.
 */
export function withTimeLimit(
  argv: readonly string[],
  { cpu }: SandboxSpec,
  { sh }: Pick<ScopePrograms, "sh">,
): readonly string[] {
  if (cpu === undefined) return argv;
  const seconds = Math.ceil(cpu / 1000) + 1;
  return [sh, "-c", `ulimit -t ${seconds} 2>/dev/null; exec "$@"`, "sh", ...argv];
}
