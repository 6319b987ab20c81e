#!/usr/bin/env python3
"""What a line with delay and of limited rate makes of the mail between two gateways.

    ISTHMUS_BIN=build/release/gateway/isthmus tests/bench/slow_line.py messages --delay 20 --messages 3000 --size 1000
    ISTHMUS_BIN=build/release/gateway/isthmus tests/bench/slow_line.py fairness --delay 1 --rate 10000000

Two gateways as the end-to-end tests run them; between them a relay holds every octet back for --delay milliseconds each
way, and lets --rate octets a second through, if given.

messages: how many a second arrive, with and without NOW and ZSTD. They are queued while the line is down; the clock runs
from the first connection to the last message that the receiving gateway owns. The receiving site's own store is away, so
that nothing else is measured.

fairness: how long a message of 1 KB takes from its 250 to the store behind the other gateway, while the session is idle
and while it carries bodies of --size octets.
"""
import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import harness  # noqa: E402
import wire  # noqa: E402
from client import Client  # noqa: E402

CASES = {"asking first": ["PIPE"], "without asking": ["PIPE", "NOW"], "compressed too": ["PIPE", "NOW", "ZSTD"]}


class Line:
    """Relays connections to a port, each octet late."""

    def __init__(self, port, target, delay, rate):
        self.port, self.target, self.delay, self.rate = port, target, delay, rate
        self.begun = None
        self.octets = 0
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        # What waits is to wait in the gateway that sends, as it does before a line that is really slow.
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if rate:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
        listener.bind(("127.0.0.1", port))
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, sock=listener, limit=16384), self._loop).result(10)

    async def _serve(self, reader, writer):
        self.begun = self.begun or time.monotonic()
        there = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self._carry(reader, there[1]), self._carry(there[0], writer))

    async def _carry(self, reader, writer):
        late = asyncio.Queue(maxsize=max(2, int(self.rate * self.delay / 16384)) if self.rate else 1024)

        async def deliver():
            free = 0.0
            while True:
                due, octets = await late.get()
                due = max(due, free)
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                if not octets:
                    return writer.close()
                writer.write(octets)
                self.octets += len(octets)
                if self.rate:
                    free = due + len(octets) / self.rate
        task = asyncio.ensure_future(deliver())
        try:
            while octets := await reader.read(16384 if self.rate else 65536):
                await late.put((time.monotonic() + self.delay, octets))
        except OSError:
            pass
        await late.put((time.monotonic() + self.delay, b""))
        await task

    def close(self):
        async def stop():
            self._server.close()
        asyncio.run_coroutine_threadsafe(stop(), self._loop).result(10)


class Sites(harness.TwoSites):
    def runTest(self):
        pass


def connect(options, words):
    """Two sites, and a line between them that is still down; its port."""
    Sites.setUpClass()
    edge, carrier = Sites.edge, Sites.carrier
    edge.stop()
    port = wire.reserve_port()
    edge.config["route"][0].update(to=f"127.0.0.1:{port}", host=carrier.host)
    edge.config["route"].append({**edge.config["route"][0], "domain": "large.example"})
    edge.config["peer"][0]["extensions"] = words
    edge.config["xproto"].update(compress="ZSTD" in words, sessions_per_destination=options.sessions)
    edge.config["queue"]["retry"] = ["1s"]
    edge.config["limits"] = {"message_octets": "200MiB"}
    edge.config["timeouts"].update(reply="5m", data="5m")
    edge.start()
    return port


def latencies(line, count, what):
    """Of small messages, one after the other, in milliseconds."""
    found = []
    for number in range(count):
        with Client(Sites.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], harness.sample(f"{what} {number}"))
        begun = time.monotonic()
        harness.wait_for(lambda: Sites.carrier.store.messages, 120, "small message", every=0.001)
        found.append(1000 * (time.monotonic() - begun))
        Sites.carrier.store.clear()
        time.sleep(0.1)
    print(f"{what:22} median {statistics.median(found):7.1f} ms, worst {max(found):7.1f} ms, of {count}; "
          f"{line.octets} octets on the line", flush=True)
    return statistics.median(found)


def fairness(options):
    try:
        port = connect(options, ["*"])
        carrier = Sites.carrier
        carrier.stop()
        away = wire.reserve_port()
        carrier.config["limits"] = {"message_octets": "200MiB"}
        carrier.config["route"].append({"domain": "large.example", "via": "smtp", "to": f"127.0.0.1:{away}"})
        carrier.start()
        line = Line(port, carrier.xproto_port, options.delay / 1000, options.rate)
        latencies(line, 3, "to begin with")
        idle = latencies(line, options.messages, "idle")
        subprocess.run([harness.PROGRAM, "bench", "smtp", "--to", f"127.0.0.1:{Sites.edge.smtp_port}", "--messages", "6",
                        "--sessions", "3", "--size", str(options.size), "--rcpt", "b@large.example"], check=True,
                       stdout=subprocess.DEVNULL)
        before = line.octets
        busy = latencies(line, options.messages, "beside large bodies")
        left = Sites.edge.json("status")["queue"]["messages"]
        print(f"ratio {busy / idle:.2f}; {left} of 6 large messages were still on their way, {line.octets - before} octets "
              "went meanwhile")
        line.close()
    finally:
        Sites.doClassCleanups()


def measure(words, options):
    try:
        line_port = connect(options, words)
        edge, carrier = Sites.edge, Sites.carrier
        carrier.store.close()
        subprocess.run([harness.PROGRAM, "bench", "smtp", "--to", f"127.0.0.1:{edge.smtp_port}", "--messages",
                        str(options.messages), "--size", str(options.size), "--rcpt", "b@carrier.example"],
                       check=True, stdout=subprocess.DEVNULL)
        line = Line(line_port, carrier.xproto_port, options.delay / 1000, options.rate)
        edge.cli("queue retry", "--all")
        harness.wait_for(lambda: edge.json("status")["queue"]["messages"] == 0, 600, "empty queue", every=0.05)
        seconds = time.monotonic() - line.begun
        line.close()
        return options.messages / seconds, line.octets
    finally:
        Sites.doClassCleanups()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["messages", "fairness"])
    parser.add_argument("--delay", type=float, default=20, help="milliseconds each way")
    parser.add_argument("--rate", type=float, default=0, help="octets a second; 0: as fast as it goes")
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--sessions", type=int, default=1, help="open at once")
    parser.add_argument("--case", choices=CASES, action="append")
    options = parser.parse_args()
    if options.what == "fairness":
        return fairness(options)
    first = None
    for name in options.case or CASES:
        rate, octets = measure(CASES[name], options)
        first = first or rate
        print(f"{name:15} {rate:8.0f} messages/s  {rate / first:5.2f}  {octets:12} octets on the line", flush=True)


if __name__ == "__main__":
    main()
