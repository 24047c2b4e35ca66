"""Acts on files outside of what may be written, by every path to them."""

import ctypes
import errno
import fcntl
import mmap
import os
import stat
import struct

from acts import act, evidence_folder, first_that_works, own_folder, parents
from io_uring import Ring
from sys_calls import OPENAT2, call, open_handle, raw, write_all

METADATA = r"(?i)\b(mode|owner|times?|attributes)\b"
PIPES = r"(?i)\b(fifos?|named pipes?)\b"


@act("filesystem")
def write_path(_, target):
    write_all(target.file, flags=os.O_WRONLY | os.O_TRUNC)


@act("filesystem")
def create(_, target):
    write_all(f"{target.dir}/new", flags=os.O_WRONLY | os.O_CREAT)


@act("filesystem")
def write_dotdot(scene, target):
    write_all(f"{scene.project}/../world/{target.name}/file")


@act("filesystem")
def write_symlink(_, target):
    link = f"{own_folder()}/link"
    os.symlink(target.file, link)
    write_all(link)


@act("filesystem")
def write_symlink_before(_, target):
    write_all(f"{target.link}/file")


@act("filesystem")
def rename_out(_, target):
    source = f"{own_folder()}/file"
    write_all(source, flags=os.O_WRONLY | os.O_CREAT)
    os.rename(source, f"{target.dir}/renamed")


@act("filesystem")
def rename_in(_, target):
    os.rename(target.file, f"{own_folder()}/taken")


@act("filesystem")
def rename_exchange(_, target):
    mine = f"{own_folder()}/file"
    write_all(mine, flags=os.O_WRONLY | os.O_CREAT)
    call("renameat2", -100, mine, -100, target.file, 2)


@act("filesystem")
def rename_there(_, target):
    os.rename(target.file, f"{target.dir}/renamed")


@act("filesystem")
def link_out(_, target):
    source = f"{own_folder()}/file"
    write_all(source, flags=os.O_WRONLY | os.O_CREAT)
    os.link(source, f"{target.dir}/linked")


@act("filesystem")
def link_in(_, target):
    link = f"{own_folder()}/link"
    os.link(target.file, link)
    write_all(link)


@act("filesystem")
def fd_reopen(_, target):
    fd = os.open(target.file, os.O_RDONLY)
    write_all(f"/proc/self/fd/{fd}")


@act("filesystem")
def path_fd_reopen(_, target):
    fd = os.open(target.file, os.O_PATH)
    write_all(f"/proc/self/fd/{fd}")


@act("filesystem")
def proc_self_root(_, target):
    write_all(f"/proc/self/root{target.file}")


@act("filesystem")
def proc_pid_root(scene, target):
    write_all(f"/proc/{scene.victim['pid']}/root{target.file}")


@act("filesystem")
def proc_pid_cwd(scene, target):
    write_all(f"/proc/{scene.victim['pid']}/cwd/{target.name}/file")


@act("filesystem")
def proc_pid_fd(scene, _):
    write_all(f"/proc/{scene.victim['pid']}/fd/{scene.victim['fds']['proc_pid_fd']}")


@act("filesystem")
def proc_parents_root(_, target):
    def through(pid):
        return lambda: write_all(f"/proc/{pid}/root{target.file}")

    first_that_works(map(through, parents()))


@act("filesystem")
def tmpfile_link(_, target):
    fd = os.open(own_folder(), os.O_TMPFILE | os.O_WRONLY, 0o600)
    call("linkat", -100, f"/proc/self/fd/{fd}", -100, f"{target.dir}/linked", 0x400)


@act("filesystem")
def tmpfile_there(_, target):
    fd = os.open(target.dir, os.O_TMPFILE | os.O_WRONLY, 0o600)
    call("linkat", -100, f"/proc/self/fd/{fd}", -100, f"{target.dir}/linked", 0x400)


@act("filesystem")
def truncate(_, target):
    os.truncate(target.file, 0)


@act("filesystem")
def unlink(_, target):
    os.unlink(target.file)


@act("filesystem")
def mkdir(_, target):
    os.mkdir(f"{target.dir}/folder")


@act("filesystem")
def rmdir(_, target):
    os.rmdir(f"{target.dir}/empty")


@act("filesystem")
def symlink_there(_, target):
    os.symlink("/", f"{target.dir}/link")


@act("filesystem")
def mkfifo_there(_, target):
    os.mkfifo(f"{target.dir}/pipe")


@act("filesystem", needs=["root"])
def mknod_char(_, target):
    os.mknod(f"{target.dir}/null", 0o600 | stat.S_IFCHR, os.makedev(1, 3))


@act("filesystem", needs=["root", "block_device"])
def mknod_block(scene, target):
    os.mknod(f"{target.dir}/disk", 0o600 | stat.S_IFBLK, os.makedev(*scene.disk[:2]))


@act("filesystem", needs=["root", "disk"], claimed=True)
def disk_of_its_own(scene, _):
    disk = f"{own_folder()}/disk"
    os.mknod(disk, 0o600 | stat.S_IFBLK, os.makedev(*scene.disk[:2]))
    os.close(os.open(disk, os.O_RDWR))


