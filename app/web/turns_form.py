"""Turns of people as rows of a form: who is first, who is behind them."""

from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

MOST = 200  # layers, turns or hours in one form


@dataclass
class TurnRow:
    """One turn: who is first and who is behind them. `others` are further backups, which come along."""

    primary: str = ""
    backup: str = ""
    others: list[str] = field(default_factory=list)

    def people(self) -> list[str]:
        return [person for person in (self.primary, self.backup, *self.others) if person]


def turn_of(people: list[str]) -> TurnRow:
    """The row that shows a set of people."""
    return TurnRow(people[0] if people else "", people[1] if len(people) > 1 else "", people[2:])


def read_turns(fields: MultiDict[str, str], prefix: str) -> list[TurnRow]:
    """The turns whose fields begin with `prefix`."""
    primaries = fields.getlist(f"{prefix}-primary")[:MOST]
    backups, others = fields.getlist(f"{prefix}-backup"), fields.getlist(f"{prefix}-others")
    return [
        TurnRow(primary, _at(backups, number), _at(others, number).split())
        for number, primary in enumerate(primaries)
    ]


def number_or_text(text: str | None) -> Any:
    """The whole number, or the text itself where it is none, so that its problem can be told."""
    try:
        return int(str(text))
    except ValueError:
        return text or None


def count(text: str | None) -> int:
    """How many rows a form says it has; none where that is no number."""
    number = number_or_text(text)
    return max(0, min(number, MOST)) if isinstance(number, int) else 0


def _at(values: list[str], number: int) -> str:
    return values[number] if number < len(values) else ""
