"""What should this week's review talk about?"""

from typing import Any

import numpy as np
import pandas as pd

from analytics import change, figures, volume, words
from analytics import pager_load as load
from analytics.card import Card, Report, Scope, in_words
from analytics.tables import Tables

OLD = 7 * 1440.0
HOW = (
    "Counts by week in the report's zone; a week is unusual outside mean ± 2.66 mean moving ranges of the weeks"
    " before it."
)


def period_review(tables: Tables, scope: Scope) -> Report:
    """The weeks at a glance, what is unusual about the last one, and what has been open too long."""
    measures = _measures(tables, scope)
    unusual = _unusual(measures, tables, scope)
    cards = (_glance(measures, scope), _list(unusual, scope), ageing_card(tables, scope))
    topics = [str(word) for word in unusual["what"].head(3)]
    answer = (
        f"Talk about {words.listed(topics, 3)}." if topics
        else "Nothing is unusual about the last whole week; pick what hurts the people on call."
    )  # fmt: skip
    return Report(
        "01_period_review",
        "What should this week's review talk about?",
        answer,
        scope.header,
        cards,
        _decide(topics, cards[2]),
    )


def _measures(tables: Tables, scope: Scope) -> pd.DataFrame:
    """``week``, ``measure``, ``value`` of whole weeks."""
    woken = load.interruptions(tables.pages, as_of=scope.as_of, zone=scope.zone, people=tables.people)
    asleep = woken[woken["kind"] == "sleep"]
    parts = []
    for name, rows in (("Incidents", tables.incidents), ("Alerts", tables.alerts),
                       ("Woken", asleep.rename(columns={"at": "fired_at"}).assign(alert_id=""))):  # fmt: skip
        table = volume.weekly_counts(rows, **scope.span, zone=scope.zone, events=tables.events)
        whole = table[~table["partial"]]
        parts.append(
            pd.DataFrame({"week": whole["week"], "measure": name, "value": whole["n"].astype("float64")})
        )
    return pd.concat(parts, ignore_index=True)


def _unusual(measures: pd.DataFrame, tables: Tables, scope: Scope) -> pd.DataFrame:
    """What stands out in the last whole week, the furthest first: ``what``, ``last``, ``usual``, ``z``."""
    columns = ["what", "last", "usual", "z"]
    lines: list[dict[str, Any]] = []
    weeks = measures["week"].drop_duplicates()
    if len(weeks) < 6:
        return pd.DataFrame(columns=columns)
    series = {str(m).lower(): g["value"] for m, g in measures.groupby("measure", sort=False)}
    rows = scope.inside(tables.alerts, "fired_at")
    for rule, group in rows.groupby("rule", sort=True):
        table = volume.weekly_counts(group, **scope.span, zone=scope.zone)
        series[f"alerts of {rule}"] = table.loc[~table["partial"], "n"].astype("float64")
    for what, values in series.items():
        past, last = values.iloc[:-1], float(values.iloc[-1])
        limits = change.xmr(past)
        sigma = max(limits.spread / 1.128, np.sqrt(max(limits.centre, 1.0)))
        z = (last - limits.centre) / sigma
        if abs(z) > 3:
            lines.append(
                {
                    "what": f"{what} ({last:,.0f}, usually {limits.centre:,.0f})",
                    "last": last,
                    "usual": limits.centre,
                    "z": z,
                }
            )
    table = pd.DataFrame(lines, columns=columns)
    return table.reindex(table["z"].abs().sort_values(ascending=False).index)


def _glance(measures: pd.DataFrame, scope: Scope) -> Card:
    wide = (
        measures.pivot_table(index="week", columns="measure", values="value", sort=False)
        if len(measures)
        else pd.DataFrame()
    )
    last = ", ".join(f"{int(wide[m].iloc[-1])} {m.lower()}" for m in wide.columns) if len(wide) else ""
    day = "" if wide.empty else f"{wide.index[-1].day} {wide.index[-1]:%b}"
    return Card(
        "glance",
        f"The week of {day}: {last}." if last else "No whole week in this window.",
        "Incidents, alerts and nights by week",
        lambda theme: figures.multiples(measures, theme=theme),
        _weeks_in_words(wide),
        scope.footer(int(measures["value"].sum()), "events", whole_weeks=int(measures["week"].nunique())),
        HOW,
    )


def _weeks_in_words(wide: pd.DataFrame) -> pd.DataFrame:
    if wide.empty:
        return pd.DataFrame()
    newest = wide.iloc[::-1]
    weeks = [f"{week.day} {week:%b %Y}" for week in newest.index]
    return pd.DataFrame({"Week of": weeks, **{m: [f"{v:,.0f}" for v in newest[m]] for m in newest.columns}})


def _list(unusual: pd.DataFrame, scope: Scope) -> Card:
    sentence = (
        f"{words.count(len(unusual), 'thing')} stand out in the last whole week."
        if len(unusual)
        else "Nothing stands out in the last whole week."
    )
    return Card(
        "unusual",
        sentence,
        "What is unusual, the furthest first",
        None,
        in_words(
            unusual.head(10),
            {
                "what": ("What", "word"),
                "last": ("Last week", "count"),
                "usual": ("Usually", "number"),
                "z": ("Deviations", "number"),
            },
        ),
        scope.footer(len(unusual), "unusual"),
        HOW + " Rules are looked at one by one, so one in 300 stands out by chance.",
    )


def ageing_card(tables: Tables, scope: Scope) -> Card:
    """What is open, the oldest first."""
    waiting = volume.still_open(tables.incidents, as_of=scope.as_of, events=tables.events)
    old = waiting[waiting["minutes"] > OLD]
    sentence = (
        f"{words.count(len(waiting), 'incident')} are open, {len(old)} for over a week:"
        f" {words.listed([str(i) for i in old.index], 4)}."
        if len(old)
        else f"{words.count(len(waiting), 'incident')} are open, none for over a week."
    )
    named = waiting.join(tables.incidents.set_index("incident_id")["title"]).head(12)
    return Card(
        "ageing",
        sentence,
        "Open incidents, the oldest first",
        None,
        in_words(
            named,
            {
                "index": ("Incident", "word"),
                "title": ("Title", "word"),
                "severity": ("Severity", "word"),
                "minutes": ("Open for", "time"),
            },
        ),
        scope.footer(len(waiting), "open incidents"),
        "Open at the moment of this report, wherever they began.",
        behind={"open": tuple(str(i) for i in waiting.index)},
    )


def _decide(topics: list[str], ageing: Card) -> tuple[str, ...]:
    found = [f"What happened with {topic}?" for topic in topics]
    if "for over a week:" in ageing.sentence:
        found.append(f"{ageing.sentence} Whose are they, or are they over?")
    return tuple(found[:4]) or ("Pick three topics with the people on call; the numbers name none.",)
