"""The other lengths of an incident: to each milestone, the mean of its first day, in working hours."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from analytics import figures, hours, means, milestones, response, words
from analytics.answer import Answer, review
from analytics.card import Card, Report, Scope, in_words, with_interval
from analytics.decide import what_to_decide
from analytics.tables import Tables

HOW_CLOCKS = (
    "The same incidents on two clocks: every minute from detection to the resolve, and those from 08:00 to"
    " 18:00 on weekdays, {zone}. The second says what a team that works then could have done, and never stands"
    " for the first: users hurt at night as well. Open ones have lasted at least that long on either."
)
HOW_MEAN = (
    "The restricted mean: the area under the curve of those still open, up to 24 h. Finite, with what is open"
    " in it, and comparable between periods, which a plain mean is not."
)
HOW_MILESTONES = (
    "From detection to each milestone, and from the start of the impact to its end. Where a reviewer did not"
    " write one down it is not known, and left out: k of n says of how many it is. The first hour's responders"
    " are together when the last of them has joined; needs two."
)
MILESTONES: dict[str, Callable[..., pd.DataFrame]] = {
    "Declared": milestones.time_to_declare,
    "Mobilised": milestones.time_to_mobilise,
    "Mitigated": milestones.time_to_mitigate,
    "Impact lasted": milestones.time_to_restore,
}
BY_ITSELF = "Mobilised"  # read from who joined, and of one responder there is none: nobody could write it down


def lengths(tables: Tables, scope: Scope) -> Report:
    """How long until each milestone; the time to resolve on two clocks, and its mean."""
    span = (scope.window.since, scope.window.until, scope.as_of, scope.zone)
    found = review(tables.incidents, *span, events=tables.events)
    known = _milestones(tables, scope)
    cards = (milestones_card(known, scope), clocks_card(found.resolve, scope), mean_card(found.resolve))
    enough = response.how_much_we_say(int(known["of"].max())).median
    decided = (_decide(known),) if enough else tuple(what_to_decide(found))
    return Report("lengths", "How long does each part take?", cards[0].sentence, scope.header, cards, decided)


def _decide(known: pd.DataFrame) -> str:
    known = known.drop(index=BY_ITSELF)
    least = str((known["k"] / known["of"].where(known["of"] > 0)).idxmin())
    k, n = (int(known[name][least]) for name in ("k", "of"))
    if k == n:
        return (
            "Every milestone is written down. Choose the one to shorten: mitigation is when users stop hurting."
        )
    return f"“{least}” is known of {k:,} of {words.count(n, 'incident')}: write its times down at the review."


def clocks_card(answer: Answer, scope: Scope) -> Card:
    """The time to resolve on the wall clock and, beside it, inside working hours."""
    clocks = hours.both_clocks(answer.durations, zone=scope.zone)
    table = hours.by_clock(clocks)
    wall, worked = (table["median"].get(clock) for clock in (hours.WALL_CLOCK, hours.WORKING_HOURS))
    return Card(
        "both-clocks",
        _clocks(wall, worked, answer.noun),
        "Time to resolve on the wall clock and inside working hours",
        None
        if pd.isna(wall) or pd.isna(worked)
        else lambda theme: figures.business_minutes(clocks, medians=table, theme=theme),
        in_words(
            with_interval(table, "time"),
            {
                "index": ("Clock", "word"),
                "n": ("n", "count"),
                "still_open": ("Still open", "count"),
                "median": ("Median", "time"),
                "interval": ("95 % interval", "word"),
                "p90": ("p90", "time"),
            },
        ),
        answer.footer,
        HOW_CLOCKS.format(zone=scope.zone),
    )


def _clocks(wall: Any, worked: Any, noun: str) -> str:
    if pd.isna(wall) or pd.isna(worked):
        return "Too few to tell how much of it fell into working hours."
    return (
        f"Half of the {noun}s are resolved within {words.duration(wall)} on the wall clock; of working hours"
        f" alone, within {words.duration(worked)}."
    )


def mean_card(answer: Answer) -> Card:
    """The honest average by severity."""
    table = means.restricted_mean(answer.durations, by="severity")
    said = table[table["low"].notna()]["mean"]
    each = ", ".join(f"{name} {words.duration(float(mean))}" for name, mean in said.items())
    return Card(
        "resolve-mean",
        f"Mean of the first 24 h: {each}." if each else "Too few for a mean: each severity needs 6.",
        "The mean of the first 24 h, by severity",
        (lambda theme: figures.restricted_mean(table, theme=theme)) if each else None,
        in_words(
            with_interval(table, "time"),
            {
                "index": ("Severity", "word"),
                "n": ("n", "count"),
                "mean": ("Mean of 24 h", "time"),
                "interval": ("95 % interval", "word"),
            },
        ),
        answer.footer,
        HOW_MEAN,
    )


def _milestones(tables: Tables, scope: Scope) -> pd.DataFrame:
    """Of each milestone what may be said, and of how many (``k`` of ``of``) it is known."""
    rows = response.between(tables.incidents, scope.window.since, scope.window.until)
    lines = {}
    for name, measure in MILESTONES.items():
        durations = measure(rows, events=tables.events, as_of=scope.as_of)
        k, n = milestones.coverage(durations)
        lines[name] = {**response.spoken(response.summary(durations)).iloc[0].to_dict(), "k": k, "of": n}
    return pd.DataFrame.from_dict(lines, orient="index")


def milestones_card(known: pd.DataFrame, scope: Scope) -> Card:
    """How long until each milestone, where it was written down."""
    said = known["median"].dropna()
    each = ", ".join(f"{str(name).lower()} {words.duration(float(minutes))}" for name, minutes in said.items())
    covered = [f"{int(k):,} of {int(n):,}" for k, n in zip(known["k"], known["of"], strict=True)]
    return Card(
        "milestones",
        f"Half of them, where known, within: {each}."
        if each
        else "Too few milestones are written down to tell.",
        "How long until each milestone, and how long the impact lasted",
        (
            lambda theme: figures.intervals(
                known, value="median", title="Milestones", unit="time", dot="median", theme=theme
            )
        )
        if each
        else None,
        in_words(
            with_interval(known, "time").assign(covered=covered),
            {
                "index": ("Milestone", "word"),
                "still_open": ("Still open", "count"),
                "median": ("Median", "time"),
                "interval": ("95 % interval", "word"),
                "p90": ("p90", "time"),
                "covered": ("Known", "word"),
            },
        ),
        scope.footer(int(known["of"].max()), "incidents"),
        HOW_MILESTONES,
    )
