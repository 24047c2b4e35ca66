"""Does acts inside of a sandbox and prints a line of JSON for each: {act, ok, errno, detail}.

usage: probe.py SCENE.json [ACT …]     all makes its own system calls; nothing but addresses, ports and
paths of the scene is touched. Each act has a process and a time limit of its own.
"""

import json
import os
import resource
import signal
import sys
import time
from types import SimpleNamespace

import acts_files
import acts_hidden
import acts_limits
import acts_mounts
import acts_network
import acts_processes
from acts import ACTS, Target

MODULES = (acts_files, acts_mounts, acts_hidden, acts_network, acts_processes, acts_limits)
SECONDS = 15


def done(each, scene):
    """The result of an act, in this process."""
    try:
        return {"ok": True, "detail": str(each.do(scene, Target(scene, each.name)))[:400]}
    except OSError as error:
        return {"ok": False, "errno": error.errno, "detail": str(error)[:400]}
    except Exception as error:
        # A mistake of the act's own proves nothing: neither refused nor done.
        return {"ok": None, "detail": f"{type(error).__name__}: {error}"[:400]}


def in_process(each, scene):
    ours, its = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.close(ours)
        signal.alarm(SECONDS)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.write(its, json.dumps(done(each, scene)).encode())
        os._exit(0)
    os.close(its)
    _, status = os.waitpid(pid, 0)
    end_group(pid)
    # What is left of an act may hold the pipe open: what is in it is all that is waited for.
    os.set_blocking(ours, False)
    said = os.read(ours, 65536)
    os.close(ours)
    if said:
        return json.loads(said)
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if number == signal.SIGALRM:
        return {"ok": None, "detail": f"not done after {SECONDS} s"}
    return {"ok": False, "detail": f"ended by signal {number}"}


def end_group(pid):
    try:
        os.killpg(pid, signal.SIGKILL)
    except OSError:
        # No one is left of it.
        pass


def main():
    with open(sys.argv[1], encoding="utf8") as file:
        scene = SimpleNamespace(**json.load(file))
    for name in sys.argv[2:] or scene.acts:
        started = time.monotonic()
        result = {"act": name, **in_process(ACTS[name], scene)}
        result["ms"] = round((time.monotonic() - started) * 1000)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
