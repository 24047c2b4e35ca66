"""Acts that reach a listener outside. It answers all that comes, and tells who wrote to it."""

import ctypes
import os
import socket
import struct
import time

from acts import act, evidence_folder
from io_uring import Ring
from sys_calls import CLONE_NEWNET, call, i386, low_memory, raw

CLOSED = {"network": ["none", "localhost"]}
NO_SOCKETS = {"network": ["none"]}
WAIT = 0.3


def talk(sock, address, name):
    sock.settimeout(WAIT)
    sock.connect(address)
    sock.send(f"act:{name}\n".encode())
    return sock.recv(64).decode()


def talk_to(family, kind, address, name, protocol=0):
    with socket.socket(family, kind, protocol) as sock:
        if family == socket.AF_UNIX and kind == socket.SOCK_DGRAM:
            sock.bind("")
        return talk(sock, address, name)


@act("network", values=CLOSED)
def tcp4(scene, target):
    return talk_to(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", scene.tcp4), target.name)


@act("network", values=CLOSED)
def tcp4_nonblocking(scene, target):
    with socket.socket() as sock:
        sock.setblocking(False)
        sock.connect_ex(("127.0.0.1", scene.tcp4))
        time.sleep(0.05)
        sock.setblocking(True)
        sock.settimeout(WAIT)
        sock.send(f"act:{target.name}\n".encode())
        return sock.recv(64).decode()


@act("network", values=CLOSED, needs=["fast_open"])
def tcp4_fast_open(scene, target):
    """A connection by sendto: connect is never called."""
    with socket.socket() as sock:
        message = f"act:{target.name}\n".encode()
        sock.sendto(message, socket.MSG_FASTOPEN, ("127.0.0.1", scene.tcp4))
        sock.settimeout(WAIT)
        return sock.recv(64).decode()


@act("network", values=CLOSED, needs=["mptcp"])
def mptcp4(scene, target):
    address = ("127.0.0.1", scene.tcp4)
    return talk_to(socket.AF_INET, socket.SOCK_STREAM, address, target.name, 262)


@act("network", values=CLOSED, needs=["ipv6"])
def tcp6(scene, target):
    return talk_to(socket.AF_INET6, socket.SOCK_STREAM, ("::1", scene.tcp6), target.name)


@act("network", values=CLOSED, needs=["ipv6"])
def tcp4_mapped(scene, target):
    address = ("::ffff:127.0.0.1", scene.tcp4)
    return talk_to(socket.AF_INET6, socket.SOCK_STREAM, address, target.name)


@act("network", values=CLOSED)
def udp4(scene, target):
    return talk_to(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", scene.udp4), target.name)


@act("network", values=CLOSED, needs=["ipv6"])
def udp6(scene, target):
    return talk_to(socket.AF_INET6, socket.SOCK_DGRAM, ("::1", scene.udp6), target.name)


@act("network", values=CLOSED, needs=["udplite"])
def udplite(scene, target):
    address = ("127.0.0.1", scene.udplite)
    return talk_to(socket.AF_INET, socket.SOCK_DGRAM, address, target.name, 136)


@act("network", values=CLOSED)
def dns(scene, target):
    """A question to a resolver, whatever the machine's own configuration says."""
    name = b"".join(bytes([len(part)]) + part for part in (b"act:dns", b"invalid")) + b"\0"
    question = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + name + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(WAIT)
        sock.sendto(question, ("127.0.0.1", scene.udp4))
        return sock.recv(64).decode()


def echo_request(kind, scene, target):
    """An echo request to the loopback, the kernel's own checksum or ours."""
    body = struct.pack(">BBHHH", 8, 0, 0, 1, 1) + f"act:{target.name} {scene.tag}".ljust(64).encode()
    total = sum(struct.unpack(f">{len(body) // 2}H", body))
    total = (total & 0xFFFF) + (total >> 16)
    body = body[:2] + struct.pack(">H", ~(total + (total >> 16)) & 0xFFFF) + body[4:]
    with socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP) as sock:
        sock.settimeout(WAIT)
        sock.sendto(body, ("127.0.0.1", 0))
        return str(len(sock.recv(200)))


@act("network", values=CLOSED, needs=["root", "sniffer"])
def icmp_raw(scene, target):
    return echo_request(socket.SOCK_RAW, scene, target)


@act("network", values=CLOSED, needs=["ping", "sniffer"])
def icmp_ping(scene, target):
    return echo_request(socket.SOCK_DGRAM, scene, target)


@act("network", values=CLOSED, needs=["root"], claimed=True)
def packet_sniffed(scene, _):
    """Reads what the listener outside chatters about on the loopback."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as sock:
        sock.bind(("lo", 0))
        sock.settimeout(WAIT)
        until = time.monotonic() + WAIT
        while time.monotonic() < until:
            if b"chatter" in sock.recv(2000):
                return "chatter"
    raise TimeoutError(110, "nothing of the host's traffic")


@act("network", values=CLOSED)
def listening(scene, target):
    """The other way: it listens, and the process outside comes in."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", scene.inbound))
        sock.listen()
        sock.settimeout(WAIT)
        with sock.accept()[0] as connection:
            connection.send(f"act:{target.name}\n".encode())
            connection.settimeout(WAIT)
            return connection.recv(64).decode()


