"""Hundreds of kills at random instants, of either gateway and of both: no acknowledged message is lost."""
import os
import time

import harness
import kill

ROUNDS = int(os.environ.get("ISTHMUS_KILL_ROUNDS", "200"))


class SlowKill(kill.KillTest):
    def test_the_sender(self):
        self.kill_the_sender(ROUNDS, seed=time.time_ns())

    def test_the_receiver(self):
        self.kill_the_receiver(ROUNDS, seed=time.time_ns())

    def test_both(self):
        self.kill_both(ROUNDS, seed=time.time_ns())


if __name__ == "__main__":
    harness.main()
