# The keeper runs one command in a systemd scope and reports what the scope used, which cannot be read once the scope
# is gone. It also enforces the limit on processor time, which control groups count but do not limit.
#
# It is in Perl because it must not start a second process (the number of processes is limited, and a shell's next
# `sleep` could be refused) and must wait for a child and a clock at the same time. It loads no modules, so it starts
# in 2 ms.
#
# perl systemd_keeper.pl STATS PROC SCOPE [KEY=VALUE ...] -- ARGV
#
# STATS: the file to write at the end, or `-` for standard output; lines `key=value`:
#   memory_peak (bytes), oom_kills (processes it killed for memory), swap_open (1: memory can still grow into swap),
#   pids_peak (most processes at once, without the keeper), pids_refused (how often), cpu_used (microseconds),
#   cpu_over (1: all was killed because the time was used up), left (processes the command left behind).
# PROC: the folder whose `cgroup` and `mountinfo` say where the scope is, /proc/self.
# SCOPE: the scope's name. Only control groups of that name are looked at.
# memory=BYTES, pids=COUNT (including the keeper), cpu=MICROSECONDS: the limits. If the kernel's settings differ,
#   nothing is run and the exit code is 125.
# unset=NAME, set=NAME=VALUE: restores variables that were changed on the way here.
#
# Its exit code is the command's, or 128 plus the number of the signal that ended it.

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

# Signals to the group are for the command; the keeper stays to report how it ended.
for (qw(TERM INT HUP QUIT)) { $SIG{$_} = sub {} unless ($SIG{$_} || '') eq 'IGNORE' }
$SIG{CHLD} = sub {};

sub others {
  my %other;
  for my $folder (values %at) { $other{$_} = 1 for grep { $_ > 0 } lines("$folder/cgroup.procs") }
  delete $other{$$};
  keys %other;
}
# Rounds, because new processes start while others are killed; for a second or more.
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
# Nothing watches from here on: processes that are left would have no time limit.
sweep() if $held{cpu};

my %stats = (cpu_over => $over, left => scalar @left, cpu_used => used());
if (defined $memory) {
  $stats{memory_peak} = value("$memory/memory.max_usage_in_bytes");
  $stats{oom_kills} = field("$memory/memory.oom_control", 'oom_kill');
} elsif (defined $v2) {
  $stats{memory_peak} = value("$v2/memory.peak");
  $stats{oom_kills} = field("$v2/memory.events", 'oom_kill');
}
if ($held{memory}) {
  my $swap = defined $memory ? undef : value("$v2/memory.swap.max");
  my @swaps = lines('/proc/swaps');
  $stats{swap_open} = @swaps > 1 && !(defined $swap && $swap eq '0') ? 1 : 0;
}
my $counted = defined $pids ? $pids : $v2;
if (defined $counted) {
  my $peak = value("$counted/pids.peak");
  $stats{pids_peak} = $peak - 1 if defined $peak;
  $stats{pids_refused} = field("$counted/pids.events", 'max');
}
my $text = join '', map { defined $stats{$_} ? "$_=$stats{$_}\n" : '' } sort keys %stats;
if ($stats eq '-') { print $text }
elsif (open my $file, '>', "$stats.new") {
  print $file $text;
  rename "$stats.new", $stats if close $file;
}
exit($status & 127 ? 128 + ($status & 127) : $status >> 8);
