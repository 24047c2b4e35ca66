"""A process outside of the sandbox that acts are aimed at: it tells which signals it got, and at its end
what is in its memory. Arguments: files to hold open, as name=path."""

import ctypes
import json
import os
import signal
import sys

ANYBODY_MAY_TRACE = 0x59616D61
PATTERN = b"." * 24


def main():
    ctypes.CDLL(None).prctl(ANYBODY_MAY_TRACE, ctypes.c_ulong(-1), 0, 0, 0)
    memory = ctypes.create_string_buffer(PATTERN, 25)
    secret = ctypes.create_string_buffer(os.environ["SECRET"].encode(), 64)
    signals = []
    for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGURG):
        signal.signal(number, lambda number, _: signals.append(signal.Signals(number).name))
    fds = {}
    for argument in sys.argv[1:]:
        name, path = argument.split("=", 1)
        fds[name] = os.open(path, os.O_RDWR)
    about = {
        "pid": os.getpid(),
        "address": ctypes.addressof(memory),
        "secret_address": ctypes.addressof(secret),
        "fds": fds,
    }
    print(json.dumps(about), flush=True)
    sys.stdin.readline()
    print(json.dumps({"signals": signals, "memory": memory.raw[:24].decode("latin1")}), flush=True)


main()
