"""Gateways that are stopped by SIGTERM under load say what they still serve, and end well: nothing is lost, and nothing
crosses xproto twice."""
import random
import time

import harness
import kill


class DrainUnderLoad(kill.KillTest):
    def drain_rounds(self, victim, rounds, seed):
        chooser = random.Random(seed)
        with kill.Load(self.edge.smtp_port) as load:
            for _ in range(rounds):
                time.sleep(chooser.uniform(0.1, 0.5))
                victim.stop()  # fails unless the daemon ends with 0 in time
                victim.start()
        self.assertGreater(len(load.acknowledged), rounds, "too little load to prove anything")
        self.wait_settled(self.edge, self.carrier)
        self.assert_all_there(load, twice_allowed=False)
        return load

    def test_the_receiver_drains(self):
        self.drain_rounds(self.carrier, 6, seed=11)
        self.assertNotRegex(self.edge.log(), r"\b(failed|expired) id=")

    def test_the_sender_drains(self):
        self.drain_rounds(self.edge, 6, seed=12)


if __name__ == "__main__":
    harness.main()