@act("filesystem", needs=["root", "kernel_log"], claimed=True)
def device_of_its_own(_, __):
    """A node in a folder of its own for a device that is no business of its: the kernel's log. Only opened."""
    log = f"{own_folder()}/log"
    os.mknod(log, 0o600 | stat.S_IFCHR, os.makedev(1, 11))
    os.close(os.open(log, os.O_WRONLY))


@act("filesystem", needs=["root", "kernel_log"], claimed=True)
def device_there(_, __):
    os.close(os.open("/dev/kmsg", os.O_WRONLY))


@act("filesystem", needs=["root", "disk"], claimed=True)
def disk_device(scene, _):
    os.close(os.open(f"/dev/{scene.disk[2]}", os.O_RDWR))


@act("filesystem", caveat=METADATA)
def chmod(_, target):
    os.chmod(target.file, 0o600)


@act("filesystem", caveat=METADATA)
def fchmod(_, target):
    os.fchmod(os.open(target.file, os.O_RDONLY), 0o600)


@act("filesystem", caveat=METADATA)
def chmod_proc_fd(_, target):
    os.chmod(f"/proc/self/fd/{os.open(target.file, os.O_RDONLY)}", 0o600)


@act("filesystem", needs=["root"], caveat=METADATA)
def chown(_, target):
    os.chown(target.file, 1, 1)


@act("filesystem", caveat=METADATA)
def utime(_, target):
    os.utime(target.file, (1, 1))


@act("filesystem", caveat=METADATA)
def futimens(_, target):
    os.utime(os.open(target.file, os.O_RDONLY), (1, 1))


@act("filesystem", needs=["xattr"], caveat=METADATA)
def setxattr(_, target):
    os.setxattr(target.file, "user.assay", b"escaped")


@act("filesystem", needs=["xattr"], caveat=METADATA)
def fremovexattr(_, target):
    os.removexattr(os.open(target.file, os.O_RDONLY), "user.before")


@act("filesystem", needs=["file_flags"], caveat=METADATA)
def file_flags(_, target):
    """What chattr does: an ioctl that needs no descriptor for writing. 0x40 is "no dump"."""
    fcntl.ioctl(os.open(target.file, os.O_RDONLY), 0x40086602, struct.pack("l", 0x40))


@act("filesystem")
def openat2(_, target):
    how = struct.pack("QQQ", os.O_WRONLY, 0, 0)
    os.write(raw(OPENAT2, -100, target.file, ctypes.create_string_buffer(how, 24), 24), b"escaped")


@act("filesystem")
def folder_fd(_, target):
    folder = os.open(target.dir, os.O_PATH)
    os.write(os.open("file", os.O_WRONLY, dir_fd=folder), b"escaped")


@act("filesystem")
def folder_fd_up(scene, target):
    folder = os.open(scene.project, os.O_PATH)
    os.write(os.open(f"../world/{target.name}/file", os.O_WRONLY, dir_fd=folder), b"escaped")


@act("filesystem", needs=["root", "handles"])
def file_handle(scene, _):
    fd = open_handle(bytes.fromhex(scene.handles["file_handle"]), os.O_WRONLY)
    os.write(fd, b"escaped")


@act("filesystem", caveat=PIPES)
def fifo(_, target):
    write_all(f"{target.dir}/fifo", "act:fifo\n", os.O_WRONLY | os.O_NONBLOCK)


@act("filesystem")
def mmap_shared(_, target):
    fd = os.open(target.file, os.O_RDWR)
    with mmap.mmap(fd, 4) as memory:
        memory[0:4] = b"esca"


@act("filesystem", needs=["writable_read_only_mapping"])
def mmap_self_mem(_, target):
    write_read_only_mapping(target.file)


def write_read_only_mapping(path):
    """Writes a file that is open for reading through its mapping, by /proc/self/mem."""
    memory = mmap.mmap(os.open(path, os.O_RDONLY), 4, prot=mmap.PROT_READ)
    with open("/proc/self/maps", encoding="utf8") as maps:
        line = next(line for line in maps if line.rstrip().endswith(path))
    os.pwrite(os.open("/proc/self/mem", os.O_RDWR), b"esca", int(line.split("-")[0], 16))
    if memory[0:4] != b"esca":
        raise OSError(errno.EFAULT, "the mapping is as it was")


@act("filesystem", needs=["io_uring"])
def io_uring_open(_, target):
    os.write(Ring().open(target.file, os.O_WRONLY), b"escaped")


@act("filesystem", needs=["root"], claimed=True)
def proc_sys(_, __):
    same_again("/proc/sys/vm/swappiness")


@act("filesystem", needs=["root"], claimed=True)
def sys_file(_, __):
    same_again("/sys/kernel/mm/transparent_hugepage/defrag", lambda text: text.split("[")[1].split("]")[0])


