"""Tries acts by their system calls: `actor.py ACTS` with ACTS a JSON list of names.

Prints a JSON object: for each act "done", or the name of the error it met. The working directory is the
workspace; beside it is `outside`, with what acts need. HELPER is the id of a process outside.
"""
import ctypes, errno, fcntl, json, os, signal, socket, struct, sys

libc = ctypes.CDLL(None, use_errno=True)
x86 = os.uname().machine == "x86_64"
HELPER = int(os.environ.get("HELPER", "0"))


def call(result):
    if result < 0:
        e = ctypes.get_errno()
        raise OSError(e, os.strerror(e))
    return result


def syscall(number, *args):
    return call(libc.syscall(ctypes.c_long(number), *[
        ctypes.c_long(a) if isinstance(a, int) else a for a in args
    ]))


def write(path, flags=os.O_WRONLY | os.O_CREAT | os.O_TRUNC):
    fd = os.open(path, flags, 0o644)
    os.write(fd, b"x")
    os.close(fd)


def by_symlink():
    os.symlink("../outside/old", "way")
    try:
        write("way", os.O_WRONLY)
    finally:
        os.unlink("way")


def by_hard_link():
    os.link("../outside/old", "linked")
    write("linked", os.O_WRONLY)
    os.unlink("linked")


def move_out():
    write("mine")
    os.rename("mine", "../outside/mine")


def move_in():
    os.rename("../outside/moved", "moved")


def exchange():
    write("mine")
    syscall(316 if x86 else 276, -100, b"mine", -100, b"../outside/old", 2)


def by_shell():
    if os.system("cd ../outside && true && : > shell 2>/dev/null") != 0:
        raise PermissionError(errno.EACCES, "the shell")


def in_new_session():
    os.setsid()
    write("../outside/child")


def inherited():
    os.write(9, b"x")


def in_user_namespace(act):
    def child():
        call(libc.unshare(0x10000000 | 0x00020000))
        act()
    in_child(child)


def mount():
    call(libc.mount(b"none", b"../outside", b"tmpfs", 0, None))
    libc.umount2(b"../outside", 2)


def bind():
    os.makedirs("bound", exist_ok=True)
    call(libc.mount(os.path.abspath("../outside").encode(), b"bound", None, 4096, None))
    write("bound/by_bind")


def in_child(act):
    pid = os.fork()
    if pid == 0:
        try:
            act()
        except OSError as error:
            os._exit(error.errno)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code:
        raise OSError(code, "child")


def by_handle():
    handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + b"\0" * 128)
    mount_id = ctypes.c_int()
    call(libc.name_to_handle_at(-100, b"../outside/old", handle, ctypes.byref(mount_id), 0))
    root = os.open("..", os.O_RDONLY)
    fd = call(libc.open_by_handle_at(root, handle, os.O_WRONLY))
    os.write(fd, b"x")


def trace():
    call(libc.ptrace(16, HELPER, None, None))
    os.waitpid(HELPER, 0x40000000)
    libc.ptrace(17, HELPER, None, None)


def take_descriptor():
    pidfd = os.pidfd_open(HELPER)
    syscall(438, pidfd, 0, 0)


def load_module():
    fd = os.open("/dev/null", os.O_RDONLY)
    try:
        syscall(313 if x86 else 273, fd, b"", 0)
    except OSError as error:
        # A file that is no module is looked at only by who may load modules.
        if error.errno not in (errno.ENOEXEC, errno.EINVAL):
            raise


def same_setting():
    path = "/proc/sys/kernel/panic"
    value = open(path, "rb").read()
    fd = os.open(path, os.O_WRONLY)
    os.write(fd, value)


def open_sys():
    os.close(os.open("/sys/kernel/mm/transparent_hugepage/enabled", os.O_WRONLY))


def disk_device(kind):
    def act():
        os.mknod("device", kind | 0o600, os.makedev(1, 3))
        os.unlink("device")
    return act


def xattr():
    os.setxattr("../outside/old", "user.assay", b"x")


def flags():
    fd = os.open("../outside/old", os.O_RDONLY)
    value = bytearray(8)
    fcntl.ioctl(fd, 0x80086601, value)
    fcntl.ioctl(fd, 0x40086602, bytes(value))


def stream(family, address):
    def act():
        with socket.socket(family, socket.SOCK_STREAM) as s:
            s.connect(address())
    return act


def make(family, kind=socket.SOCK_STREAM, protocol=0):
    return lambda: socket.socket(family, kind, protocol).close()


def datagram_out():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(b"x", ("127.0.0.1", 9))


def rebound_pair():
    a, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    a.connect("../outside/datagrams")


def uring():
    params = ctypes.create_string_buffer(120)
    os.close(syscall(425, 4, params))


