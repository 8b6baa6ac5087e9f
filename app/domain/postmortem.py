"""What a postmortem has to say, how it goes from a draft to something people read, and who may do what."""

import re
from collections.abc import Mapping

from app.domain.lifecycle import InvalidTransition
from app.domain.timeline import Kind
from app.domain.words import PostmortemPart, PostmortemState

S, P = PostmortemState, PostmortemPart

MOVES: Mapping[tuple[PostmortemState, str], PostmortemState] = {
    (S.DRAFT, "ask for a review"): S.IN_REVIEW,
    (S.DRAFT, "publish"): S.PUBLISHED,
    (S.IN_REVIEW, "take back"): S.DRAFT,
    (S.IN_REVIEW, "publish"): S.PUBLISHED,
    (S.PUBLISHED, "revise"): S.DRAFT,
}
TITLES: Mapping[PostmortemPart, str] = {
    P.HAPPENED: "What happened",
    P.AFFECTED: "Who was affected",
    P.CAUSE: "What caused it",
    P.FACTORS: "What contributed",
    P.PREVENTION: "What will stop it",
    P.NOTES: "What else we learned",
}
# what nobody may leave out: what happened, what caused it, what has to be done (S-65, S-66, S-67)
NEEDED = (P.HAPPENED, P.CAUSE, P.PREVENTION)
# what tells how it went: the chronology begins with these, and people choose from there (S-68)
TOLD = frozenset(
    {
        Kind.DECLARED, Kind.TRIGGERED, Kind.PAGED, Kind.ACKNOWLEDGED, Kind.STATUS_CHANGED,
        Kind.COMMANDER_CHANGED, Kind.SEVERITY_CHANGED, Kind.SYMPTOM_SEEN, Kind.OPTION_APPROVED,
        Kind.OPTION_DECLINED, Kind.ACTION_BEGUN,
        Kind.ACTION_ENDED, Kind.REOPENED, Kind.CLOSED, Kind.CHANGE, Kind.MERGED_IN,
    }
)  # fmt: skip
MOST_ENTRIES = 300
_IN_WORDS = {S.DRAFT: "a draft", S.IN_REVIEW: "in review", S.PUBLISHED: "published"}
_BLAME = {
    r"human error|operator error": "people err everywhere: ask what made it easy to err here",
    r"should(?:n[o'’]t| not)? have|could have|ought to have": "say what they saw then, not what is known now",
    r"careless(?:ly)?|negligen(?:t|ce|tly)|incompeten(?:t|ce)|lazy|sloppy|stupid(?:ly)?": "describe the work,"
    " not the person",
    r"(?:whose|their|his|her|your|my) (?:own )?fault|to blame|blame[ds]?|guilty": "ask what allowed it, not"
    " whose it was",
    r"forgot|failed to|neglected to": "ask what should have reminded or stopped them",
}
HINTS = tuple((re.compile(rf"\b(?:{words})\b", re.IGNORECASE), advice) for words, advice in _BLAME.items())


def after(state: PostmortemState, move: str) -> PostmortemState:
    """The state after `move`. Raises InvalidTransition when this one does not allow it."""
    if (state, move) not in MOVES:
        raise InvalidTransition(f"This postmortem is {_IN_WORDS[state]}, so one cannot {move} it.")
    return MOVES[state, move]


def missing(said: Mapping[PostmortemPart, str], begun: Mapping[PostmortemPart, str]) -> list[PostmortemPart]:
    """What has to be written before it is published; a part that says what it `begun` with is not."""
    return [
        part for part in NEEDED
        if not said.get(part, "").strip() or said[part].strip() == begun.get(part, "").strip()
    ]  # fmt: skip


def hints(text: str) -> list[str]:
    """Words that look for somebody to blame, each with what helps more. Nothing is refused for them."""
    found = []
    for pattern, advice in HINTS:
        match = pattern.search(text)
        if match is not None:
            found.append(f"“{match.group(0)}”: {advice}.")
    return found


def may_give_away(*, is_owner: bool, manages: bool, works: bool, has_owner: bool) -> bool:
    """Whoever owns it or manages does; where nobody owns it, whoever works on the incident takes it."""
    return is_owner or manages or (works and not has_owner)


def may_publish(*, is_owner: bool, manages: bool) -> bool:
    return is_owner or manages
