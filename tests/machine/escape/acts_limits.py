"""Acts that use more than there should be. Each is bounded: a little above the limit, and no longer."""

import ctypes
import errno
import mmap
import os
import resource
import select
import threading
import time

from acts import act, first_that_works
from sys_calls import CLONE_NEWUSER, call, write_all

# A process that may write the kernel's control groups may leave the one it is in.
CGROUPS = r"/sys/fs/cgroup"
EACH = r"(?i)\beach process\b"
SHARED = r"(?i)\bshared\b"


def refused(what):
    return OSError(errno.EAGAIN, what)


def leave_cgroup():
    """Moves to the topmost group of each hierarchy, where no limit is."""
    folders = ["/sys/fs/cgroup", *(f"/sys/fs/cgroup/{name}" for name in ("memory", "pids", "cpu"))]
    first_that_works(
        (lambda path=path: write_all(f"{path}/cgroup.procs", "0")) for path in reversed(folders)
    )
    for path in folders:
        try:
            write_all(f"{path}/cgroup.procs", "0")
        except OSError:
            pass


def raise_limit(which):
    resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def attempt(*steps):
    """Tries ways round a limit; that one is refused is no success yet, and the limit is put to the test."""
    for step in steps:
        try:
            step()
        except (OSError, ValueError):
            pass


def child(work):
    """A process that does some work and ends, whether it succeeds or not: 0 when it was done."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return pid


def forks(scene):
    """As many processes as the limit allows, and some more, all at once."""
    children = []
    try:
        for _ in range(scene.pids + 10):
            children.append(child(lambda: time.sleep(5)))
    finally:
        for pid in children:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
    return len(children)


@act("pids", claimed=True)
def fork_bomb(scene, _):
    return forks(scene)


@act("pids", claimed=True)
def fork_bomb_userns(scene, _):
    attempt(lambda: call("unshare", CLONE_NEWUSER))
    return forks(scene)


@act("pids", claimed=True)
def fork_bomb_raised(scene, _):
    attempt(lambda: raise_limit(resource.RLIMIT_NPROC))
    return forks(scene)


@act("pids", claimed=True, caveat=CGROUPS)
def fork_bomb_elsewhere(scene, _):
    attempt(leave_cgroup)
    return forks(scene)


@act("pids", claimed=True)
def thread_bomb(scene, _):
    done = threading.Event()
    threads = []
    try:
        for _ in range(scene.pids + 10):
            thread = threading.Thread(target=done.wait, daemon=True)
            thread.start()
            threads.append(thread)
    except RuntimeError as error:
        raise refused(str(error)) from None
    finally:
        done.set()
    return len(threads)


def hog(size, flags=mmap.MAP_PRIVATE):
    try:
        memory = mmap.mmap(-1, size, flags | mmap.MAP_ANONYMOUS)
    except (OSError, MemoryError) as error:
        raise OSError(errno.ENOMEM, str(error)) from None
    for offset in range(0, size, 4096):
        memory[offset] = 1
    return memory


def touched(scene, flags=mmap.MAP_PRIVATE):
    return len(hog(scene.memory * 2, flags))


@act("memory", claimed=True)
def memory_hog(scene, _):
    return touched(scene)


@act("memory", claimed=True)
def memory_hog_heap(scene, _):
    """By the break and not by mapping."""
    ctypes.CDLL(None).mallopt(-3, 2**30)
    malloc = ctypes.CDLL(None).malloc
    malloc.restype = ctypes.c_void_p
    blocks = [malloc(1 << 20) for _ in range(scene.memory * 2 >> 20)]
    if not all(blocks):
        raise OSError(errno.ENOMEM, "no more memory")
    for block in blocks:
        ctypes.memset(block, 1, 1 << 20)
    return len(blocks)


@act("memory", claimed=True)
def memory_hog_raised(scene, _):
    attempt(lambda: raise_limit(resource.RLIMIT_DATA))
    return touched(scene)


@act("memory", claimed=True, caveat=CGROUPS)
def memory_hog_elsewhere(scene, _):
    attempt(leave_cgroup)
    return touched(scene)


@act("memory", claimed=True, caveat=EACH)
def memory_hogs(scene, _):
    """Three processes at once, each well within the limit."""
    ready, hold = os.pipe(), os.pipe()

    def one():
        os.close(hold[1])
        kept = hog(scene.memory // 2)
        os.write(ready[1], b"1")
        os.read(hold[0], len(kept))

    children = [child(one) for _ in range(3)]
    held = 0
    while held < 3 and not any(os.waitpid(pid, os.WNOHANG)[0] for pid in children):
        if select.select([ready[0]], [], [], 0.02)[0]:
            held += len(os.read(ready[0], 3))
    for pid in children:
        attempt(lambda: os.kill(pid, 9))
    if held < 3:
        raise OSError(errno.ENOMEM, f"{held} of 3 came that far")
    return held


@act("memory", claimed=True, caveat=SHARED)
def memory_hog_shared(scene, _):
    return touched(scene, mmap.MAP_SHARED)


def burn(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


@act("cpu", claimed=True, caveat=EACH)
def busy_forks(scene, _):
    """One process after the other, each a little."""
    share = scene.cpu * 0.3
    for _ in range(6):
        code = os.waitpid(child(lambda: burn(share)), 0)[1]
        if code != 0:
            raise OSError(errno.EINTR, f"a process ended with {code}")


@act("cpu", claimed=True)
def busy_loop(scene, _):
    attempt(lambda: raise_limit(resource.RLIMIT_CPU))
    burn(scene.cpu * 2.1)
