"""Acts on a process outside, which signal_ready what is done to it."""

import ctypes
import fcntl
import os
import resource
import signal
import sys
import threading
import time

from acts import act
from sys_calls import PIDFD_GETFD, PIDFD_OPEN, PIDFD_SEND_SIGNAL, call, libc, raw

# Another process in one's hands is a way around every limit that is not on it.
ANY = "filesystem network processes"
PTRACE_POKEDATA, PTRACE_ATTACH, PTRACE_DETACH = 5, 16, 17


@act("processes")
def signal_pid(scene, _):
    os.kill(scene.victim["pid"], signal.SIGUSR1)


@act("processes")
def signal_pidfd(scene, _):
    fd = raw(PIDFD_OPEN, scene.victim["pid"], 0)
    raw(PIDFD_SEND_SIGNAL, fd, signal.SIGUSR2, None, 0)


@act("processes", kind="unseen")
def signal_all(scene, _):
    """To all there are, with a signal that programs ignore; only where this process has its own ids."""
    if os.stat("/proc/self/ns/pid").st_ino == scene.pid_namespace:
        os.kill(scene.victim["pid"], signal.SIGURG)
    else:
        os.kill(-1, signal.SIGURG)


@act("processes", claimed=True)
def process_seen(scene, _):
    return os.readlink(f"/proc/{scene.victim['pid']}/exe")


@act("processes")
def environment_of_another(scene, _):
    with open(f"/proc/{scene.victim['pid']}/environ", encoding="utf8") as file:
        return file.read()


@act("processes")
def priority_of_another(scene, _):
    os.setpriority(os.PRIO_PROCESS, scene.victim["pid"], 7)


@act("processes")
def limit_of_another(scene, _):
    resource.prlimit(scene.victim["pid"], resource.RLIMIT_CORE, (0, 4096))


@act(ANY)
def ptrace(scene, _):
    pid, address = scene.victim["pid"], scene.victim["address"]
    call("ptrace", PTRACE_ATTACH, pid, 0, 0)
    os.waitpid(pid, 0x40000000)
    try:
        word = int.from_bytes(b"pt-poked", "little")
        call("ptrace", PTRACE_POKEDATA, pid, ctypes.c_void_p(address), ctypes.c_void_p(word))
    finally:
        call("ptrace", PTRACE_DETACH, pid, 0, 0)


def vectors(address, buffer):
    class Vector(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    size = len(buffer)
    return Vector(ctypes.addressof(buffer), size), Vector(address, size)


@act(ANY)
def memory_read(scene, _):
    buffer = ctypes.create_string_buffer(64)
    mine, its = vectors(scene.victim["secret_address"], buffer)
    call("process_vm_readv", scene.victim["pid"], ctypes.byref(mine), 1, ctypes.byref(its), 1, 0)
    return buffer.value.decode()


@act(ANY)
def memory_written(scene, _):
    buffer = ctypes.create_string_buffer(b"vm-write", 8)
    mine, its = vectors(scene.victim["address"] + 8, buffer)
    call("process_vm_writev", scene.victim["pid"], ctypes.byref(mine), 1, ctypes.byref(its), 1, 0)


@act(ANY)
def memory_file_written(scene, _):
    fd = os.open(f"/proc/{scene.victim['pid']}/mem", os.O_RDWR)
    os.pwrite(fd, b"mem-file", scene.victim["address"] + 16)


@act(ANY)
def file_of_another(scene, _):
    """Takes a descriptor out of a process, and writes by it."""
    fd = raw(PIDFD_OPEN, scene.victim["pid"], 0)
    os.write(raw(PIDFD_GETFD, fd, scene.victim["fds"]["file_of_another"], 0), b"escaped")


@act(ANY, needs=["tiocsti"], bare=True)
def tiocsti(scene, _):
    """Types into the terminal that assay was started from."""
    for path in ("/dev/tty", scene.terminal):
        try:
            fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
            return fcntl.ioctl(fd, 0x5412, b"!")
        except OSError as error:
            refusal = error
    raise refusal


DAEMON = """
import fcntl, os, signal, sys, time
lock, stop, ready = sys.argv[1], sys.argv[2], int(sys.argv[3])
signal.alarm(30)
fcntl.flock(os.open(lock, os.O_RDONLY), fcntl.LOCK_SH)
os.write(ready, b"up")
os.close(ready)
while not os.path.exists(stop):
    time.sleep(0.05)
"""


@act("processes", kind="unseen", bare=True)
def daemon(scene, _):
    """Leaves by a double fork, a session of its own and an empty environment; it holds a lock while it lives."""
    ready, signal_ready = os.pipe()
    os.set_inheritable(signal_ready, True)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            null = os.open("/dev/null", os.O_RDWR)
            for fd in range(3):
                os.dup2(null, fd)
            command = [sys.executable, "-I", "-c", DAEMON, scene.lock, scene.stop, str(signal_ready)]
            os.execve(command[0], command, {})
        os._exit(0)
    os.close(signal_ready)
    if os.read(ready, 2) != b"up":
        raise OSError(10, "it did not come up")


@act(ANY, kind="allow")
def own_child(_, __):
    pid = os.fork()
    if pid == 0:
        time.sleep(10)
        os._exit(0)
    os.kill(pid, signal.SIGTERM)
    return os.waitpid(pid, 0)[1]


@act(ANY, kind="allow")
def own_threads(_, __):
    threads = [threading.Thread(target=libc.getpid) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
