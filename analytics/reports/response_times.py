"""How long do we take, and which phase?"""

from typing import Any

import pandas as pd

from analytics import figures, milestones, paging, response, volume, words
from analytics.answer import TARGETS, TITLES, VERBS, Answer, Review, review
from analytics.card import Card, Report, Scope, between, in_words, with_interval
from analytics.decide import what_to_decide
from analytics.reports.handed_on import handed_on_card
from analytics.reports.trends import speed_card
from analytics.tables import Tables

HOW_PHASES = (
    "Medians of each phase where both its ends are known, with their interval: detect, acknowledge, diagnose"
    " (to mitigation), recover (to the resolve). Medians of phases do not add up, so they stand side by side."
)
HOW_WITHIN = (
    "1 − S(target): open past the target is missed, open before it is censored. Wilson's interval where nothing"
    " was censored before the target, else the curve's own; where that has none, at 0 and 100 %, Wilson's of"
    " those of which it is known."
)
HOW_LEGS = (
    "Our engine: from firing to the first page sent. The push service: sent to delivered. The person: delivered"
    " to answered, waiting until the alert was over. A page answered without a report of delivery is left out"
    " of its leg."
)
HOW_ESCALATED = (
    "Escalations by the moment of the report, over all alerts that fired in the window: by timeout where the"
    " next step of the policy or the last resort was asked because nobody of the step before took it or could"
    " be reached, by hand where a person did it. The sentence is of alerts: the share that was escalated at"
    " all, with Wilson's interval. The figure is of escalations, of which an alert may have several: their mean"
    " with its bootstrap interval (2,000 draws, a fixed seed)."
)
FEW = 6


def response_times(tables: Tables, scope: Scope, noun: str = "incident") -> Report:
    """Both halves of a response by week and by severity; of incidents phases, targets and hands, of alerts the
    legs of a page.
    """
    rows = tables.incidents if noun == "incident" else tables.alerts
    found = review(rows, scope.window.since, scope.window.until, scope.as_of, scope.zone, events=tables.events)
    both = (
        speed_card(found, "acknowledge"), severity_card(found, "acknowledge"), speed_card(found, "resolve"),
        severity_card(found, "resolve"),
    )  # fmt: skip
    if noun == "incident":
        more: tuple[Card, ...] = (
            phases_card(tables, scope), within_card(found.acknowledge, scope),
            within_card(found.resolve, scope), handed_on_card(tables, scope),
        )  # fmt: skip
    else:
        more = (legs_card(tables, scope), escalations_card(tables, scope))
    return Report(
        "02_response_times", "How long do we take?", found.sentence, scope.header, (*both, *more),
        tuple(what_to_decide(found)),
    )  # fmt: skip


def severity_card(found: Review, which: str) -> Card:
    """The share still waiting, by severity."""
    answer = getattr(found, which)
    return Card(
        f"{which}-by-severity",
        answer.severity_sentence,
        f"{answer.title}: the share still waiting, by severity",
        answer.curves,
        answer.severities_in_words(),
        answer.footer,
        answer.how_we_know,
    )


def phases_card(tables: Tables, scope: Scope) -> Card:
    """The phases side by side."""
    rows = response.between(tables.incidents, scope.window.since, scope.window.until)
    table = milestones.phase_shares(rows, as_of=scope.as_of, events=tables.events)
    said = table["median"].dropna()
    sentence = (
        f"The longest phase is {said.idxmax()}: half of them take up to {words.duration(float(said.max()))}."
        if len(said) else "Too few to tell the phases apart: each needs 6."
    )  # fmt: skip
    shown = with_interval(table, "time")
    covered = [f"{int(k)} of {int(n)}" for k, n in zip(table["known"], table["of"], strict=True)]
    return Card(
        "phases",
        sentence,
        "Each phase's median with its interval",
        (lambda theme: figures.phase_shares(table, theme=theme)) if len(said) else None,
        in_words(
            shown.assign(covered=covered),
            {
                "index": ("Phase", "word"),
                "median": ("Median", "time"),
                "interval": ("95 % interval", "word"),
                "p90": ("p90", "time"),
                "covered": ("Known", "word"),
            },
        ),
        scope.footer(int(table["of"].max()), "incidents"),
        HOW_PHASES,
    )


