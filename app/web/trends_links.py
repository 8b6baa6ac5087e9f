"""What a figure's point leads to: the incidents or alerts behind it, in one tap; the table's first cell leads
there too.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import url_for

Lead = Callable[[str, int], str | None]
BY_WEEK = {
    "acknowledge-by-week": None,
    "resolve-by-week": None,
    "alerts-by-week": "alerts",
    "incidents-by-week": "incidents",
}
BY_SEVERITY = ("acknowledge-by-severity", "resolve-by-severity", "acknowledge-within", "resolve-within")
BY_SERVICE = ("degraded", "rate")
BY_RULE = ("quality", "never", "loudest", "flaps")
NO_SERVICE = "not written down"  # as `analytics.reports.budget` says it
LABEL = 22  # characters a figure shows of a name


def of(card: Mapping[str, Any], words: Mapping[str, Any], at: datetime) -> Lead:
    """What a cell of this card's table leads to, by its word and column; None for no lead."""
    ids, name = set(card["behind"]), card["name"]
    columns = {place for place, heading in enumerate(card["columns"]) if heading == "Incident"}

    def lead(word: str, place: int) -> str | None:
        if place in columns and word in ids:  # a count may well be the number of an incident
            return url_for("incidents.show", number=int(word)) if word.isdecimal() else None
        if place:
            return None
        if name in BY_WEEK and (week := _date(word)):
            kind = BY_WEEK[name] or words["of"]
            return _behind({**words, "of": kind}, at, week=week)
        if name in BY_SEVERITY:
            return _behind(words, at, only=word)
        if name == "handed-on" and word != "Reopened":
            return _behind({**words, "of": "incidents"}, at, hands=word)
        if name == "alerts-by-hour":  # of a cell the figure adds the hour
            return _behind({**words, "of": "alerts"}, at, day=word)
        if name in BY_SERVICE and word != NO_SERVICE:
            return _behind({**words, "of": "incidents", "service": word}, at)
        if name in BY_RULE:
            rule, _, target = word.partition(" · ")
            return _behind({**words, "of": "alerts"}, at, rule=rule, target=target or None)
        return None

    return lead


def labels(word: str) -> list[str]:
    """What a figure calls the row of `word`: a week by its date, a long name cut."""
    week = _date(word)
    return [week] if week else [word, word if len(word) <= LABEL else f"{word[: LABEL - 1]}…"]


def _date(word: str) -> str | None:
    """ "29 Dec 2025 (part of it)" or an ISO date as 2025-12-29."""
    said = word.partition(" (")[0]
    for form in ("%d %b %Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(said, form).date().isoformat()  # noqa: DTZ007 (a date, in no zone)
        except ValueError:
            continue
    return None


def _behind(words: Mapping[str, Any], at: datetime, **more: str | None) -> str:
    asked: dict[str, Any] = {"as_of": at.isoformat(), **words, **more}
    return url_for("trends.behind", **asked)
