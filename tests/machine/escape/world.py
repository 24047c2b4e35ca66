"""The world around a sandbox: makes what acts are aimed at, runs assay among it, and looks what was done.

usage: world.py SPECS.json RESULTS.jsonl     the shapes of both are in _world.ts

A spec without a sandbox is a control: every act is done.
"""

import fcntl
import glob
import json
import os
import signal
import socket
import subprocess
import sys
import termios
import time
import traceback
import tty

import probe  # Its imports register the acts.
from acts import ACTS
from acts_shell import LINES, line_of
from listener import Listener
from needs import missing_for
from stage import Stage

HERE = os.path.dirname(os.path.abspath(__file__))
FILE_FD, SOCKET_FD = 57, 58
LIMITS = ("pids", "memory", "cpu")
MEMORY_ACTS = {"pt-poked": "ptrace", "vm-write": "memory_written", "mem-file": "memory_file_written"}
SIGNAL_ACTS = {"SIGUSR1": "signal_pid", "SIGUSR2": "signal_pidfd", "SIGURG": "signal_all"}


def chosen(spec):
    """The acts that concern what is declared; those of a limit only in the run that is for it."""
    control = spec["sandbox"] is None
    declared = spec["dimensions"]
    for act in ACTS.values():
        limit = next((each for each in LIMITS if each in act.dimensions), None)
        if limit != spec.get("limit"):
            continue
        fits = all(declared.get(key) in values for key, values in act.values.items())
        if control or fits and any(each in declared for each in act.dimensions):
            yield act


def become(uid):
    """Makes this process one of that user; before a program is started."""
    if uid != os.geteuid():
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


