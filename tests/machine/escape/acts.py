"""What an act is, and the list of all of them.

An act is one try to do what a sandbox forbids (`deny`), something that must go on working in it (`allow`),
or something that works inside and of which nothing may be left outside (`unseen`). It raises OSError when
it was refused, and returns what it got hold of.
"""

import os
import tempfile
from types import SimpleNamespace

ACTS = {}


def act(dimensions, kind="deny", values=None, needs=(), caveat=None, claimed=False, bare=False):
    """Registers a function as an act by its name.

    dimensions  it counts when any of these is enforced
    values      the values of the dimension it is for, as {dimension: [values]}; absent: each
    needs       what the machine must have for its control to work, see needs.py
    caveat      a regular expression: a sandbox with such a caveat need not prevent it
    claimed     it cannot be seen from outside, what the act says is all there is
    bare        its control is started without assay, which keeps every command from it
    """

    def register(function):
        name = function.__name__
        assert name not in ACTS, name
        ACTS[name] = SimpleNamespace(
            name=name,
            do=function,
            dimensions=dimensions.split(),
            kind=kind,
            values=values or {},
            needs=list(needs),
            caveat=caveat,
            claimed=claimed,
            bare=bare,
        )
        return function

    return register


class Target:
    """What an act is aimed at: a folder of its own outside of the workspace, with a file in it."""

    def __init__(self, scene, name):
        self.name = name
        self.dir = f"{scene.world}/{name}"
        self.file = f"{self.dir}/file"
        # Of the workspace, made before the command started.
        self.link = f"{scene.project}/links/{name}"


def own_folder():
    """A folder that the command may write whatever the sandbox is: TMPDIR is the attempt's own."""
    return tempfile.mkdtemp(prefix="act-")


def evidence_folder():
    """The attempt's own folder of evidence: its command may write what is in `live` alone."""
    return f"{os.environ['ASSAY_RUN_DIR']}/{os.environ['ASSAY_RUNNER']}"


def parents():
    """The processes above this one, as far as they can be seen."""
    pid = os.getpid()
    while pid > 1:
        with open(f"/proc/{pid}/stat", encoding="utf8", errors="replace") as file:
            pid = int(file.read().rsplit(")", 1)[1].split()[1])
        if pid > 0:
            yield pid


def first_that_works(tries):
    """The first of some tries that is not refused; the last refusal when all are."""
    refusal = OSError(2, "nothing to try")
    for each in tries:
        try:
            return each()
        except OSError as error:
            refusal = error
    raise refusal
