"""Runs every rule of rules.py over the project's C++ sources. Usage: source_lint.py ROOT"""
import os
import sys

import rules
import tree


def main(root):
    paths = tree.sources(root)
    if not paths:
        print(f"no sources below {root}")
        return 1
    complaints = 0
    for path in paths:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read()
        for rule in rules.RULES:
            arguments = [path, text]
            if rule is rules.check_include_style:
                arguments.append(lambda name: os.path.exists(os.path.join(root, name)))
            for line, complaint in rule(*arguments):
                print(f"{path}:{line}: {complaint}")
                complaints += 1
    for path in rules.LONG_FILES:
        if path not in paths:
            print(f"{path}: listed as a long file, but does not exist")
            complaints += 1
    print(f"{len(paths)} files, {complaints} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
