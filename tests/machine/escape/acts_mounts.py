"""Acts that change what is mounted where, or take on the view of another process."""

import os

from acts import act, first_that_works, own_folder
from sys_calls import (
    CLONE_NEWNS,
    CLONE_NEWUSER,
    MNT_DETACH,
    MS_BIND,
    MS_REC,
    MS_REMOUNT,
    PIDFD_OPEN,
    PIVOT_ROOT,
    call,
    mount,
    own_mounts,
    raw,
    write_all,
)


def above(path):
    """The path and the folders it is in, the nearest first."""
    while path != "/":
        path = os.path.dirname(path)
        yield path


def ignoring_refusals(*tries):
    for each in tries:
        try:
            each()
        except OSError:
            pass


def bind_and_write(target, flags):
    own_mounts(flags)
    here = own_folder()
    mount(target.dir, here, MS_BIND)
    ignoring_refusals(lambda: mount(None, here, MS_BIND | MS_REMOUNT))
    write_all(f"{here}/file")


@act("filesystem", needs=["mounts"])
def mount_bind(_, target):
    bind_and_write(target, 0)


@act("filesystem", needs=["mounts", "user_namespaces"])
def mount_bind_userns(_, target):
    bind_and_write(target, CLONE_NEWUSER)


@act("filesystem", needs=["mounts"])
def mount_remount(_, target):
    ignoring_refusals(own_mounts)
    for path in above(target.file):
        ignoring_refusals(
            lambda: mount(None, path, MS_BIND | MS_REMOUNT), lambda: mount(None, path, MS_REMOUNT)
        )
    write_all(target.file)


@act("filesystem", needs=["mounts"])
def mount_umount(_, target):
    ignoring_refusals(own_mounts)
    for path in above(target.file):
        ignoring_refusals(lambda: call("umount2", path, MNT_DETACH))
    write_all(target.file)


@act("filesystem", needs=["root"])
def mount_without_namespace(scene, target):
    """In the mount namespace it is in: the unsandboxed control would change the host's, so it unmounts."""
    here = own_folder()
    mount(target.dir, here, MS_BIND)
    try:
        ignoring_refusals(lambda: mount(None, here, MS_BIND | MS_REMOUNT))
        write_all(f"{here}/file")
    finally:
        call("umount2", here, MNT_DETACH)


@act("filesystem", needs=["mounts"])
def pivot_root(_, target):
    own_mounts(CLONE_NEWUSER)
    root = own_folder()
    mount("/", root, MS_BIND | MS_REC)
    os.chdir(root)
    raw(PIVOT_ROOT, ".", ".")
    ignoring_refusals(lambda: call("umount2", ".", MNT_DETACH))
    ignoring_refusals(lambda: mount(None, "/", MS_BIND | MS_REMOUNT))
    write_all(target.file)


@act("filesystem", needs=["root"])
def chroot_of_another(scene, target):
    os.chroot(f"/proc/{scene.victim['pid']}/root")
    write_all(target.file)


@act("filesystem", needs=["user_namespaces"])
def chroot_userns(scene, target):
    call("unshare", CLONE_NEWUSER)
    first_that_works(
        [lambda: os.chroot(f"/proc/{scene.victim['pid']}/root"), lambda: os.chroot("/proc/self/root")]
    )
    write_all(target.file)


@act("filesystem", needs=["root"])
def setns_mounts(scene, target):
    call("setns", os.open(f"/proc/{scene.victim['pid']}/ns/mnt", os.O_RDONLY), CLONE_NEWNS)
    write_all(target.file)


@act("filesystem", needs=["root"])
def setns_pidfd(scene, target):
    call("setns", raw(PIDFD_OPEN, scene.victim["pid"], 0), CLONE_NEWNS)
    write_all(target.file)
