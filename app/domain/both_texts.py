"""Two people change one text at once: both changes are kept; where they touch one paragraph, both are shown."""

from collections.abc import Iterator
from difflib import SequenceMatcher


def merged(base: str, mine: str, theirs: str) -> str | None:
    """One text with both changes of `base`; None where both changed one paragraph in different ways."""
    text, clashes = _joined(base, mine, theirs)
    return None if clashes else text


def together(base: str, mine: str, theirs: str) -> str:
    """One text that has lost nothing: where both changed a paragraph, theirs stands before mine."""
    return _joined(base, mine, theirs)[0]


def _joined(base: str, mine: str, theirs: str) -> tuple[str, bool]:
    """One text of both, and whether they touch one paragraph somewhere."""
    whole: list[str] = []
    clashes = False
    for before, ours, others in _stretches(base, mine, theirs):
        if ours == before:
            whole += others
        elif others in (before, ours):
            whole += ours
        else:
            clashes = True
            whole += [*others, *(each for each in ours if each not in others)]
    return "\n".join(whole).strip(), clashes


def _stretches(base: str, mine: str, theirs: str) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """The texts side by side: what stands between paragraphs that all three have, and these themselves."""
    before, ours, others = _paragraphs(base), _paragraphs(mine), _paragraphs(theirs)
    in_mine, in_theirs = _kept(before, ours), _kept(before, others)
    at = (0, 0, 0)
    for here in [each for each in range(len(before)) if each in in_mine and each in in_theirs]:
        to = (here, in_mine[here], in_theirs[here])
        yield before[at[0] : to[0]], ours[at[1] : to[1]], others[at[2] : to[2]]
        yield [before[here]], [before[here]], [before[here]]
        at = (to[0] + 1, to[1] + 1, to[2] + 1)
    yield before[at[0] :], ours[at[1] :], others[at[2] :]


def _kept(before: list[str], now: list[str]) -> dict[int, int]:
    """Where each paragraph that is still there stands now."""
    blocks = SequenceMatcher(None, before, now, autojunk=False).get_matching_blocks()
    return {block.a + n: block.b + n for block in blocks for n in range(block.size)}


def _paragraphs(text: str) -> list[str]:
    """A paragraph is a line as it was typed: browsers break long ones by themselves."""
    return [line.rstrip() for line in text.strip().splitlines()]
