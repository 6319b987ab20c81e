"""Somebody between a client and a server, who sees every octet and may change some."""
import socket
import threading


def cut(connection):
    """Ends it for both ends. close() would not, while a thread waits for octets of it."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


class Middle:
    """Listens on a port of its own and passes connections on to another. `upward` and `downward` may change what a client or
    a server sends, piece by piece; `connections` keeps what each end had sent, before any change."""

    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        self.upward = self.downward = lambda octets: octets
        self.connections = []  # {"client": bytes, "server": bytes}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.target, timeout=30)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            seen = {"client": b"", "server": b""}
            self.connections.append(seen)
            self.open += [client, server]
            for source, sink, name in ((client, server, "client"), (server, client, "server")):
                threading.Thread(target=self._pass, args=(source, sink, name, seen), daemon=True).start()

    def _pass(self, source, sink, name, seen):
        try:
            while octets := source.recv(65536):
                seen[name] += octets
                change = self.upward if name == "client" else self.downward
                sink.sendall(change(octets))
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            cut(source)
            cut(sink)

    def close(self):
        self.listener.close()
        for one in self.open:
            cut(one)
