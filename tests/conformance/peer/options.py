"""Options: what may be on, what needs what, and what OPT answers (docs/xproto.md, section 5)."""
from .lines import Item

JUDGED = 32
SET, REFUSED = "99.0.2.2", "99.0.5.0"
UNKNOWN, NOT_OFFERED, NOT_A_VALUE, NEEDS_ANOTHER = "99.0.5.9", "99.0.5.10", "99.0.5.11", "99.0.5.50"
NEEDS = {"PIPE": None, "NOW": "PIPE", "ZSTD": "PIPE", "TRACE": None, "URG": None, "SPLIT": None, "STAT": None}
CODES = {"NOW": "99.3.2.0.2.1", "ZSTD": "99.3.3.0.2.1"}  # what says that it was switched; of all others SET
KNOWN = ("PIPE", "ZSTD", "TRACE", "SPLIT", "STAT")
TRUSTED = (*KNOWN, "NOW")
BOTH_WAYS = "DUPLEX"  # of known and trusted peers; whoever switches it on is sent mail, so it is not among the others


def switched(before, items):
    """What is on after these items: (those that were on, minus and plus), and what went off with them."""
    after = set(before)
    for item in items:
        if item.value == "ON":
            after.add(item.name)
        else:
            after.discard(item.name)
    asked = {item.name for item in items if item.value == "ON"}
    while gone := {name for name in after - asked if NEEDS.get(name) and NEEDS[name] not in after}:
        after -= gone
    return after


def judge(items, offered, before):
    """(refused, groups of the answer: one for each name, what is on afterwards)."""
    names = [item.name for item in items]
    after = switched(before, items)
    groups = [[_judge_one(item, names, offered, after)] for number, item in enumerate(items) if item.name not in names[:number]]
    if any(group[0].word == "ERR" for group in groups):
        return True, [group for group in groups if group[0].word == "ERR"], before
    return False, groups, after


def _judge_one(item, names, offered, after):
    def no(code, text):
        return Item(item.name, word="ERR", code=code, text=text)

    if item.name not in NEEDS:
        return no(UNKNOWN, "Unknown.")
    if item.name not in offered:
        return no(NOT_OFFERED, "Not offered to you.")
    if item.value not in ("ON", "OFF") or item.text or item.word or names.count(item.name) > 1:
        return no(NOT_A_VALUE, "ON or OFF, once.")
    if item.value == "ON" and NEEDS[item.name] and NEEDS[item.name] not in after:
        return no(NEEDS_ANOTHER, f"Works only with {NEEDS[item.name]}.")
    return Item(item.name, word="OK", code=CODES.get(item.name, SET))
