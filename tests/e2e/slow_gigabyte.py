"""A message of a gigabyte crosses in the same bounded memory as one of 100 MiB."""
import harness
import large


class Gigabyte(large.LargeMessage):
    octets = 1024 * large.MIB

    def test_it_crosses(self):
        self.cross(memory_bound=400 * large.MIB)


if __name__ == "__main__":
    harness.main()
