"""Does work come back, or go from hand to hand?"""

from typing import Any

import pandas as pd

from analytics import figures, volume, words
from analytics.card import Card, Scope, in_words, with_interval
from analytics.response import Moment
from analytics.tables import Tables

FEW = 6
HOW = (
    "How often somebody else took over an incident, up to the moment of the report: the mean with its bootstrap"
    " interval (2,000 draws, a fixed seed), and the share of incidents by how often, with Wilson's interval."
    " Reopened: opened again after it was resolved."
)


def handed_on_card(tables: Tables, scope: Scope) -> Card:
    """How often incidents change hands, and how many are opened again."""
    asked: dict[str, Any] = {"as_of": scope.as_of, "events": tables.events}
    rows = scope.inside(tables.incidents, "detected_at")
    times, again = volume.reassignments(rows, **asked), volume.reopen_rate(rows, **asked)
    table, n = volume.how_often(times, again), int(times["n"].iloc[0])
    shown = with_interval(table, "share")
    return Card(
        "handed-on",
        _sentence(len(volume.countable(rows, **asked)), n, times.iloc[0], again.iloc[0]),
        "How often incidents are handed on or reopened",
        (lambda theme: figures.reassignments(times, reopened=again, theme=theme)) if n >= FEW else None,
        in_words(
            shown,
            {
                "index": ("How often", "word"),
                "k": ("Incidents", "count"),
                "n": ("Of", "count"),
                "share": ("Share", "share"),
                "interval": ("95 % interval", "word"),
            },
        ),
        scope.footer(n, "incidents"),
        HOW,
    )


def behind(rows: pd.DataFrame, word: str, *, as_of: Moment, events: pd.DataFrame) -> pd.Index:
    """The ids of the incidents behind a row of the card, by its word; none behind a word that is none."""
    times = volume.handed_on(rows, as_of=as_of, events=events)
    found = {volume.HOW_OFTEN[tier]: which for tier, which in volume.tiers(times).items()}.get(word)
    return times.index[:0] if found is None else times.index[found]


def _sentence(all_of_them: int, n: int, mean: "pd.Series[float]", again: "pd.Series[float]") -> str:
    if all_of_them and not n:
        return (
            f"Of {words.count(all_of_them, 'incident')} the source does not tell how often they were handed on."
        )
    if not n:
        return "No incidents in this window, so none was handed on."
    if n < FEW:
        return f"{words.count(n, 'incident')}: too few to tell how often they are handed on."
    if not mean["mean"] and not again["n"]:
        return f"None of {n:,} incidents was handed on; {_reopened(again)}."
    if not mean["mean"] and not again["k"]:
        most = words.share(float(again["high"]))
        return f"None of {n:,} incidents was handed on or opened again (95 % interval up to {most} of them)."
    return (
        f"An incident is handed on {mean['mean']:.2g} times on average (95 % interval {mean['low']:.2g} to"
        f" {mean['high']:.2g}), and {_reopened(again)}."
    )


def _reopened(again: "pd.Series[float]") -> str:
    if not again["n"]:
        return "whether they are opened again the source does not tell"
    return f"{words.share(float(again['share']))} are opened again"
