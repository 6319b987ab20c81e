"""A peer whose disk is slow says that it is still working, so that nobody gives it up: the sender's patience is shorter
than the disk is slow."""
import os
import subprocess
import time

import harness
from client import Client
from harness import TwoSites, sample

SLOW_SECONDS = 7
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
int fdatasync(int fd)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    const char* const mark = getenv("SLOW_DISK");
    if (mark != 0 && access(mark, F_OK) == 0) sleep(%d);
    return real(fd);
}
""" % SLOW_SECONDS


class SlowDisk(TwoSites):
    @classmethod
    def configure(cls):
        cls.edge.config["timeouts"].update(reply="4s", data="4s")
        cls.carrier.config["timeouts"].update(progress="1s")
        source, library = os.path.join(cls.folder, "slow.c"), os.path.join(cls.folder, "slow.so")
        with open(source, "w", encoding="ascii") as file:
            file.write(SHIM)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        cls.mark = os.path.join(cls.folder, "slow")
        cls.plain = dict(harness.ENVIRONMENT)
        cls.shimmed = {"LD_PRELOAD": library, "SLOW_DISK": cls.mark,
                       "ASAN_OPTIONS": harness.ENVIRONMENT["ASAN_OPTIONS"] + ":verify_asan_link_order=0"}

    def test_the_sender_keeps_waiting(self):
        self.carrier.stop()
        harness.ENVIRONMENT.update(self.shimmed)
        try:
            self.carrier.start()
        finally:
            harness.ENVIRONMENT.clear()
            harness.ENVIRONMENT.update(self.plain)
        with open(self.mark, "w", encoding="ascii"):
            pass
        sent = sample()
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], sent)
        begun = time.monotonic()
        self.edge.wait_log(r"\bdelivered\b", seconds=60)
        self.assertGreaterEqual(time.monotonic() - begun, SLOW_SECONDS - 1, "the disk was not slow")
        os.remove(self.mark)
        message, = self.carrier.store.wait(1, 60)
        self.assert_octets(message, sent)
        self.assertNotRegex(self.edge.log(), r"\bdeferred\b")


if __name__ == "__main__":
    harness.main()
