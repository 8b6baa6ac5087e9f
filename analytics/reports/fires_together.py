"""What is one problem seen many times?"""

import pandas as pd

from analytics import figures, noise, words
from analytics.card import Card, Report, Scope, between, in_words
from analytics.tables import Tables

HOW = (
    "Two rules belong together when they fire in the same incident or within 10 minutes, 5 times or more."
    " Jaccard: of all times one of them fired. Lift: against what chance would give at their rates. Lag: the"
    " median, so the first leads."
)
HOW_MISSED = (
    "Recall, the other half of noise: incidents with no alert of theirs fired by the declaration. Wilson's"
    " interval."
)
STRONG = (0.3, 2.0)  # Jaccard, lift


def fires_together(tables: Tables, scope: Scope) -> Report:
    """Pairs of rules that fire together, who leads, and the groups they suggest."""
    alerts = scope.inside(tables.alerts, "fired_at")
    pairs = noise.cooccurrence(alerts, as_of=scope.as_of)
    groups = _groups(pairs)
    missed = noise.missed_by_alerts(
        scope.inside(tables.incidents, "detected_at"), tables.alerts, as_of=scope.as_of, events=tables.events
    )
    cards = (
        _matrix(pairs, alerts, scope),
        _lags(pairs, alerts, scope),
        _proposed(groups, alerts, scope),
        _missed(missed, scope),
        _missed_list(missed, scope),
    )
    answer = (
        f"{words.count(len(groups), 'group')} of rules fire together more than chance would have it."
        if groups
        else "No rules fire together often enough to be one problem seen twice."
    )
    decide = tuple(
        f"Make one grouping rule of {words.listed(group)}, or say why they are two problems."
        for group in groups
    )
    return Report(
        "08_fires_together",
        "What is one problem seen many times?",
        answer,
        scope.header,
        cards,
        decide or ("Nothing to group yet. Look again after the next large incident.",),
    )


def _matrix(pairs: pd.DataFrame, alerts: pd.DataFrame, scope: Scope) -> Card:
    top = pairs.head(12)
    first = top.iloc[0] if len(top) else None
    sentence = (
        f"{first['first']} and {first['second']} fired together most: {int(first['together'])} times"
        f" ({words.share(first['jaccard'])} of all, {first['lift']:.1f} times chance)."
        if first is not None else "No two rules fired together five times."
    )  # fmt: skip
    return Card(
        "matrix", sentence, "How often rules fire together",
        lambda theme: figures.cooccurrence(top, theme=theme), in_words(top, _COLUMNS),
        scope.footer(len(alerts), "alerts", pairs=len(pairs)), HOW,
    )  # fmt: skip


_COLUMNS = {
    "first": ("First", "word"), "second": ("Then", "word"), "together": ("Together", "count"),
    "jaccard": ("Jaccard", "share"), "lift": ("Lift", "number"), "lag": ("Lag", "time"),
}  # fmt: skip


def _lags(pairs: pd.DataFrame, alerts: pd.DataFrame, scope: Scope) -> Card:
    leads = pairs[pairs["lag"] > 0].head(8)
    leads = leads.set_index(
        pd.Index([f"{a} → {b}" for a, b in zip(leads["first"], leads["second"], strict=True)], name="pair")
    )
    sentence = (
        f"{leads['first'].iloc[0]} comes first, {leads['second'].iloc[0]} follows"
        f" {words.duration(leads['lag'].iloc[0])} later."
        if len(leads)
        else "No rule leads another."
    )
    return Card(
        "lags",
        sentence,
        "Who leads, and by how much",
        lambda theme: figures.ranked(
            leads, value="lag", title="Who leads, by the median lag", unit="time", theme=theme
        ),
        in_words(leads, _COLUMNS),
        scope.footer(len(alerts), "alerts"),
        HOW,
    )


def _proposed(groups: list[list[str]], alerts: pd.DataFrame, scope: Scope) -> Card:
    table = pd.DataFrame(
        {"group": [" + ".join(group) for group in groups], "rules": [len(group) for group in groups]}
    )
    sentence = f"{words.count(len(groups), 'group')} proposed." if groups else "No group is proposed."
    return Card(
        "groups",
        sentence,
        "Proposed groups",
        None,
        in_words(table, {"group": ("Rules", "word"), "rules": ("How many", "count")}),
        scope.footer(len(alerts), "alerts"),
        f"Pairs with Jaccard from {STRONG[0]:.0%} and lift from {STRONG[1]:g}, joined where they share a rule.",
    )


def _missed(table: pd.DataFrame, scope: Scope) -> Card:
    k, n = int(table["missed"].sum()), len(table)
    low, high = noise.share_interval(k, n)
    sentence = (
        f"{k} of {words.count(n, 'incident')} ({words.share(k / n)}, 95 % interval {words.share(low)} to"
        f" {words.share(high)}) had no alert before somebody declared them."
        if n >= 6
        else f"{words.count(n, 'incident')}: too few to tell what alerts miss."
    )
    shares = noise.missed_share(table, by="severity")
    return Card(
        "missed",
        sentence,
        "The share of incidents no alert told of, by severity",
        (lambda theme: figures.missed_by_alerts(table, theme=theme)) if shares["share"].notna().any() else None,
        in_words(
            shares.assign(
                interval=[
                    between(a, b, "share") if enough else "too few to tell"
                    for a, b, enough in zip(shares["low"], shares["high"], shares["share"].notna(), strict=True)
                ]
            ),
            {
                "index": ("Severity", "word"),
                "k": ("Missed", "count"),
                "n": ("Of", "count"),
                "share": ("Share", "share"),
                "interval": ("95 % interval", "word"),
            },
        ),
        scope.footer(n, "incidents"),
        HOW_MISSED,
    )


def _missed_list(table: pd.DataFrame, scope: Scope) -> Card:
    missed = table[table["missed"]].sort_values("detected_at", ascending=False)
    sentence = "An alert told of each incident first." if len(table) else "No incidents in this window."
    return Card(
        "missed-list",
        f"{missed['incident_id'].iloc[0]} is the newest of them." if len(missed) else sentence,
        "Incidents no alert told of, the newest first",
        None,
        in_words(
            missed.head(12),
            {"incident_id": ("Incident", "word"), "title": ("Title", "word"), "severity": ("Severity", "word")},
        ),
        scope.footer(len(missed), "incidents"),
        HOW_MISSED,
        behind={"missed": tuple(str(i) for i in missed["incident_id"])},
    )


def _groups(pairs: pd.DataFrame) -> list[list[str]]:
    strong = pairs[(pairs["jaccard"] >= STRONG[0]) & (pairs["lift"] >= STRONG[1])]
    groups: list[set[str]] = []
    for first, second in zip(strong["first"].astype("str"), strong["second"].astype("str"), strict=True):
        touching = [group for group in groups if first in group or second in group]
        merged = {first, second}.union(*touching)
        groups = [group for group in groups if group not in touching] + [merged]
    return [sorted(group) for group in groups]
