"""JSON Lines: one vector a line, octets as text where they are UTF-8, else as base64 under the name with `-base64`."""
import base64
import json
import os

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "vectors")


def path(name):
    return os.path.join(FOLDER, name + ".jsonl")


def write(name, vectors):
    names = [vector["name"] for vector in vectors]
    assert len(set(names)) == len(names), [n for n in names if names.count(n) > 1]
    with open(path(name), "w", encoding="ascii", newline="\n") as file:
        for vector in vectors:
            file.write(json.dumps(vector, ensure_ascii=True) + "\n")


def load(name):
    with open(path(name), encoding="ascii") as file:
        return [json.loads(line) for line in file]


def octets(name, value):
    """{name: text} or {name-base64: base64}."""
    try:
        return {name: value.decode("utf-8")}
    except UnicodeDecodeError:
        return {name + "-base64": base64.b64encode(value).decode()}


def octets_of(vector, name):
    """What octets() wrote; None when there is nothing of that name."""
    if name in vector:
        return vector[name].encode("utf-8")
    if name + "-base64" in vector:
        return base64.b64decode(vector[name + "-base64"], validate=True)
    return None
