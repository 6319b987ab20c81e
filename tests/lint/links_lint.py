"""Does every relative link of the documentation lead somewhere? Usage: links_lint.py ROOT"""
import os
import re
import sys

import tree

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def broken_links(root, path, text):
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:|#", target):
            continue
        wanted = os.path.join(root, os.path.dirname(path), target.split("#", 1)[0])
        if not os.path.exists(wanted):
            yield target


def main(root):
    paths = [name for name in sorted(os.listdir(root)) if name.endswith(".md")]
    paths += tree.files(root, tree.TEXT_FOLDERS, ".md")
    complaints = 0
    for path in paths:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            for target in broken_links(root, path, file.read()):
                print(f"{path}: broken link: {target}")
                complaints += 1
    print(f"{len(paths)} pages, {complaints} broken links")
    return 1 if complaints or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
