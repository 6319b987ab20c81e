"""Finds the files that the lint tests look at: those of the project, never a build's."""
import os

SOURCE_FOLDERS = ("smtp", "xproto", "mapping", "gateway", "tests", "examples")
TEXT_FOLDERS = SOURCE_FOLDERS + ("docs", ".ci")


def files(root, folders, endings):
    """Paths relative to `root`, sorted, of the files below `folders` that end so."""
    found = []
    for folder in folders:
        for where, names, leaves in os.walk(os.path.join(root, folder)):
            names[:] = [name for name in names if name not in ("__pycache__", "build", "corpus", "data")]
            for leaf in leaves:
                if leaf.endswith(endings):
                    found.append(os.path.relpath(os.path.join(where, leaf), root))
    return sorted(found)


def sources(root):
    return files(root, SOURCE_FOLDERS, (".cpp", ".hpp"))
