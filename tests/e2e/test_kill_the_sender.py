"""The gateway that sends over xproto is killed again and again: acknowledged mail arrives, each message once."""
import harness
import kill


class KillTheSender(kill.KillTest):
    def test_twenty_times(self):
        self.kill_the_sender(20, seed=1)


if __name__ == "__main__":
    harness.main()
