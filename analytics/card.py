"""A card: one computed sentence, the figure that shows it, the table behind it, and how we know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics import words
from analytics.source import Window

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Draw = Callable[[str], "Figure"]


@dataclass(frozen=True)
class Card:
    """`name` is unique in its report. `draw` takes "light" or "dark". `table` is in words, as a person reads
    it.

    `about` says what the figure shows, for those who do not see it; `behind` are ids of what stands behind the
    figure, by the label of its point, for the app to lead there. `besides` is the end of `sentence` that is
    more than a heading should hold: where a sentence ends cannot be read from a full stop ("St. Louis").
    """

    name: str
    sentence: str
    about: str
    draw: Draw | None
    table: pd.DataFrame = field(repr=False)
    footer: str
    how_we_know: str
    behind: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    besides: str = ""

    @property
    def heading(self) -> str:
        """The sentence without what it says besides."""
        return self.sentence.removesuffix(self.besides).rstrip()

    def figure(self, theme: str = "light") -> "Figure":
        """The card's figure. Raises ``ValueError`` for a card that is a list only."""
        if self.draw is None:
            raise ValueError(f"{self.name} has no figure: its table is all there is")
        return self.draw(theme)


@dataclass(frozen=True)
class Report:
    """A question, its answer in one sentence, the cards that show it, and what to decide."""

    name: str
    question: str
    answer: str
    header: str
    cards: tuple[Card, ...]
    decided: Callable[[], tuple[str, ...]] | tuple[str, ...] = field(repr=False)

    @property
    def decide(self) -> tuple[str, ...]:
        """What to decide; computed when asked for, where that is dear."""
        return self.decided if isinstance(self.decided, tuple) else self.decided()

    def __getitem__(self, name: str) -> Card:
        for card in self.cards:
            if card.name == name:
                return card
        raise KeyError(f"{self.name} has no card {name!r}: it has {', '.join(c.name for c in self.cards)}")


@dataclass(frozen=True)
class Scope:
    """What a report is about: the window, the moment whose knowledge is used, the zone it speaks in."""

    window: Window
    zone: str

    @property
    def span(self) -> dict[str, Any]:
        """The bounds of the window as metrics take them."""
        return {"since": self.window.since, "until": self.window.until, "as_of": self.window.as_of}

    @property
    def as_of(self) -> pd.Timestamp:
        return self.window.as_of

    @property
    def weeks(self) -> float:
        """How many weeks of the window have passed by `as_of`."""
        return float((min(self.window.until, self.as_of) - self.window.since) / pd.Timedelta(days=7))

    @property
    def header(self) -> str:
        """ "12 Oct 2025 to 4 Jan 2026, Europe/Riga, as known on Mon 5 Jan 2026, 02:00 EET"."""
        since, until = words.day(self.window.since, self.zone), words.day(self.window.until, self.zone)
        return f"{since} to {until}, {self.zone}, as known on {words.moment(self.as_of, self.zone)}"

    def inside(self, rows: pd.DataFrame, column: str) -> pd.DataFrame:
        """The rows whose `column` lies in the window and before `as_of`."""
        at = rows[column]
        return rows[(at >= self.window.since) & (at < self.window.until) & (at < self.as_of)]

    def footer(self, n: int, noun: str, **counts: int) -> str:
        """n, further counts in words (their names with spaces for underscores), window, zone, as of."""
        named = {name: name.replace("_", " ") for name in counts}
        single = {
            name: "person" if word == "people" else word.removesuffix("s") for name, word in named.items()
        }
        more = [f"{k:,} {(single if k == 1 else named)[name]}" for name, k in counts.items()]
        since, until = words.day(self.window.since, self.zone), words.day(self.window.until, self.zone)
        parts = [f"n {n:,} {noun}", *more, f"{since} to {until}, {self.zone}"]
        return " · ".join([*parts, f"as of {words.moment(self.as_of, self.zone)}"])


def in_words(table: pd.DataFrame, columns: Mapping[str, tuple[str, str]]) -> pd.DataFrame:
    """A table of words: ``{column: (heading, kind)}``; kind is time, share, count, number, moment or word."""
    made: dict[str, Any] = {}
    for name, (heading, kind) in columns.items():
        values = table.index.to_series() if name == "index" else table[name]
        made[heading] = [_cell(value, kind) for value in values]
    return pd.DataFrame(made, columns=[heading for heading, _ in columns.values()], dtype="str")


def _cell(value: Any, kind: str) -> str:
    if pd.isna(value):
        return "–"
    match kind:
        case "time":
            return words.duration(float(value))
        case "share":
            return words.share(float(value))
        case "count":
            return f"{int(value):,}"
        case "number":
            return f"{float(value):,.2f}"
        case "yes":
            return "yes" if value else "no"
        case _:
            return str(value)


def between(low: Any, high: Any, kind: str) -> str:
    """An interval in words."""
    if pd.isna(low) and pd.isna(high):
        return "–"
    return words.interval(low, high) if kind == "time" else f"{_cell(low, kind)} to {_cell(high, kind)}"


def with_interval(table: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The table with its ``low`` and ``high`` in words as ``interval``."""
    said = [between(low, high, kind) for low, high in zip(table["low"], table["high"], strict=True)]
    return table.assign(interval=said)
