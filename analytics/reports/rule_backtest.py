"""What would this rule have done?"""

import pandas as pd

from analytics import backtest, figures, pager_load, words
from analytics.card import Card, Report, Scope, in_words
from analytics.tables import Tables

HOLDS = (2.0, 5.0, 10.0, 15.0, 30.0)
QUIET = (15.0, 30.0, 60.0)
HOW_HOLD = (
    "A hold of d minutes keeps an alert only if it lasted that long (still firing: until now) and pages that"
    " much later. Lost: incidents none of whose alerts would have paged."
)
HOW_QUIET = "A rule and target pages again only if it fires more than w minutes after its last resolve."


def rule_backtest(tables: Tables, scope: Scope, rule: str | None = None, hold: float = 10.0) -> Report:
    """A hold on one rule's alerts (by default the one that interrupts most), and the same for all other
    lengths.
    """
    alerts = scope.inside(tables.alerts, "fired_at")
    woken = pager_load.told_of(tables, as_of=scope.as_of, zone=scope.zone)
    name = rule or _loudest(alerts, woken)
    chosen = alerts[alerts["rule"] == name] if name else alerts
    test = backtest.hold(chosen, hold, as_of=scope.as_of, disturbances=woken)
    cards = (_holds(chosen, woken, scope), _quiet(chosen, woken, scope), _lost(chosen, test, tables, scope))
    answer = _answer(name, hold, test)
    return Report(
        "06_rule_backtest",
        "What would this rule have done?",
        answer,
        scope.header,
        cards,
        (_decide(hold, test),),
    )


def _holds(alerts: pd.DataFrame, woken: pd.DataFrame | None, scope: Scope) -> Card:
    table = backtest.curve(alerts, HOLDS, as_of=scope.as_of, disturbances=woken)
    table = table if woken is not None else table.assign(asleep=float("nan"))
    best = table[(table["lost"] == 0) & (table["suppressed"] > 0)].tail(1)
    sentence = (
        f"A hold of {best['minutes'].iloc[0]:g} min is the longest that loses nothing; it holds back"
        f" {words.share(best['share_held'].iloc[0])} of alerts."
        if len(best) else "No hold avoids a page without losing a detection."
    )  # fmt: skip
    return Card(
        "holds", sentence, "Alerts held back and detections lost, by the length of the hold",
        lambda theme: figures.trade_off(table, theme=theme),
        in_words(table, {"minutes": ("Hold, min", "count"), "kept": ("Alerts kept", "count"),
                         "pages_avoided": ("Pages avoided", "count"), "asleep": ("In sleep", "count"),
                         "delayed": ("Delayed", "count"), "lost": ("Lost", "count")}),
        scope.footer(len(alerts), "alerts"), HOW_HOLD,
    )  # fmt: skip


def _quiet(alerts: pd.DataFrame, woken: pd.DataFrame | None, scope: Scope) -> Card:
    found = [backtest.regroup(alerts, w, as_of=scope.as_of, disturbances=woken) for w in QUIET]
    table = pd.DataFrame(
        {
            "minutes": list(QUIET),
            "kept": [t.kept for t in found],
            "pages_avoided": [t.pages_avoided for t in found],
            "asleep": [float("nan") if woken is None else t.avoided_asleep for t in found],
            "lost": [len(t.lost) for t in found],
        }
    )
    return Card(
        "quiet",
        f"One page until 30 min of quiet would have avoided {words.count(found[1].pages_avoided, 'page')}"
        f" and lost {words.count(len(found[1].lost), 'detection')}.",
        "One page until so many minutes of quiet",
        None,
        in_words(
            table,
            {
                "minutes": ("Quiet, min", "count"),
                "kept": ("Alerts kept", "count"),
                "pages_avoided": ("Pages avoided", "count"),
                "asleep": ("In sleep", "count"),
                "lost": ("Lost", "count"),
            },
        ),
        scope.footer(len(alerts), "alerts"),
        HOW_QUIET,
    )


def _lost(alerts: pd.DataFrame, test: backtest.Backtest, tables: Tables, scope: Scope) -> Card:
    rows = tables.incidents[tables.incidents["incident_id"].isin(test.lost)]
    sentence = f"{test.rule.capitalize()} loses {words.count(len(test.lost), 'detection')}"
    sentence += f": {words.listed(list(test.lost))}." if test.lost else "."
    return Card(
        "lost",
        sentence,
        "Detections that would have been lost",
        None,
        in_words(
            rows,
            {"incident_id": ("Incident", "word"), "title": ("Title", "word"), "severity": ("Severity", "word")},
        ),
        scope.footer(len(alerts), "alerts"),
        HOW_HOLD,
        behind={"lost": test.lost},
    )


def _answer(name: str, hold: float, test: backtest.Backtest) -> str:
    if not test.n:
        return "No alert of this rule in this window, so there is nothing to judge it by."
    pages = words.count(test.pages_avoided, "page")
    asleep = f"{test.avoided_asleep} in sleep"
    avoided = f"{pages} ({asleep if test.is_paged else backtest.NO_PAGES})"
    lost = "no detection" if not test.lost else f"{words.count(len(test.lost), 'detection')}"
    return (
        f"Holding “{name}” for {hold:g} min would have avoided {avoided}, lost {lost}, and made"
        f" {len(test.delayed)} later by {hold:g} min."
    )


def _decide(hold: float, test: backtest.Backtest) -> str:
    if not test.n:
        return "Nothing yet: choose a rule that fired, or a wider window."
    if test.lost:
        return (
            f"Not with {hold:g} min: {words.listed(list(test.lost))} would have been missed. Try a shorter"
            " hold."
        )
    if not test.pages_avoided:
        return "It would have changed nothing. Leave the rule as it is."
    return (
        f"Adopt it with this page as its evidence, or say why the {len(test.delayed)} later detections are too"
        " dear."
    )


def _loudest(alerts: pd.DataFrame, woken: pd.DataFrame | None) -> str:
    """The rule that interrupts most; where nobody was, the one that fires most."""
    paged = alerts if woken is None else alerts[alerts["alert_id"].isin(woken["alert_id"])]
    counts = (paged if len(paged) else alerts)["rule"].value_counts()
    return str(counts.index[0]) if len(counts) else ""
