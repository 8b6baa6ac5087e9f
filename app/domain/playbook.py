"""A playbook is Markdown with a checklist in it: lines `- [ ]` are ticked inside an incident."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass

_ITEM = re.compile(r"^\s{0,9}[-*+]\s+\[[ xX]?\]\s+(\S.*)$")
_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})")


@dataclass(frozen=True)
class Words:
    """Markdown between two checklists."""

    text: str


@dataclass(frozen=True)
class Item:
    """A line to tick. Its key stays when other lines change, and not when its own words do."""

    key: str
    text: str


def parts(body: str) -> list[Words | Item]:
    """The playbook in order. What looks like an item inside a fence of code is words."""
    found: list[Words | Item] = []
    words: list[str] = []
    seen: Counter[str] = Counter()
    fence = ""
    for line in body.splitlines():
        mark = _FENCE.match(line)
        if mark is not None:
            kind = mark.group(1)[:3]
            fence = "" if fence == kind else fence or kind
        item = None if fence else _ITEM.match(line)
        if item is None:
            words.append(line)
            continue
        if any(each.strip() for each in words):
            found.append(Words("\n".join(words)))
        words.clear()
        text = item.group(1).strip()
        seen[text] += 1
        found.append(Item(hashlib.sha256(f"{seen[text]} {text}".encode()).hexdigest()[:32], text))
    if any(each.strip() for each in words):
        found.append(Words("\n".join(words)))
    return found


def items(body: str) -> list[Item]:
    return [part for part in parts(body) if isinstance(part, Item)]