@act("filesystem", needs=["root", "sysrq"], claimed=True)
def sysrq(_, __):
    os.close(os.open("/proc/sysrq-trigger", os.O_WRONLY))


def same_again(path, value=lambda text: text):
    with open(path, encoding="utf8") as file:
        text = value(file.read())
    write_all(path, text)


@act("filesystem", needs=["root", "cgroups"])
def cgroup_mkdir(scene, _):
    first_that_works((lambda: os.mkdir(path)) for path in scene.cgroups)


@act("filesystem", bare=True)
def inherited_file(scene, _):
    os.write(scene.inherited["file"], b"escaped")


# In the workspace.


@act("filesystem", values={"filesystem": ["readonly", "scoped_write"]})
def workspace_write(scene, _):
    write_all(f"{scene.project}/in_workspace/workspace_write", flags=os.O_WRONLY | os.O_CREAT)


@act("filesystem", kind="allow", values={"filesystem": ["workspace_only"]})
def workspace_allowed(scene, _):
    write_all(f"{scene.project}/in_workspace/workspace_allowed", flags=os.O_WRONLY | os.O_CREAT)
    os.rename(f"{scene.project}/a file", f"{scene.project}/in_workspace/a file")


@act("paths_writable", kind="allow")
def writable_allowed(scene, _):
    write_all(f"{scene.writable}/writable_allowed", flags=os.O_WRONLY | os.O_CREAT)


OWN_RECORDS = r"\.assay"


@act("filesystem", caveat=OWN_RECORDS)
def assay_config(scene, _):
    write_all(f"{scene.project}/.assay/config.toml", "# escaped\n", os.O_WRONLY | os.O_APPEND)


@act("filesystem", caveat=OWN_RECORDS, claimed=True)
def assay_database(scene, _):
    """Opened for writing only: what is written to it damages the record of this very run."""
    os.close(os.open(f"{scene.project}/.assay/assay.db", os.O_RDWR))


@act("filesystem", caveat=OWN_RECORDS)
def assay_evidence(scene, _):
    write_all(f"{scene.project}/.assay/runs/EARLIER/run.json")


@act("filesystem", caveat=OWN_RECORDS, claimed=True)
def report_planted(_, __):
    """A link where assay is to keep the report: assay must not write through it either."""
    path = f"{evidence_folder()}/report.planted"
    os.symlink("/nowhere", path)
    os.unlink(path)


@act("filesystem", caveat=OWN_RECORDS)
def assay_lock(scene, _):
    write_all(f"{scene.project}/.assay/lock.json", flags=os.O_WRONLY | os.O_CREAT)


@act("filesystem", caveat=OWN_RECORDS, claimed=True)
def assay_renamed(scene, _):
    """Puts the folder back at once, so that the run under it goes on."""
    os.rename(f"{scene.project}/.assay", f"{scene.project}/moved")
    os.rename(f"{scene.project}/moved", f"{scene.project}/.assay")


# What git runs outside, the next time somebody calls it.


GIT = r"\.git\b"
REPOSITORY = {"filesystem": ["workspace_only"]}


@act("filesystem", values=REPOSITORY, caveat=GIT)
def git_config(scene, _):
    write_all(f"{scene.project}/.git/config", "# escaped\n", os.O_WRONLY | os.O_APPEND)


@act("filesystem", values=REPOSITORY, caveat=GIT)
def git_hook(scene, _):
    write_all(f"{scene.project}/.git/hooks/pre-commit", flags=os.O_WRONLY | os.O_CREAT)


@act("filesystem", values=REPOSITORY, caveat=GIT, claimed=True)
def git_hooks_replaced(scene, _):
    """Puts it back at once, as the next does: assay asks git when the command has ended."""
    replaced(f"{scene.project}/.git/hooks", "pre-push")


@act("filesystem", values=REPOSITORY, caveat=GIT, claimed=True)
def git_replaced(scene, _):
    replaced(f"{scene.project}/.git", "config")


def replaced(folder, file):
    os.rename(folder, f"{folder}-moved")
    try:
        os.mkdir(folder)
        write_all(f"{folder}/{file}", flags=os.O_WRONLY | os.O_CREAT)
        os.unlink(f"{folder}/{file}")
        os.rmdir(folder)
    finally:
        os.rename(f"{folder}-moved", folder)


# What must work in every sandbox.


@act("filesystem network processes", kind="allow")
def own_temporary_file(_, __):
    write_all(f"{own_folder()}/file", flags=os.O_WRONLY | os.O_CREAT)


@act("filesystem network processes", kind="allow")
def own_evidence(_, __):
    # Where no sandbox makes it, the command does.
    os.makedirs(f"{evidence_folder()}/live", exist_ok=True)
    write_all(f"{evidence_folder()}/live/of-the-command", flags=os.O_WRONLY | os.O_CREAT)


@act("filesystem network processes", kind="allow")
def null_device(_, __):
    write_all("/dev/null")


@act("filesystem network processes", kind="allow")
def read_elsewhere(_, target):
    with open(target.file, encoding="utf8") as file:
        return file.read()
