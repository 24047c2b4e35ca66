# The program between assay and a command, which measures it: Perl, without any module.
#
# Arguments: the file for its numbers, `1` when the command is sandboxed, the pid of assay or nothing, the report or
# nothing, what ends standard output or nothing, the argv.
#
# - If sandboxed, it closes inherited descriptors, and neither it nor the command outlives assay, even if assay is
#   killed; the sandbox then ends what the command started. If assay is already gone at the start, the parent is
#   another process, which may be 1 in a container. If `/proc` belongs to another namespace, it says nothing.
# - The file is created before the command starts, and never through a link: the command may be able to write there,
#   and the launcher is outside the command's sandbox.
# - It is not dumpable: the command cannot trace it or reach its descriptors, and it leaves no core.
# - The child reports through a close-on-exec pipe that the program could not be executed.
# - It adopts orphans of the command, so that they are counted, and ends all of them: once the launcher has ended,
#   nothing of the command can write. A sandbox's own first process often ends a moment after the program that started
#   it, so each gets a moment to end by itself; orphans of these are adopted in turn.
# - It reports whether the report changed after the command ended; if the report is standard output, it marks where
#   that was then: what a leftover process wrote is not evidence.
# - It leads a session and group of its own, made here: a program as large as assay takes milliseconds to fork, as it
#   must when it makes one, and none to start a program otherwise.
# - Signals to the group are for the command: the launcher blocks them all, stays until the command has ended, and ends
#   as it did.
# - It counts the kernel's out-of-memory kills, of the whole machine, for a command that was killed.
# - If the kernel refuses to fork, this process becomes the command.
#
# `launch.ts` fills in SET_ASIDE and the words in capitals that are passed to `syscall`.

syscall(SETSID);
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
my $kills = kills();
my ($all, $usual) = ("\xff" x 8, "\0" x 8);
syscall(RT_SIGPROCMASK, 0, $all, $usual, 8);
my $pid = $piped ? fork : undef;
if (!$pid) {
  syscall(RT_SIGPROCMASK, 2, $usual, 0, 8);
  end_with($launcher) if defined $pid;
  for (grep { /^SET_ASIDE/ } keys %ENV) {
    my $value = delete $ENV{$_};
    $ENV{substr $_, length "SET_ASIDE"} = $value;
  }
  exec { $ARGV[0] } @ARGV;
  my $errno = $! + 0;
  syswrite($fail, $errno) if defined $pid;
  syswrite($out, "errno $errno\n") if !defined $pid;
  exit 127;
}
close $fail;
sysread($failed, my $errno, 16);
while (waitpid($pid, 0) < 0 && $! == 4) {}
my $status = $?;
my $seen = seen();
my @left = orphans();
my $numbers = $errno ? "errno $errno\n" : "";
$numbers .= "changed 1\n" if $seen ne seen();
$numbers .= "oom 1\n" if (($status & 127) == 9 || $status >> 8 == 137) && $kills < kills();
$numbers .= "left " . @left . "\n";
my %named;
$numbers .= "program $_\n" for grep { !$named{$_}++ && keys %named <= 5 } @left;
my $usage = "\0" x 512;
if ($known && syscall(GETRUSAGE, -1, $usage) == 0) {
  my ($us, $uu, $ss, $su, $kib) = unpack "l!5", $usage;
  $numbers .= sprintf "cpu_user_ms %.3f\ncpu_system_ms %.3f\nmemory_peak_bytes %d\n",
    $us * 1000 + $uu / 1000, $ss * 1000 + $su / 1000, $kib * 1024;
}
my @after = transferred();
if (@before && @after) {
  $numbers .= sprintf "read_bytes %d\nwritten_bytes %d\n", map { $after[$_] - $before[$_] } 0, 1;
}
syswrite($out, $numbers) if $out;
if (my $signal = $status & 127) {
  kill $signal, $$;
  vec(my $one = "\0" x 8, $signal - 1, 1) = 1;
  syscall(RT_SIGPROCMASK, 1, $one, 0, 8);
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
    last if defined syswrite(STDOUT, "\0$mark") || $! != 11;
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
    open(my $list, "<", "/proc/self/task/$$/children") or return "?";
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
  $text =~ tr/\0- \x7f/ /s;
  $text =~ s/ $//;
  return $text || "?";
}

# Which file it is, its size and its times to the nanosecond.
sub seen {
  my $info = "\0" x 256;
  return "" if $report eq "" || syscall(STATX, -100, $report, 0, 0x7ff | 0x800, $info) != 0;
  return substr($info, 32, 16) . substr($info, 80, 64);
}

sub kills {
  open(my $in, "<", "/proc/vmstat") or return 0;
  /^oom_kill (\d+)/ and return $1 for <$in>;
  return 0;
}

sub transferred {
  return unless $io && sysseek($io, 0, 0) && sysread($io, my $text, 4096);
  return unless $text =~ /^read_bytes: (\d+)\nwrite_bytes: (\d+)$/m;
  return ($1, $2);
}