def push_input():
    leader, follower = os.openpty()
    fcntl.ioctl(leader, 0x5412, b"x")


def signal_own_child():
    pid = os.fork()
    if pid == 0:
        signal.pause()
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def stream_pair():
    a, b = socket.socketpair()
    a.send(b"x")
    b.recv(1)


ACTS = {
    "create outside": lambda: write("../outside/new"),
    "create beside by a longer name": lambda: write(os.getcwd() + " too/new"),
    "append outside": lambda: write("../outside/old", os.O_WRONLY | os.O_APPEND),
    "read and write outside": lambda: write("../outside/old", os.O_RDWR),
    "empty on opening": lambda: os.close(os.open("../outside/old", os.O_RDONLY | os.O_TRUNC)),
    "truncate": lambda: os.truncate("../outside/old", 0),
    "unnamed file outside": lambda: os.close(os.open("../outside", os.O_TMPFILE | os.O_WRONLY)),
    "by a symbolic link": by_symlink,
    "by a hard link": by_hard_link,
    "by /proc/self/cwd": lambda: write("/proc/self/cwd/../outside/proc"),
    "move out": move_out,
    "move in": move_in,
    "exchange": exchange,
    "make a folder": lambda: os.mkdir("../outside/folder"),
    "remove a folder": lambda: os.rmdir("../outside/empty"),
    "remove a file": lambda: os.unlink("../outside/removed"),
    "make a symbolic link": lambda: os.symlink("x", "../outside/link"),
    "make a pipe": lambda: os.mkfifo("../outside/pipe"),
    "by a shell": by_shell,
    "by a child in a session of its own": lambda: in_child(in_new_session),
    "by an inherited descriptor": inherited,
    "by the root of a process outside": lambda: write(
        f"/proc/{HELPER}/root" + os.path.abspath("../outside/by_root")),
    "by the working directory of a process outside": lambda: write(f"/proc/{HELPER}/cwd/by_cwd"),
    "memory of a process outside": lambda: os.close(os.open(f"/proc/{HELPER}/mem", os.O_RDWR)),
    "trace a process outside": trace,
    "descriptor of a process outside": take_descriptor,
    "environment of a process outside": lambda: open(f"/proc/{HELPER}/environ").read(),
    "signal a process outside": lambda: os.kill(HELPER, 0),
    "mount": mount,
    "mount in a user namespace": lambda: in_user_namespace(mount),
    "bind in a user namespace": lambda: in_user_namespace(bind),
    "chroot": lambda: in_child(lambda: os.chroot(".")),
    "open by handle": by_handle,
    "load a module": load_module,
    "write /proc/sys": same_setting,
    "write /sys": open_sys,
    "character device in the workspace": disk_device(0o020000),
    "block device in the workspace": disk_device(0o060000),
    "chmod": lambda: os.chmod("../outside/old", 0o600),
    "chown": lambda: os.chown("../outside/old", os.getuid(), os.getgid()),
    "times": lambda: os.utime("../outside/old", (1, 1)),
    "attributes": xattr,
    "flags": flags,
    "tcp": stream(socket.AF_INET, lambda: ("127.0.0.1", int(os.environ["PORT"]))),
    "abstract unix socket": stream(socket.AF_UNIX, lambda: "\0" + os.environ["ABSTRACT"]),
    "unix socket by path": stream(socket.AF_UNIX, lambda: "../outside/streams"),
    "udp": datagram_out,
    "tcp over IPv6": make(socket.AF_INET6),
    "ping": make(socket.AF_INET, socket.SOCK_DGRAM, 1),
    "raw": make(socket.AF_INET, socket.SOCK_RAW, 1),
    "packet": make(socket.AF_PACKET, socket.SOCK_RAW),
    "netlink": make(socket.AF_NETLINK, socket.SOCK_RAW),
    "vsock": make(40),
    "kernel crypto": make(38, socket.SOCK_SEQPACKET),
    "a reconnected datagram pair": rebound_pair,
    "io_uring": uring,
    "push terminal input": push_input,
    "write in the workspace": lambda: write("inside"),
    "write where TMPDIR is": lambda: write("../tmp/file"),
    "write the evidence": lambda: write("../live/file"),
    "write the report": lambda: write("../report.xml", os.O_WRONLY | os.O_TRUNC),
    "write a path of its own": lambda: write("../extra/file"),
    "write a file of its own": lambda: write("../extra file", os.O_WRONLY | os.O_TRUNC),
    "write /dev/null": lambda: write("/dev/null"),
    "read outside": lambda: open("../outside/old").read(),
    "signal a child": signal_own_child,
    "a pair of streams": stream_pair,
}


def attempt(name):
    try:
        ACTS[name]()
        return "done"
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))


print(json.dumps({name: attempt(name) for name in json.loads(sys.argv[1])}))
