"""The gateway that receives over xproto is killed again and again: acknowledged mail arrives, each message once."""
import harness
import kill


class KillTheReceiver(kill.KillTest):
    def test_twenty_times(self):
        self.kill_the_receiver(20, seed=2)


if __name__ == "__main__":
    harness.main()
