"""The files outside of a sandbox that acts are aimed at, and what was done to them."""

import array
import fcntl
import os
import stat
import subprocess

from needs import cgroup_folders, disk_of
from sys_calls import handle_of

HELD = ("fifo", "file_handle", "file_of_another", "inherited_file", "proc_pid_fd", "write_symlink_before")
EARLIER = '{"earlier": true}\n'


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf8") as file:
        file.write(text)


class Stage:
    """All under one folder; `secrets` are texts that only files and processes outside hold."""

    def __init__(self, base, files, names):
        self.base = base
        self.names = names
        self.files = {".assay/config.toml": "# the project's own\n", **files}
        self.world = f"{base}/world"
        self.project = f"{base}/project"
        self.hidden = f"{base}/hidden"
        self.scratch = f"{base}/scratch"
        self.writable = f"{base}/writable"
        self.secrets = {name: f"{name}-{os.urandom(8).hex()}" for name in ("key", "listed", "own")}
        self.cgroups = [f"{path}/assay-escape-{os.urandom(6).hex()}" for path in cgroup_folders()]

    def build(self):
        # Some are there whatever is done: the victim and assay's parent hold files of theirs open.
        for name in {*self.names, *HELD}:
            self.build_target(f"{self.world}/{name}")
        for folder in (f"{self.project}/links", self.writable):
            os.makedirs(folder)
        key = self.secrets["key"]
        for path in ("hidden/key", "hidden_file", "project/secrets/inner/key", "hidden/open/readme"):
            write(f"{self.base}/{path}", key)
        write(f"{self.hidden}/{self.secrets['listed']}", "")
        write(f"{self.scratch}/before", key)
        write(f"{self.project}/in_workspace/kept", "kept\n")
        write(f"{self.project}/a file", "moved\n")
        for path, text in self.files.items():
            write(f"{self.project}/{path}", text)
        write(f"{self.project}/.assay/runs/EARLIER/run.json", EARLIER)
        write(f"{self.base}/lock", "")
        os.symlink(f"{self.hidden}/key", f"{self.project}/links/key")
        os.symlink(f"{self.world}/write_symlink_before", f"{self.project}/links/write_symlink_before")
        if "git_hook" in self.names:
            self.git("init", "--quiet", self.project)
        # A reader: without one nothing can be written.
        self.fifo = os.open(f"{self.world}/fifo/fifo", os.O_RDWR | os.O_NONBLOCK)
        self.handles = self.handles_of_files()
        self.before = self.states()

    def git(self, *arguments):
        env = {"PATH": os.environ["PATH"], "HOME": self.base, "GIT_CONFIG_NOSYSTEM": "1"}
        subprocess.run(["git", *arguments], env=env, check=True)

    def build_target(self, folder):
        write(f"{folder}/file", "before\n")
        os.mkdir(f"{folder}/empty")
        os.mkfifo(f"{folder}/fifo")
        try:
            os.setxattr(f"{folder}/file", "user.before", b"x")
        except OSError:
            # No such thing on this file system; the acts that need it are skipped.
            pass

    def handles_of_files(self):
        try:
            paths = {"key": f"{self.hidden}/key", "file_handle": f"{self.world}/file_handle/file"}
            return {name: handle_of(path).hex() for name, path in paths.items()}
        except OSError:
            return None

    def give_to(self, uid):
        for folder, folders, files in os.walk(self.base):
            for name in (".", *folders, *files):
                os.chown(f"{folder}/{name}", uid, uid, follow_symlinks=False)
        self.before = self.states()

    def facts(self):
        """What acts know of it."""
        return {
            "base": self.base,
            "world": self.world,
            "project": self.project,
            "hidden": self.hidden,
            "hidden_file": f"{self.base}/hidden_file",
            "scratch": self.scratch,
            "writable": self.writable,
            "handles": self.handles,
            "cgroups": self.cgroups,
            "disk": disk_if_any(self.base),
            "lock": f"{self.base}/lock",
            "stop": f"{self.base}/stop",
        }

    def states(self):
        return {name: state_of(f"{self.world}/{name}") for name in self.names}

    def changes(self):
        """Which acts left something behind, and what."""
        seen = {}
        for name, state in self.states().items():
            changed = {path for path, _ in set(state) ^ set(self.before[name])}
            if changed:
                seen[name] = f"changed outside: {', '.join(sorted(changed))}"
        if self.piped():
            seen["fifo"] = "it came out of the pipe"
        in_workspace = f"{self.project}/in_workspace"
        for folder in (in_workspace, self.hidden, f"{self.hidden}/open", self.scratch, self.writable):
            for name in set(os.listdir(folder)) & set(self.names):
                seen[name] = f"made outside: {folder}/{name}"
        if text_of(f"{self.project}/.assay/config.toml") != self.files[".assay/config.toml"]:
            seen["assay_config"] = "the project's config.toml is another"
        if text_of(f"{self.project}/.assay/runs/EARLIER/run.json") != EARLIER:
            seen["assay_evidence"] = "the evidence of an earlier run is another"
        if os.path.exists(f"{self.project}/.assay/lock.json"):
            seen["assay_lock"] = "there is a lock.json"
        repository = f"{self.project}/.git"
        if "# escaped" in text_of(f"{repository}/config"):
            seen["git_config"] = "the repository's config is another"
        if os.path.exists(f"{repository}/hooks/pre-commit"):
            seen["git_hook"] = "there is a hook"
        for path in self.cgroups:
            if os.path.exists(path):
                os.rmdir(path)
                seen["cgroup_mkdir"] = f"made: {path}"
        return seen

    def piped(self):
        try:
            return os.read(self.fifo, 100)
        except BlockingIOError:
            return b""

    def secret_in(self, text):
        return next((name for name, secret in self.secrets.items() if secret in text), None)


def text_of(path):
    try:
        with open(path, encoding="utf8") as file:
            return file.read()
    except OSError as error:
        return str(error)


def disk_if_any(path):
    try:
        return disk_of(path)
    except OSError:
        return None


def state_of(folder):
    """Each file with all that can be changed of it, save the times of reading and of the inode."""
    return sorted((path, details(f"{folder}/{path}")) for path in paths_in(folder))


def paths_in(folder):
    for here, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield os.path.relpath(f"{here}/{name}", folder)


def details(path):
    info = os.lstat(path)
    known = (info.st_mode, info.st_uid, info.st_gid, info.st_nlink, info.st_size, info.st_mtime_ns)
    if not stat.S_ISREG(info.st_mode):
        return str(known)
    with open(path, "rb") as file:
        flags = array.array("l", [0])
        try:
            fcntl.ioctl(file.fileno(), 0x80086601, flags)
        except OSError:
            # This file system has no flags.
            pass
        names = os.listxattr(path)
        return str((*known, file.read(), names, [os.getxattr(path, name) for name in names], flags[0]))
