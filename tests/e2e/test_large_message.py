"""A message of 100 MiB crosses while neither gateway ever holds more than a part of it in memory."""
import harness
import large


class HundredMebibytes(large.LargeMessage):
    octets = 100 * large.MIB

    def test_it_crosses(self):
        self.cross(memory_bound=400 * large.MIB)  # a build with sanitizers needs a multiple of a release build's memory


if __name__ == "__main__":
    harness.main()
