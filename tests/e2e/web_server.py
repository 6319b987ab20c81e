"""A web server with a certificate of its own authority, on loopback, for what gateways fetch."""
import http.server
import os
import ssl
import threading

from harness import isthmus


class WebServer:
    """`files` is {path: octets}; `answers` {path: (status, headers)} in place of a file. What was asked for is in `asked`,
    as (path, headers)."""

    def __init__(self, folder, name="lists.example"):
        isthmus("init", folder, "--site", name, "--host", "localhost")
        self.ca = os.path.join(folder, "ca.pem")
        self.files, self.answers, self.asked, self.version = {}, {}, [], 1
        self._server, self.port = None, 0
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(os.path.join(folder, "state", "host.pem"), os.path.join(folder, "state", "host-key.pem"))
        self.start()

    def start(self):
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                owner.asked.append((self.path, dict(self.headers)))
                status, headers = owner.answers.get(self.path, (200, {}))
                body = owner.files.get(self.path, b"")
                etag = f'"v{owner.version}"'
                if status == 200 and self.headers.get("If-None-Match") == etag:
                    status, body = 304, b""
                self.send_response(status)
                for field, value in {"ETag": etag, "Content-Length": len(body), **headers}.items():
                    self.send_header(field, str(value))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def finish_request(self, request, address):
                request.settimeout(10)
                try:
                    with owner._tls.wrap_socket(request, server_side=True) as safe:
                        Handler(safe, address, self)
                except OSError:
                    pass  # a client that did not like the certificate

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def url(self, path, host="localhost"):
        return f"https://{host}:{self.port}{path}"

    def publish(self, path, text):
        self.files[path] = text.encode()
        self.version += 1