@act("network", values=NO_SOCKETS)
def unix_stream(scene, target):
    return talk_to(socket.AF_UNIX, socket.SOCK_STREAM, scene.unix["stream"], target.name)


@act("network", values=NO_SOCKETS)
def unix_seqpacket(scene, target):
    return talk_to(socket.AF_UNIX, socket.SOCK_SEQPACKET, scene.unix["seqpacket"], target.name)


@act("network", values=NO_SOCKETS)
def unix_dgram(scene, target):
    return talk_to(socket.AF_UNIX, socket.SOCK_DGRAM, scene.unix["dgram"], target.name)


def unix_address(path):
    return struct.pack("H", socket.AF_UNIX) + path.replace("@", "\0", 1).encode() + b"\0"


@act("network", values=NO_SOCKETS)
def unix_pair_reconnected(scene, target):
    """One end of a pair, connected to somebody else: no socket() is called."""
    left, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with left:
        left.connect(scene.unix["dgram"])
        left.send(f"act:{target.name}\n".encode())
        return "sent"


@act("network", values=NO_SOCKETS)
def unix_pair_sendto(scene, target):
    left, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with left:
        left.sendto(f"act:{target.name}\n".encode(), scene.unix["dgram"])
        return "sent"


@act("network", values=CLOSED)
def unix_abstract_stream(scene, target):
    address = scene.unix["abstract_stream"].replace("@", "\0", 1)
    return talk_to(socket.AF_UNIX, socket.SOCK_STREAM, address, target.name)


@act("network", values=CLOSED)
def unix_abstract_dgram(scene, target):
    address = scene.unix["abstract_dgram"].replace("@", "\0", 1)
    return talk_to(socket.AF_UNIX, socket.SOCK_DGRAM, address, target.name)


@act("network", values=NO_SOCKETS)
def unix_late(scene, target):
    """A socket that is made after the command has started, when it asks for it by a file of its own."""
    with open(f"{evidence_folder()}/late-please", "w", encoding="utf8"):
        pass
    until = time.monotonic() + WAIT
    while not os.path.exists(scene.unix["late"]) and time.monotonic() < until:
        time.sleep(0.01)
    return talk_to(socket.AF_UNIX, socket.SOCK_STREAM, scene.unix["late"], target.name)


