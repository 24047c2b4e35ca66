"""What acts need of the machine so that they can work at all, tried by doing: each returns or raises."""

import array
import errno
import fcntl
import os
import socket
import stat
import tempfile

import acts_files
from io_uring import Ring
from sys_calls import CLONE_NEWUSER, call, handle_of, i386, new_namespaces, own_mounts, raw


def root():
    if os.geteuid() != 0:
        raise OSError(errno.EPERM, "not root")


def block_device():
    disk_of("/tmp")


def disk():
    os.close(os.open(f"/dev/{disk_of('/tmp')[2]}", os.O_RDWR))


def kernel_log():
    os.close(os.open("/dev/kmsg", os.O_WRONLY))


def sysrq():
    os.close(os.open("/proc/sysrq-trigger", os.O_WRONLY))


def disk_of(path):
    """The block device a path is on: major, minor, name."""
    device = os.stat(path).st_dev
    major, minor = os.major(device), os.minor(device)
    name = os.path.basename(os.path.realpath(f"/sys/dev/block/{major}:{minor}"))
    if not stat.S_ISBLK(os.stat(f"/dev/{name}").st_mode):
        raise OSError(errno.ENODEV, "no disk")
    return [major, minor, name]


def scratch_file():
    return tempfile.NamedTemporaryFile(dir="/tmp")


def xattr():
    with scratch_file() as file:
        os.setxattr(file.name, "user.assay", b"x")


def file_flags():
    with scratch_file() as file:
        flags = array.array("l", [0])
        fcntl.ioctl(file.fileno(), 0x80086601, flags)
        flags[0] |= 0x40
        fcntl.ioctl(file.fileno(), 0x40086602, flags)


def handles():
    with scratch_file() as file:
        handle_of(file.name)


def io_uring():
    Ring()


def writable_read_only_mapping():
    with scratch_file() as file:
        file.write(b"text\n")
        file.flush()
        acts_files.write_read_only_mapping(file.name)


def user_namespaces():
    new_namespaces(CLONE_NEWUSER)


def mounts():
    own_mounts()


def cgroups():
    if not any(os.access(path, os.W_OK) for path in cgroup_folders()):
        raise OSError(errno.ENOENT, "no control groups to be written")


def cgroup_folders():
    found = ["/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids", "/sys/fs/cgroup"]
    return [path for path in found if os.path.exists(f"{path}/cgroup.procs")]


def fast_open():
    with open("/proc/sys/net/ipv4/tcp_fastopen", encoding="utf8") as file:
        if int(file.read()) & 1 == 0:
            raise OSError(errno.EOPNOTSUPP, "tcp_fastopen is off")


def opens(*arguments):
    socket.socket(*arguments).close()


def mptcp():
    opens(socket.AF_INET, socket.SOCK_STREAM, 262)


def udplite():
    opens(socket.AF_INET, socket.SOCK_DGRAM, 136)


def ipv6():
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
        sock.bind(("::1", 0))


def ping():
    opens(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)


def vsock():
    opens(socket.AF_VSOCK, socket.SOCK_STREAM)


def af_alg():
    opens(socket.AF_ALG, socket.SOCK_SEQPACKET)


def ia32():
    if i386(20) != os.getpid():
        raise OSError(errno.ENOSYS, "no 32-bit calls")


def x32():
    if raw(0x40000000 | 39) != os.getpid():
        raise OSError(errno.ENOSYS, "no x32 calls")


def tiocsti():
    """The kernel may keep it for the administrator."""
    if os.geteuid() == 0:
        return
    with open("/proc/sys/dev/tty/legacy_tiocsti", encoding="utf8") as file:
        if file.read().strip() != "1":
            raise OSError(errno.EIO, "dev.tty.legacy_tiocsti is off")


ALL = (
    root, block_device, disk, kernel_log, sysrq, xattr, file_flags, handles, io_uring, writable_read_only_mapping, user_namespaces,
    mounts, cgroups, fast_open, mptcp, udplite, ipv6, ping, vsock, af_alg, ia32, x32, tiocsti,
)  # fmt: skip


def missing_for(become):
    """Why which needs are not met, by name; each is tried in a process of its own, as that user."""
    reasons = {}
    for need in ALL:
        ours, its = os.pipe()
        pid = os.fork()
        if pid == 0:
            become()
            # What changed its user may not look at itself otherwise, which a program just started may.
            call("prctl", 4, 1, 0, 0, 0)
            try:
                need()
                os.write(its, b"-")
            except Exception as error:
                os.write(its, str(error).encode()[:300])
            os._exit(0)
        os.close(its)
        os.waitpid(pid, 0)
        said = os.read(ours, 300).decode()
        os.close(ours)
        if said != "-":
            reasons[need.__name__] = said or "the kernel ends a process that tries"
    return reasons
