"""Writes the vectors. `python3 -m make` in tests/conformance writes those that come out the same every time (lines,
objects); `python3 -m make keys` also those that hold new keys and signatures (signatures, proofs, certificates)."""
