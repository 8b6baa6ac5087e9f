"""Did that change, on that date, work?"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from analytics import compare, figures, response, words
from analytics.answer import TITLES, VERBS
from analytics.card import Card, Report, Scope, in_words
from analytics.tables import Tables

CUTS = (0.1, 0.2, 0.3, 0.5)
SIZES = (50, 100, 300, 1000)
METRICS: dict[str, Callable[..., pd.DataFrame]] = {
    "time_to_acknowledge": response.time_to_acknowledge,
    "time_to_resolve": response.time_to_resolve,
}
HOW = (
    "As many weeks after the date as there are, against as many before it. Log-rank test within severities, so"
    " that a milder mix does not pass for speed; the effect is the ratio of geometric means once all are over,"
    " else the difference of the means up to one day, each with its 95 % interval."
)


def did_it_improve(tables: Tables, scope: Scope, changed: str | None = None, *, seed: int = 20260105) -> Report:
    """Before and after `changed` (a date in the report's zone; by default the middle of the window)."""
    moment = _middle(scope) if changed is None else _moment(changed, scope.zone)
    sides = _sides(scope, moment)
    rows = []
    cards = []
    for metric in METRICS:
        before, after = (_measure(tables, metric, side) for side in sides)
        found = compare.compare(before, after)
        rows.append((metric, found))
        cards.append(_curves(metric, before, after, found, scope))
    resolved = [_measure(tables, "time_to_resolve", side) for side in sides]
    sd = compare.log_spread(pd.concat(resolved))
    cards += [_power(sd, min(len(response.counted(r)) for r in resolved), scope), _noise(sd, scope, seed)]
    date = words.day(moment, scope.zone)
    answer = f"Around {date}, {' and '.join(_verdict(metric, found) for metric, found in rows)}."
    return Report(
        "04_did_it_improve", f"Did the change of {date} work?", answer, scope.header, tuple(cards),
        tuple(_decide(metric, found, scope) for metric, found in rows),
    )  # fmt: skip


def _verdict(metric: str, found: compare.Comparison) -> str:
    """ "time to resolve shows no clear change (n 57 and 92)"."""
    title, sizes = TITLES[metric].lower(), f"n {found.n[0]:,} and {found.n[1]:,}"
    if found.kind == "too few to tell":
        return f"{title} has too few to tell ({sizes})"
    if not found.is_clear:
        return f"{title} shows no clear change ({sizes})"
    return f"{title} got {'shorter' if found.faster else 'longer'} ({sizes})"


def _curves(
    metric: str, before: pd.DataFrame, after: pd.DataFrame, found: compare.Comparison, scope: Scope
) -> Card:
    verb = VERBS[metric]
    sides = pd.concat(
        {"before": response.spoken(response.summary(before)), "after": response.spoken(response.summary(after))}
    )
    table = in_words(
        sides.droplevel(1),
        {
            "index": ("Period", "word"),
            "n": ("n", "count"),
            "still_open": ("Still open", "count"),
            "median": ("Median", "time"),
            "low": ("From", "time"),
            "high": ("To", "time"),
            "p90": ("p90", "time"),
        },
    )
    return Card(
        f"{metric.removeprefix('time_to_')}-before-after",
        found.sentence,
        f"Not yet {verb}: before and after",
        lambda theme: figures.two_curves(before, after, done=verb, theme=theme),
        table,
        scope.footer(found.n[0] + found.n[1], "incidents", before=found.n[0], after=found.n[1]),
        HOW,
    )


def _power(sd: float, have: int, scope: Scope) -> Card:
    known = not np.isnan(sd) and sd > 0
    needed = [compare.needed_n(sd, cut) if known else None for cut in CUTS]
    table = pd.DataFrame({"cut": list(CUTS), "n": needed})
    sentence = (
        f"To see a cut of 10 % four times in five takes {needed[0]:,} incidents on each side; we have {have:,}."
        if known else "Too few to tell how many it takes."
    )  # fmt: skip
    return Card(
        "needed",
        sentence,
        "Incidents needed on each side, by the size of the change",
        lambda theme: figures.needed_n(table, have=have, theme=theme),
        in_words(table, {"cut": ("Cut", "share"), "n": ("Needed on each side", "count")}),
        scope.footer(have, "incidents on the smaller side"),
        (
            f"2·(1.96 + 0.84)²·sd²/ln(1 − cut)², sd of ln(minutes) {sd:.2f}."
            if known
            else "Needs two that are over."
        ),
    )


def _noise(sd: float, scope: Scope, seed: int) -> Card:
    spread = 1.5 if np.isnan(sd) or sd <= 0 else sd
    found = [{"n": n, **compare.simulate_noise(n, spread, seed=seed)} for n in SIZES]
    table = pd.DataFrame(found)
    chance = table["plain means"].iloc[1]
    return Card(
        "noise",
        f"With 100 incidents a side, a mean looks worse in {words.share(chance)} of periods that got 10 %"
        " faster.",
        "The chance that an average looks worse although everything got 10 % faster",
        lambda theme: figures.simulate_noise(table, theme=theme),
        in_words(
            table,
            {
                "n": ("Incidents a side", "count"),
                "plain means": ("Plain means", "share"),
                "geometric means": ("Geometric means", "share"),
            },
        ),
        scope.footer(2000, "made-up periods"),
        f"Log-normal lengths with sd of ln(minutes) {spread:.2f}, 2,000 draws a size, seed {seed}. This is why"
        " we show no arrow.",
    )


def _decide(metric: str, found: compare.Comparison, scope: Scope) -> str:
    title = TITLES[metric]
    again = words.day(scope.window.until + (scope.window.until - scope.window.since), scope.zone)
    if found.kind == "too few to tell":
        return f"{title}: wait. Look again on {again}, when both sides may have 20."
    if not found.is_clear:
        return (
            f"{title}: keep it if it costs nothing, and look again on {again}. No difference was shown, which"
            " is not the same as none."
        )
    return f"{title}: {'keep the change' if found.faster else 'revert it, or find out what else changed'}."


def _measure(tables: Tables, metric: str, side: Scope) -> pd.DataFrame:
    rows = response.between(tables.incidents, side.window.since, side.window.until)
    return METRICS[metric](rows, as_of=side.as_of, events=tables.events)


def _sides(scope: Scope, moment: pd.Timestamp) -> tuple[Scope, Scope]:
    """Equal lengths on both sides of the date, inside the window; nothing where the date lies outside."""
    window = scope.window
    length = min(moment - window.since, min(window.until, window.as_of) - moment)
    length = max(length, pd.Timedelta(0))
    before = replace(window, since=moment - length, until=moment)
    return replace(scope, window=before), replace(
        scope, window=replace(window, since=moment, until=moment + length)
    )


def _middle(scope: Scope) -> pd.Timestamp:
    return scope.window.since + (min(scope.window.until, scope.as_of) - scope.window.since) / 2


def _moment(word: str, zone: str) -> pd.Timestamp:
    at = pd.Timestamp(word)
    return (at.tz_localize(zone) if at.tzinfo is None else at).tz_convert("UTC").as_unit("us")
