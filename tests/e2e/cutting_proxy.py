"""A TCP proxy between two gateways that counts what passes and cuts connections where it is told to."""
import socket
import threading
import time

import wire


class CuttingProxy:
    """Listens on `port` and passes everything to `target`.

    `cuts` is an iterator: for each connection the number of octets from the client after which it is reset, or None.
    When it ends, nothing is cut any more. `rate`: octets a second that a connection carries each way, at most.
    """

    def __init__(self, target, cuts=(), rate=None):
        self.target, self.cuts, self.rate = target, iter(cuts), rate
        self.sent = 0  # octets from clients
        self.connections = self.cut = 0
        self._lock = threading.Lock()
        self._open = []
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()
        with self._lock:
            for sock in self._open:
                self._reset(sock)

    @staticmethod
    def _reset(sock):
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=wire.PATIENCE)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                self.connections += 1
                self._open += [client, server]
                limit = next(self.cuts, None)
            threading.Thread(target=self._pass, args=(client, server, limit), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, None, False), daemon=True).start()

    def _pass(self, source, to, limit, counted=True):
        passed = 0
        try:
            while octets := source.recv(65536 if limit is None else max(1, min(65536, limit - passed))):
                to.sendall(octets)
                if self.rate:
                    time.sleep(len(octets) / self.rate)
                passed += len(octets)
                if counted:
                    with self._lock:
                        self.sent += len(octets)
                if limit is not None and passed >= limit:
                    with self._lock:
                        self.cut += 1
                    break
        except OSError:
            pass
        self._reset(source)
        self._reset(to)
