"""Is every C++ source formatted as .clang-format says? Usage: format_lint.py ROOT [--fix]"""
import subprocess
import sys

import tree

PROGRAM = "clang-format-14"  # another version would format differently


def main(root, fix):
    paths = tree.sources(root)
    mode = ["-i"] if fix else ["--dry-run", "-Werror"]
    result = subprocess.run([PROGRAM, "--style=file", *mode, *paths], cwd=root, check=False)
    if result.returncode != 0:
        print("not formatted; `cmake --build build/dev --target format` mends it")
    return result.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], "--fix" in sys.argv[2:]))