def within_card(answer: Answer, scope: Scope) -> Card:
    """The share over within the target of each severity."""
    metric = answer.metric
    table = response.share_within(answer.durations, TARGETS[metric])
    said = table[table["n"] >= 6]
    each = ", ".join(
        f"{name} {words.share(row['share'])} in {words.duration(row['target'])}"
        for name, row in said.iterrows()
    )
    sentence = (
        f"{VERBS[metric].capitalize()} within target: {each}."
        if each
        else "Too few to tell: each severity needs 6."
    )
    shown = with_interval(table, "share")
    return Card(
        f"{metric.removeprefix('time_to_')}-within",
        sentence,
        f"{TITLES[metric]}: the share within target",
        (lambda theme: figures.share_within(table, done=VERBS[metric], theme=theme)) if each else None,
        in_words(
            shown,
            {
                "index": ("Severity", "word"),
                "n": ("n", "count"),
                "target": ("Target", "time"),
                "share": ("Within", "share"),
                "interval": ("95 % interval", "word"),
            },
        ),
        scope.footer(int(table["n"].sum()), "incidents"),
        HOW_WITHIN,
    )


def legs_card(tables: Tables, scope: Scope) -> Card:
    """From firing to an answer, in three legs."""
    alerts = scope.inside(tables.alerts, "fired_at")
    durations = paging.time_to_page(alerts, tables.pages, as_of=scope.as_of)
    table = paging.by_leg(durations)
    each = ", ".join(
        f"{leg} {words.duration(float(row['median']))}"
        for leg, row in table.iterrows()
        if pd.notna(row["median"])
    )
    shown = with_interval(table, "time")
    return Card(
        "legs",
        f"From firing to an answer, medians: {each}." if each else "Too few pages to tell.",
        "The three legs of a page",
        (lambda theme: figures.time_to_page(durations, medians=table, theme=theme)) if each else None,
        in_words(
            shown,
            {
                "index": ("Leg", "word"),
                "n": ("n", "count"),
                "still_open": ("Still waiting", "count"),
                "median": ("Median", "time"),
                "interval": ("95 % interval", "word"),
                "p90": ("p90", "time"),
            },
        ),
        scope.footer(len(alerts), "alerts", pages=int(tables.pages["alert_id"].isin(alerts["alert_id"]).sum())),
        HOW_LEGS,
    )


def escalations_card(tables: Tables, scope: Scope) -> Card:
    """How often an alert went on to somebody else: because nobody took it in time, or by hand."""
    alerts = scope.inside(tables.alerts, "fired_at")
    table = volume.escalations(alerts, tables.events, as_of=scope.as_of)
    n, total = len(alerts), int(table["total"].sum())
    lines = table.to_dict("index")
    if n < FEW:
        sentence = f"{words.count(n, 'alert')}: too few to tell how often they are escalated."
    elif not total:
        sentence = f"None of {n:,} alerts was escalated."
    else:
        sentence = (
            f"Of a hundred alerts {_in_a_hundred(lines['by timeout'])} are escalated because nobody took them"
            f" in time, and {_in_a_hundred(lines['by hand'])} by hand."
        )
    shown = table.assign(
        interval=[between(a, b, "number") for a, b in zip(table["low"], table["high"], strict=True)]
    )
    return Card(
        "escalations",
        sentence,
        "Escalations an alert, by timeout and by hand",
        (lambda theme: figures.escalations(table, theme=theme)) if n >= FEW and total else None,
        in_words(
            shown.rename(index=str.capitalize),
            {
                "index": ("How", "word"),
                "total": ("Escalations", "count"),
                "mean": ("An alert", "number"),
                "interval": ("95 % interval", "word"),
                "k": ("Alerts", "count"),
                "share_1": ("Once", "share"),
                "share_2_or_more": ("Twice or more", "share"),
            },
        ),
        scope.footer(n, "alerts", escalations=total),
        HOW_ESCALATED,
    )


def _in_a_hundred(line: dict[Any, Any]) -> str:
    share, low, high = (words.amount(100 * line[name]) for name in ("share", "share_low", "share_high"))
    return f"{share} (95 % interval {low} to {high})"
