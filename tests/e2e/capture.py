"""Captures for Wireshark: a relay that notes what passes, and a writer of pcap files."""
import select
import socket
import struct
import threading

CLIENT, SERVER = ("192.0.2.1", 40000), ("192.0.2.2", 6525)
RAW_IP = 101  # the link type: packets begin with the IP header
SYN, ACK, PUSH = 0x02, 0x10, 0x08


class Relay:
    """Listens on 127.0.0.1 and passes one connection on to another port. `passed`: (from client?, octets), in order."""

    def __init__(self, port):
        self.to_port = port
        self.passed = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        client, _ = self._listener.accept()
        self._listener.close()
        with client, socket.create_connection(("127.0.0.1", self.to_port)) as server:
            open_sides = [client, server]
            while open_sides:
                for side in select.select(open_sides, [], [])[0]:
                    other = server if side is client else client
                    try:
                        octets = side.recv(65536)
                    except OSError:
                        octets = b""
                    if not octets:
                        open_sides.remove(side)
                        self._shut(other)
                        continue
                    self.passed.append((side is client, octets))
                    other.sendall(octets)

    @staticmethod
    def _shut(sock):
        try:
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def end(self):
        """What passed, once both ends have closed."""
        self._thread.join(30)
        return self.passed


def write_pcap(path, passed, segment=1400, server_port=SERVER[1]):
    """The conversation as one TCP connection, in segments of at most this many octets."""
    server = (SERVER[0], server_port)
    next_octet = {True: 1000, False: 5000}
    packets = []

    def packet(from_client, flags, octets=b""):
        here, there = (CLIENT, server) if from_client else (server, CLIENT)
        acknowledged = 0 if flags == SYN else next_octet[not from_client]
        tcp = struct.pack("!HHIIBBHHH", here[1], there[1], next_octet[from_client], acknowledged, 5 << 4, flags, 65535, 0, 0)
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp) + len(octets), len(packets), 0x4000, 64, 6, 0,
                         socket.inet_aton(here[0]), socket.inet_aton(there[0]))
        packets.append(ip + tcp + octets)
        next_octet[from_client] += len(octets) + (1 if flags & SYN else 0)

    packet(True, SYN)
    packet(False, SYN | ACK)
    packet(True, ACK)
    for from_client, octets in passed:
        for at in range(0, len(octets), segment):
            packet(from_client, PUSH | ACK, octets[at:at + segment])
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, RAW_IP))
        for number, octets in enumerate(packets):
            file.write(struct.pack("<IIII", 1763805600 + number // 1000, number % 1000 * 1000, len(octets), len(octets)))
            file.write(octets)
