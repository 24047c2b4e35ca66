"""Acts that read what is hidden; each returns what it read, and the secret in it is what counts."""

import errno
import os

from acts import act, first_that_works, parents
from acts_mounts import above, ignoring_refusals
from sys_calls import CLONE_NEWNS, MNT_DETACH, MS_BIND, call, mount, open_handle, own_mounts, write_all


def text_of(path):
    with open(path, encoding="utf8") as file:
        return file.read()


@act("paths_hidden")
def hidden_path(scene, _):
    return text_of(f"{scene.hidden}/key")


@act("paths_hidden")
def hidden_file(scene, _):
    return text_of(scene.hidden_file)


@act("paths_hidden")
def hidden_list(scene, _):
    names = os.listdir(scene.hidden)
    if "key" not in names:
        raise OSError(errno.ENOENT, "nothing but what may be read is there")
    return " ".join(names)


@act("paths_hidden", claimed=True)
def hidden_size(scene, _):
    return os.stat(f"{scene.hidden}/key").st_size


@act("paths_hidden")
def hidden_dotdot(scene, _):
    return text_of(f"{scene.project}/../hidden/open/../key")


@act("paths_hidden")
def hidden_self_root(scene, _):
    return text_of(f"/proc/self/root{scene.hidden}/key")


@act("paths_hidden")
def hidden_symlink_before(scene, _):
    return text_of(f"{scene.project}/links/key")


@act("paths_hidden")
def hidden_pid_root(scene, _):
    return text_of(f"/proc/{scene.victim['pid']}/root{scene.hidden}/key")


@act("paths_hidden")
def hidden_pid_cwd(scene, _):
    return text_of(f"/proc/{scene.victim['pid']}/cwd/../hidden/key")


@act("paths_hidden")
def hidden_pid_fd(scene, _):
    return text_of(f"/proc/{scene.victim['pid']}/fd/{scene.victim['fds']['key']}")


@act("paths_hidden")
def hidden_parents_root(scene, _):
    return first_that_works(
        (lambda pid=pid: text_of(f"/proc/{pid}/root{scene.hidden}/key")) for pid in parents()
    )


@act("paths_hidden", needs=["root", "handles"])
def hidden_handle(scene, _):
    return os.read(open_handle(bytes.fromhex(scene.handles["key"]), os.O_RDONLY), 200).decode()


@act("paths_hidden", needs=["root"])
def hidden_setns(scene, _):
    call("setns", os.open(f"/proc/{scene.victim['pid']}/ns/mnt", os.O_RDONLY), CLONE_NEWNS)
    return text_of(f"{scene.hidden}/key")


@act("paths_hidden", needs=["mounts"])
def hidden_umount(scene, _):
    ignoring_refusals(own_mounts)
    for path in (scene.hidden, *above(scene.hidden)):
        ignoring_refusals(lambda: call("umount2", path, MNT_DETACH))
    return text_of(f"{scene.hidden}/key")


@act("paths_hidden", needs=["mounts"])
def hidden_bind(scene, _):
    """A bind of the folder above without what is mounted under it."""
    own_mounts()
    mount(scene.base, "/mnt", MS_BIND)
    return text_of("/mnt/hidden/key")


@act("paths_hidden", values={"filesystem": ["workspace_only", None]})
def hidden_rename_parent(scene, _):
    there, moved = f"{scene.project}/secrets", f"{scene.project}/secrets-moved"
    os.rename(there, moved)
    try:
        return text_of(f"{moved}/inner/key")
    finally:
        os.rename(moved, there)


@act("paths_hidden")
def hidden_in_workspace(scene, _):
    return text_of(f"{scene.project}/secrets/inner/key")


@act("paths_hidden")
def hidden_write(scene, _):
    write_all(f"{scene.hidden}/hidden_write", flags=os.O_WRONLY | os.O_CREAT)


@act("paths_readable", kind="allow")
def readable_read(scene, _):
    return text_of(f"{scene.hidden}/open/readme")


@act("paths_readable")
def readable_write(scene, _):
    write_all(f"{scene.hidden}/open/readable_write", flags=os.O_WRONLY | os.O_CREAT)


@act("tmpfs")
def tmpfs_read_before(scene, _):
    return text_of(f"{scene.scratch}/before")


@act("tmpfs", kind="unseen")
def tmpfs_write(scene, _):
    write_all(f"{scene.scratch}/tmpfs_write", flags=os.O_WRONLY | os.O_CREAT)