class World:
    def __init__(self, spec):
        self.spec = spec
        self.uid = spec["uid"]
        self.acts = list(chosen(spec))
        self.stage = Stage(spec["base"], spec.get("files", {}), [act.name for act in self.acts])

    def become(self):
        become(self.uid)

    def run(self):
        self.stage.build()
        self.missing = missing_for(self.become)
        self.listener = Listener(self.stage.base, self.stage.project)
        if not self.listener.sniffs:
            self.missing["sniffer"] = "only root sees what arrives by ICMP"
        if self.uid != os.geteuid():
            self.stage.give_to(self.uid)
        self.listener.start()
        self.open_terminal()
        self.open_descriptors()
        self.victim = self.start_victim()
        self.write_scene()
        try:
            result = self.run_assay()
            results = self.said() + self.bare()
            seen = self.witnessed()
        finally:
            self.end()
        return {"run": result, "missing": self.missing, "acts": self.judged(results, seen)}

    def open_terminal(self):
        """The terminal this process and assay run in: it stays while somebody looks what was typed."""
        self.terminal = os.openpty()
        tty.setraw(self.terminal[1])
        os.fchown(self.terminal[1], self.uid, -1)
        fcntl.ioctl(self.terminal[1], termios.TIOCSCTTY, 0)

    def open_descriptors(self):
        """What a careless parent leaves open: a file and a connection outside."""
        os.dup2(os.open(f"{self.stage.world}/inherited_file/file", os.O_RDWR), FILE_FD)
        connected = socket.create_connection(("127.0.0.1", self.listener.ports["tcp4"]))
        os.dup2(connected.detach(), SOCKET_FD)

    def start_victim(self):
        folder = self.stage.world
        held = {name: f"{folder}/{name}/file" for name in ("proc_pid_fd", "file_of_another")}
        held["key"] = f"{self.stage.hidden}/key"
        victim = subprocess.Popen(
            [sys.executable, f"{HERE}/victim.py", *(f"{name}={path}" for name, path in held.items())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            env={"SECRET": self.stage.secrets["own"]},
            preexec_fn=self.become,
            text=True,
        )
        self.about_victim = json.loads(victim.stdout.readline())
        return victim

    def write_scene(self):
        scene = {
            **self.stage.facts(),
            **self.listener.ports,
            **self.spec["limits"],
            "unix": self.listener.unix,
            "victim": self.about_victim,
            "pid_namespace": os.stat("/proc/self/ns/pid").st_ino,
            "terminal": os.ttyname(self.terminal[1]),
            "inherited": {"file": FILE_FD, "socket": SOCKET_FD},
            "tag": self.listener.tag,
            "acts": [act.name for act in self.acts if act.name not in LINES],
        }
        self.scene = f"{self.stage.base}/scene.json"
        with open(self.scene, "w", encoding="utf8") as file:
            json.dump(scene, file)
        lines = [line_of(self.stage.world, act.name) for act in self.acts if act.name in LINES]
        lines.append(f"exec {sys.executable} -B {HERE}/probe.py {self.scene}")
        sandbox = self.spec["sandbox"]
        command = {"cmd": "\n".join(lines), "kind": "build", "timeout": "60s"}
        toml = "\n".join(f"{key} = {json.dumps(value)}" for key, value in command.items())
        with open(f"{self.stage.project}/.assay/commands.toml", "w", encoding="utf8") as file:
            file.write(f"[commands.it]\n{toml}\n{f'sandbox = {sandbox}' if sandbox else ''}\n")

    def start(self, argv, cwd):
        return subprocess.run(
            argv,
            cwd=cwd,
            env=self.spec["env"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            preexec_fn=self.become,
            pass_fds=(FILE_FD, SOCKET_FD),
            timeout=120,
            check=False,
        )

    def run_assay(self):
        started = time.monotonic()
        done = self.start([*self.spec["assay"], "run", "it", "--json"], self.stage.project)
        result = {"code": done.returncode, "stderr": done.stderr.decode(errors="replace")}
        result["ms"] = round((time.monotonic() - started) * 1000)
        try:
            return {**result, "json": json.loads(done.stdout)}
        except ValueError:
            return {**result, "stdout": done.stdout.decode(errors="replace")}

    def said(self):
        """What the probe printed, from the evidence."""
        [path] = glob.glob(f"{self.stage.project}/.assay/runs/[!E]*/*/stdout*") or [os.devnull]
        with open(path, encoding="utf8", errors="replace") as file:
            return [json.loads(line) for line in file if line.startswith('{"act"')]

    def bare(self):
        """Controls of acts that assay keeps from every command, sandboxed or not."""
        names = [act.name for act in self.acts if act.bare]
        if self.spec["sandbox"] is not None or not names:
            return []
        done = self.start([sys.executable, "-B", f"{HERE}/probe.py", self.scene, *names], self.stage.project)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def witnessed(self):
        """What each act left outside, by name."""
        seen = {**self.what_became_of_victim(), **self.typed()}
        if self.lives_on():
            seen["daemon"] = "it held its lock after the run"
        self.listener.stop()
        seen.update(self.listener.heard)
        seen.update(self.stage.changes())
        return seen

    def what_became_of_victim(self):
        pid = self.victim.pid
        seen = {}
        if os.getpriority(os.PRIO_PROCESS, pid) == 7:
            seen["priority_of_another"] = "its priority is another"
        with open(f"/proc/{pid}/limits", encoding="utf8") as limits:
            changed = any(line.startswith("Max core file") and " 4096 " in line for line in limits)
        if changed:
            seen["limit_of_another"] = "its limit is another"
        seen_by_victim = json.loads(self.victim.communicate("\n", timeout=5)[0])
        seen.update({SIGNAL_ACTS[name]: f"it got {name}" for name in seen_by_victim["signals"]})
        for text, name in MEMORY_ACTS.items():
            if text in seen_by_victim["memory"]:
                seen[name] = "its memory is another"
        return seen

    def typed(self):
        """What is in the terminal's input."""
        count = bytearray(4)
        fcntl.ioctl(self.terminal[1], termios.FIONREAD, count)
        return {"tiocsti": "it typed into the terminal"} if any(count) else {}

    def lives_on(self):
        fd = os.open(f"{self.stage.base}/lock", os.O_RDONLY)
        for _ in range(20):
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return False
            except BlockingIOError:
                time.sleep(0.05)
        return True

    def end(self):
        with open(f"{self.stage.base}/stop", "w", encoding="utf8"):
            pass
        self.victim.kill()
        self.victim.wait()
        for fd in self.terminal:
            os.close(fd)

    def judged(self, results, seen):
        """One entry an act: what it said and what was seen; an act that was not come to has no `ok`."""
        last = {}
        for each in results:
            # A bare control counts for the act.
            last[each["act"]] = each
            secret = self.stage.secret_in(each["detail"])
            if secret:
                seen[each["act"]] = f"it read what is only outside: {secret}"
        for act in self.acts:
            said = last.get(act.name, {})
            if act.name in LINES:
                said = {"ok": act.name in seen, "detail": ""}
            about = {key: value for key, value in vars(act).items() if key != "do"}
            last[act.name] = {**about, "ok": None, **said, "reached": bool(said), "seen": seen.get(act.name)}
        return [last[act.name] for act in self.acts]


def in_session(spec):
    """A run in a process of its own, which leads a session: a terminal belongs to one."""
    ours, its = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        # This shows when the terminal goes away; a handler, unlike ignoring it, is not inherited.
        signal.signal(signal.SIGHUP, lambda *_: None)
        try:
            result = World(spec).run()
        except BaseException:
            result = {"error": traceback.format_exc()}
        with os.fdopen(its, "w") as pipe:
            json.dump(result, pipe)
        os._exit(0)
    os.close(its)
    with os.fdopen(ours) as pipe:
        result = json.load(pipe)
    os.waitpid(pid, 0)
    return result


def doctor(spec):
    """What assay says of the engines here."""
    os.makedirs(f"{spec['base']}/.assay")
    with open(f"{spec['base']}/.assay/commands.toml", "w", encoding="utf8") as file:
        file.write('[commands.it]\ncmd = "true"\n')
    done = subprocess.run(
        [*spec["assay"], "sandbox", "doctor", "--json"],
        cwd=spec["base"],
        env=spec["env"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        preexec_fn=lambda: become(spec["uid"]),
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        return {"error": f"assay sandbox doctor: {done.stderr.decode()}"}
    return {"doctor": json.loads(done.stdout)}


def main():
    with open(sys.argv[1], encoding="utf8") as file:
        specs = json.load(file)
    said = {"engines": []}
    with open(sys.argv[2], "w", encoding="utf8") as results:
        for spec in specs:
            if spec.get("doctor"):
                result = doctor(spec)
                said = result.get("doctor", said)
            elif is_given(said, spec):
                result = in_session(spec)
            else:
                result = {"skipped": True}
            print(json.dumps(result), file=results, flush=True)


def is_given(said, spec):
    """Whether an engine says that it gives anything of a sandbox; where none is named there is no question."""
    if "engines" not in spec:
        return True
    return any(
        engine["name"] in spec["engines"]
        and guarantee["support"] in ("full", "partial")
        and guarantee["dimension"] in spec["dimensions"]
        for engine in said["engines"]
        for guarantee in engine["guarantees"]
    )


if __name__ == "__main__":
    main()
