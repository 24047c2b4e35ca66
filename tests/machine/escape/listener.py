"""What is outside to be reached: sockets of all kinds that answer, and remember who wrote to them."""

import glob
import os
import re
import selectors
import socket
import threading

ANSWER = b"answer"
CONNECTION = "connection"


class Listener(threading.Thread):
    """Listens until `stop`; `heard` holds the names of acts that got through, with how."""

    def __init__(self, base, project):
        super().__init__(daemon=True)
        self.heard = {}
        self.project = project
        self.selector = selectors.DefaultSelector()
        self.ended = threading.Event()
        tcp, udp = socket.SOCK_STREAM, socket.SOCK_DGRAM
        # MPTCP is asked for by a peer: a plain listener answers by TCP.
        self.ports = {
            "tcp4": self.inet(socket.AF_INET, tcp, "127.0.0.1"),
            "udp4": self.inet(socket.AF_INET, udp, "127.0.0.1"),
            "tcp6": self.if_possible(socket.AF_INET6, tcp, "::1"),
            "udp6": self.if_possible(socket.AF_INET6, udp, "::1"),
            "udplite": self.if_possible(socket.AF_INET, udp, "127.0.0.1", 136),
            "inbound": self.free_port(),
        }
        self.tag = unique = f"assay-escape-{os.urandom(6).hex()}"
        self.unix = {
            "stream": self.local(f"{base}/stream.sock", tcp),
            "seqpacket": self.local(f"{base}/seqpacket.sock", socket.SOCK_SEQPACKET),
            "dgram": self.local(f"{base}/dgram.sock", udp),
            "abstract_stream": self.local(f"@{unique}-stream", tcp),
            "abstract_dgram": self.local(f"@{unique}-dgram", udp),
            "late": f"{base}/late.sock",
        }
        self.sniffs = self.sniffer()

    def add(self, sock, how, server):
        sock.setblocking(False)
        self.selector.register(sock, selectors.EVENT_READ, (how, server))
        return sock

    def inet(self, family, kind, address, protocol=0):
        sock = socket.socket(family, kind, protocol)
        sock.bind((address, 0))
        if kind == socket.SOCK_STREAM:
            # 23: TCP_FASTOPEN, so that a connection may bring data at once.
            sock.setsockopt(socket.IPPROTO_TCP, 23, 5)
            sock.listen(50)
        self.add(sock, f"{address} {kind.name}", kind == socket.SOCK_STREAM)
        return sock.getsockname()[1]

    def if_possible(self, *arguments):
        try:
            return self.inet(*arguments)
        except OSError:
            return None

    def free_port(self):
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            return sock.getsockname()[1]

    def local(self, address, kind):
        """A path appears when it can be connected to: `unix_late` connects as soon as it sees one."""
        sock = socket.socket(socket.AF_UNIX, kind)
        is_path = not address.startswith("@")
        made = f"{address}.new" if is_path else address.replace("@", "\0", 1)
        sock.bind(made)
        if kind != socket.SOCK_DGRAM:
            sock.listen(50)
        if is_path:
            os.chmod(made, 0o777)
            os.rename(made, address)
        self.add(sock, address, kind != socket.SOCK_DGRAM)
        return address

    def sniffer(self):
        try:
            sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        except OSError:
            return False
        self.add(sock, "ICMP", None)
        return True

    def run(self):
        # To somebody who never listens: what wakes this loop would make it spin.
        chatter, deaf = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        deaf.bind(("127.0.0.1", 0))
        chatter.connect(deaf.getsockname())
        while not self.ended.is_set():
            for key, _ in self.selector.select(0.05):
                self.serve(key.fileobj, *key.data)
            chatter.send(b"chatter")
            self.come_in()
            self.open_late()

    def serve(self, sock, how, server):
        try:
            if server:
                self.add(sock.accept()[0], f"{how} {CONNECTION}", False)
                return
            data, sender = sock.recvfrom(2000)
            if not data:
                self.drop(sock)
            elif self.remember(data, how) and server is not None:
                sock.sendto(ANSWER, sender) if sender else sock.send(ANSWER)
        except OSError:
            # The other side is gone; what it said is remembered.
            if how.endswith(CONNECTION):
                self.drop(sock)

    def drop(self, sock):
        self.selector.unregister(sock)
        sock.close()

    def remember(self, data, how):
        """Echo requests arrive at everybody who listens for them: ours have our tag."""
        found = re.search(rb"act:(\w+)", data)
        if found and (how != "ICMP" or self.tag.encode() in data):
            self.heard[found[1].decode()] = f"it came in by {how}"
        return found

    def come_in(self):
        """Connects to the port an act may listen on."""
        sock = socket.socket()
        sock.settimeout(0.02)
        try:
            sock.connect(("127.0.0.1", self.ports["inbound"]))
            # A port of no one's may connect with itself.
            itself = sock.getsockname() == sock.getpeername()
        except OSError:
            itself = True
        if itself:
            sock.close()
        else:
            self.add(sock, f"an incoming {CONNECTION}", False)

    def open_late(self):
        asked = glob.glob(f"{self.project}/.assay/runs/*/*/late-please")
        if asked and not os.path.exists(self.unix["late"]):
            self.local(self.unix["late"], socket.SOCK_STREAM)

    def stop(self):
        """Hears what is still on its way, and ends. Who heard nothing because it broke proves nothing."""
        self.ended.wait(0.05)
        if not self.is_alive():
            raise RuntimeError("the listener ended before the run did")
        self.ended.set()
        self.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
