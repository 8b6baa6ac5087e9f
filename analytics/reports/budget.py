"""What did it cost users?"""

from math import ceil
from typing import Any

import pandas as pd

from analytics import figures, impact, words
from analytics.card import Card, Report, Scope, in_words
from analytics.lengths import IMPOSSIBLE
from analytics.tables import Tables

NO_SERVICE = "not written down"  # of which service it was
HOW = (
    "Degraded minutes are the union of the impacts, clipped to the window, each moment at the largest share of"
    " users hurt: two incidents at once do not make a day longer. Where nobody wrote the impact down, detection"
    " to mitigation stands for it. The budget is (1 − objective) × the window."
)


def budget(tables: Tables, scope: Scope, slo: float = impact.SLO) -> Report:
    """What each service's incidents spent of its budget, and which ones."""
    table = impact.budget_spent(tables.incidents, **scope.span, events=tables.events, slo=slo)
    inside = scope.inside(tables.incidents, "detected_at")
    cards = [_spent(table, scope, slo), degraded_card(tables, scope), _peak(inside, tables.events, scope)]
    if len(table):
        cards.insert(2, burn_card(tables, str(table.index[0]), float(table["budget"].iloc[0]), scope))
    over = [str(name) for name in table.index[table["spent"] > 1]]
    decide = (
        (f"Stop releases of {words.listed(over)} until the window has room again, or change the objective.",)
        if over else ("Budgets hold. Go on releasing.",)
    )  # fmt: skip
    return Report("09_budget", "What did it cost users?", cards[0].sentence, scope.header, tuple(cards), decide)


def _spent(table: pd.DataFrame, scope: Scope, slo: float) -> Card:
    over = int((table["spent"] > 1).sum())
    n, measured = int(table["n"].sum()), int(table["measured"].sum())
    sentence = (
        f"{over} of {words.count(len(table), 'service')} spent more than the budget of"
        f" {words.duration(table['budget'].iloc[0])} that {slo * 100:g} % allows;"
        f" {table.index[0]} spent the most."
        if len(table)
        else "No impact in this window, so nothing was spent."
    )
    return Card(
        "spent",
        sentence,
        "Budget spent by service",
        lambda theme: figures.budget_spent(table, theme=theme),
        in_words(
            table,
            {
                "index": ("Service", "word"),
                "spent": ("Spent, times the budget", "number"),
                "minutes": ("Degraded", "time"),
                "n": ("Incidents", "count"),
                "incidents": ("Which", "word"),
            },
        ),
        scope.footer(
            n, "incidents with impact", impact_written_down=measured, impact_taken_from_detection=n - measured
        ),
        HOW,
        behind={str(name): tuple(str(row["incidents"]).split(", ")) for name, row in table.iterrows()},
    )


def degraded_card(tables: Tables, scope: Scope) -> Card:
    """How long something was degraded, by service and in all; what overlaps counts once."""
    rows = impact.impacts(tables.incidents, **scope.span, events=tables.events)
    rows = rows.assign(service=rows["service"].fillna(NO_SERVICE))
    whole = impact.degraded_minutes(rows).iloc[0].to_dict()
    table = impact.degraded_minutes(rows, by="service").sort_values("minutes", ascending=False)
    n, measured = int(whole["incidents"]), int(whole["measured"])
    sentence = _degraded(float(whole["minutes"]), table, words.span(scope.weeks * 7))
    return Card(
        "degraded",
        sentence,
        "Degraded time by service",
        (lambda theme: figures.degraded_minutes(table, theme=theme))
        if len(table) > 1  # one bar compares to nothing
        else None,
        in_words(
            table,
            {
                "index": ("Service", "word"),
                "minutes": ("Degraded", "time"),
                "incidents": ("Incidents", "count"),
                "measured": ("Impact written down", "count"),
            },
        ),
        scope.footer(
            n, "incidents with impact", impact_written_down=measured, impact_taken_from_detection=n - measured
        ),
        HOW,
        behind={
            str(name): tuple(str(i) for i in group["incident_id"]) for name, group in rows.groupby("service")
        },
    )


def _degraded(minutes: float, table: pd.DataFrame, window: str) -> str:
    if table.empty:
        return "No impact in this window, so nothing was degraded."
    named = table.drop(index=NO_SERVICE, errors="ignore")
    long = f"was degraded for {words.duration(minutes)} in {window}, overlaps counted once"
    if named.empty:
        return f"Something {long}; of which service the source does not tell."
    if len(table) == 1:
        return f"{named.index[0]} {long}."
    most = words.duration(float(named["minutes"].iloc[0]))
    return f"Something {long}; {named.index[0]} the longest, {most}."


def burn_card(tables: Tables, service: str, minutes: float, scope: Scope) -> Card:
    """One service's budget, falling with each incident."""
    of_service = tables.incidents[tables.incidents["service"] == service]
    rows = impact.impacts(of_service, **scope.span, events=tables.events)
    steps = impact.burn_down(rows, budget=minutes, since=scope.window.since)
    left = float(steps["left"].iloc[-1])
    sentence = (
        f"{service} has {words.share(left)} of its budget of {words.duration(minutes)} left."
        if left >= 0
        else f"{service} spent {_spent_share(1 - left)} of its budget of {words.duration(minutes)}."
    )
    shown = steps[steps["incident_id"] != ""].assign(
        day=[words.moment(at, scope.zone) for at in steps.loc[steps["incident_id"] != "", "at"]]
    )
    return Card(
        "burn-down",
        sentence,
        f"What is left of the budget of {service}",
        lambda theme: figures.burn_down(
            steps, service=service, until=scope.window.until, zone=scope.zone, theme=theme
        ),
        in_words(
            shown,
            {"day": ("From", "word"), "incident_id": ("Incident", "word"), "left": ("Left before", "share")},
        ),
        scope.footer(len(rows), "incidents with impact"),
        HOW,
        behind={"burn": tuple(str(i) for i in rows["incident_id"])},
    )


def _spent_share(spent: float) -> str:
    """Of one overspent, in whole percent, rounded up: never as if it had just been kept."""
    return f"{ceil(round(spent * 100, 6)):,} %"


def _peak(rows: pd.DataFrame, events: pd.DataFrame, scope: Scope) -> Card:
    known: dict[str, Any] = {"as_of": scope.as_of, "events": events}
    most, when = impact.peak_concurrency(rows, **known)
    table, odd = impact.open_at_once(rows, **known), impact.impossible_spells(rows, **known)
    sentence = (
        f"At most {words.count(most, 'incident')} were open at once, on {words.moment(when, scope.zone)}."
        if when is not None else "No incident was open in this window."
    )  # fmt: skip
    shown = pd.DataFrame({"most": [most], "when": ["–" if when is None else words.moment(when, scope.zone)]})
    return Card(
        "peak",
        sentence,
        "How many incidents were open at once",
        (lambda theme: figures.peak_concurrency(table, zone=scope.zone, theme=theme)) if most else None,
        in_words(shown, {"most": ("Open at once", "count"), "when": ("Since", "word")}),
        scope.footer(len(rows) - len(odd), "incidents") + _left_out(odd),
        "Detection to resolve; where one ends as another starts, the end comes first. One that ended before it"
        " began is left out.",
    )


def _left_out(ids: list[str]) -> str:
    return f" · left out: {len(ids):,} {IMPOSSIBLE} ({words.listed(ids)})" if ids else ""