@act("network", values=CLOSED, claimed=True)
def netlink_sockets(scene, _):
    """Asks the kernel for the listening sockets of this network: the one outside is no business of ours."""
    request = struct.pack("=IHHII", 72, 20, 0x301, 1, 0)
    request += struct.pack("=BBBBI", socket.AF_INET, 6, 0, 0, 1 << 10) + bytes(48)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as sock:
        sock.settimeout(WAIT)
        sock.send(request)
        while data := sock.recv(65536):
            if struct.pack(">H", scene.tcp4) in data:
                return f"port {scene.tcp4}"
            if struct.unpack_from("=H", data, 4)[0] in (2, 3):
                raise OSError(2, "the listener is not among the sockets")
    raise OSError(2, "no answer")


@act("network", values=CLOSED, needs=["vsock"], claimed=True)
def vsock(_, __):
    """Leads to the machine that this one runs on; no network namespace holds it. Only opened."""
    socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()


@act("network", values=CLOSED, needs=["af_alg"], claimed=True)
def alg(_, __):
    socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET).close()


@act("network", values=CLOSED, needs=["root"])
def setns_network(scene, target):
    call("setns", os.open(f"/proc/{scene.victim['pid']}/ns/net", os.O_RDONLY), CLONE_NEWNET)
    return talk_to(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", scene.tcp4), target.name)


def inet_address(port):
    return struct.pack("=H", socket.AF_INET) + struct.pack(">H", port) + bytes([127, 0, 0, 1]) + bytes(8)


@act("network", values=CLOSED, needs=["io_uring"])
def io_uring_tcp4(scene, target):
    message = f"act:{target.name}\n".encode()
    return Ring().talk(socket.AF_INET, socket.SOCK_STREAM, inet_address(scene.tcp4), message).decode()


@act("network", values=NO_SOCKETS, needs=["io_uring"])
def io_uring_unix(scene, target):
    message = f"act:{target.name}\n".encode()
    address = unix_address(scene.unix["stream"])
    return Ring().talk(socket.AF_UNIX, socket.SOCK_STREAM, address, message).decode()


def i386_talk(family, address, name, through_socketcall):
    """socket and connect as a 32-bit program calls them: other numbers, and one call for both."""
    memory = low_memory(4096)
    ctypes.memmove(memory + 64, address, len(address))

    def two(number, direct, *arguments):
        if not through_socketcall:
            return i386(direct, *arguments)
        ctypes.memmove(memory, struct.pack("3I", *arguments), 12)
        return i386(102, number, memory)

    fd = two(1, 359, family, socket.SOCK_STREAM, 0)
    two(3, 362, fd, memory + 64, len(address))
    os.write(fd, f"act:{name}\n".encode())
    return os.read(fd, 64).decode()


@act("network", values=CLOSED, needs=["ia32"])
def i386_tcp4(scene, target):
    return i386_talk(socket.AF_INET, inet_address(scene.tcp4), target.name, False)


@act("network", values=CLOSED, needs=["ia32"])
def i386_socketcall(scene, target):
    return i386_talk(socket.AF_INET, inet_address(scene.tcp4), target.name, True)


@act("network", values=NO_SOCKETS, needs=["ia32"])
def i386_unix(scene, target):
    return i386_talk(socket.AF_UNIX, unix_address(scene.unix["stream"]), target.name, True)


@act("network", values=NO_SOCKETS, needs=["x32"])
def x32_unix(scene, target):
    fd = raw(0x40000000 | 41, socket.AF_UNIX, socket.SOCK_STREAM, 0)
    with socket.socket(fileno=fd) as sock:
        return talk(sock, scene.unix["stream"], target.name)


@act("network", values=CLOSED, bare=True)
def inherited_socket(scene, target):
    with socket.socket(fileno=scene.inherited["socket"]) as sock:
        sock.settimeout(WAIT)
        sock.send(f"act:{target.name}\n".encode())
        return sock.recv(64).decode()


@act("network", kind="allow")
def socket_pair(_, __):
    """Pipes of two directions to its own children are no way out."""
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    left.send(b"mine")
    return right.recv(4).decode()


@act("network", kind="allow", values={"network": ["localhost"]})
def own_loopback(_, __):
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname(), WAIT) as client:
            client.send(b"mine")
            return server.accept()[0].recv(4).decode()
