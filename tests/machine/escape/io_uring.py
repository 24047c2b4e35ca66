"""One operation by io_uring, as a program does it that wants to go around the system calls it replaces."""

import ctypes
import mmap
import os
import struct

from sys_calls import IO_URING_ENTER, IO_URING_SETUP, raw

OP_CONNECT, OP_OPENAT, OP_SEND, OP_RECV, OP_SOCKET = 16, 18, 26, 27, 45
_SQ_RING, _CQ_RING, _ENTRIES = 0, 0x8000000, 0x10000000


class Ring:
    def __init__(self):
        parameters = ctypes.create_string_buffer(120)
        self.fd = raw(IO_URING_SETUP, 4, parameters)
        words = struct.unpack_from("10I", parameters, 0)
        sq = struct.unpack_from("10I", parameters, 40)
        cq = struct.unpack_from("10I", parameters, 80)
        self.sq_tail, self.sq_mask, self.sq_array = sq[1], sq[2], sq[6]
        self.cq_head, self.cq_mask, self.cqes = cq[0], cq[2], cq[5]
        self.sq = mmap.mmap(self.fd, sq[6] + words[0] * 4, offset=_SQ_RING)
        self.cq = mmap.mmap(self.fd, cq[5] + words[1] * 16, offset=_CQ_RING)
        self.entries = mmap.mmap(self.fd, words[0] * 64, offset=_ENTRIES)

    def do(self, op, fd=-1, off=0, addr=0, length=0, flags=0):
        """Submits one entry, waits for it and returns its result."""
        tail = struct.unpack_from("I", self.sq, self.sq_tail)[0]
        index = tail & struct.unpack_from("I", self.sq, self.sq_mask)[0]
        entry = struct.pack("BBHiQQII", op, 0, 0, fd, off, addr, length, flags).ljust(64, b"\0")
        self.entries[index * 64 : index * 64 + 64] = entry
        struct.pack_into("I", self.sq, self.sq_array + index * 4, index)
        struct.pack_into("I", self.sq, self.sq_tail, tail + 1)
        raw(IO_URING_ENTER, self.fd, 1, 1, 1, None, 0)
        head = struct.unpack_from("I", self.cq, self.cq_head)[0]
        slot = self.cqes + (head & struct.unpack_from("I", self.cq, self.cq_mask)[0]) * 16
        _, result, _ = struct.unpack_from("QiI", self.cq, slot)
        struct.pack_into("I", self.cq, self.cq_head, head + 1)
        if result < 0:
            raise OSError(-result, f"io_uring operation {op}: {os.strerror(-result)}")
        return result

    def open(self, path, flags):
        text = ctypes.create_string_buffer(path.encode())
        return self.do(OP_OPENAT, -100, addr=ctypes.addressof(text), length=0o600, flags=flags)

    def talk(self, family, kind, address, message):
        """Connects a socket to an address, sends a message and returns what came back."""
        fd = self.do(OP_SOCKET, family, off=kind)
        where = ctypes.create_string_buffer(address, len(address))
        self.do(OP_CONNECT, fd, off=len(address), addr=ctypes.addressof(where))
        data = ctypes.create_string_buffer(message, len(message))
        self.do(OP_SEND, fd, addr=ctypes.addressof(data), length=len(message))
        answer = ctypes.create_string_buffer(64)
        size = self.do(OP_RECV, fd, addr=ctypes.addressof(answer), length=64)
        return answer.raw[:size]
