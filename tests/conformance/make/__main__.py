"""python3 -m make [keys]"""
import sys

from . import lines, objects, sessions

lines.write()
objects.write()
sessions.write()
if sys.argv[1:] == ["keys"]:
    from . import certificates, proofs, signatures
    certificates.write()
    proofs.write()
    signatures.write()
