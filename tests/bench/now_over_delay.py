#!/usr/bin/env python3
"""How many messages a second go from one gateway to another over a line with delay, with and without NOW and ZSTD.

    ISTHMUS_BIN=build/release/gateway/isthmus tests/bench/now_over_delay.py [--delay 20] [--messages 3000] [--size 1000]

Two gateways as the end-to-end tests run them; between them a relay holds every octet back for --delay milliseconds each
way, and lets --rate octets a second through, if given. Messages are queued while the line is down; the clock runs from
the first connection to the last message that the receiving gateway owns. The receiving site's own store is away, so that
nothing else is measured.
"""
import argparse
import asyncio
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import harness  # noqa: E402
import wire  # noqa: E402

CASES = {"asking first": ["PIPE"], "without asking": ["PIPE", "NOW"], "compressed too": ["PIPE", "NOW", "ZSTD"]}


class Line:
    """Relays connections to a port, each octet late."""

    def __init__(self, port, target, delay, rate):
        self.port, self.target, self.delay, self.rate = port, target, delay, rate
        self.begun = None
        self.octets = 0
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", port), self._loop).result(10)

    async def _serve(self, reader, writer):
        self.begun = self.begun or time.monotonic()
        there = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self._carry(reader, there[1]), self._carry(there[0], writer))

    async def _carry(self, reader, writer):
        late = asyncio.Queue(maxsize=1024)

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
            while octets := await reader.read(65536):
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


def measure(words, options):
    Sites.setUpClass()
    edge, carrier = Sites.edge, Sites.carrier
    try:
        edge.stop()
        line_port = wire.reserve_port()
        edge.config["route"][0].update(to=f"127.0.0.1:{line_port}", host=carrier.host)
        edge.config["peer"][0]["extensions"] = words
        edge.config["xproto"].update(compress="ZSTD" in words, sessions_per_destination=options.sessions)
        edge.config["queue"]["retry"] = ["1s"]
        edge.start()
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
    parser.add_argument("--delay", type=float, default=20, help="milliseconds each way")
    parser.add_argument("--rate", type=float, default=0, help="octets a second; 0: as fast as it goes")
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--sessions", type=int, default=1, help="open at once")
    parser.add_argument("--case", choices=CASES, action="append")
    options = parser.parse_args()
    first = None
    for name in options.case or CASES:
        rate, octets = measure(CASES[name], options)
        first = first or rate
        print(f"{name:15} {rate:8.0f} messages/s  {rate / first:5.2f}  {octets:12} octets on the line", flush=True)


if __name__ == "__main__":
    main()
