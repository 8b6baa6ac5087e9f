"""Which alerts earn their page?"""

import pandas as pd

from analytics import figures, noise, words
from analytics.card import Card, Report, Scope, between, in_words, with_interval
from analytics.recommend import Recommendation, recommend
from analytics.tables import Tables

HOW_ACTIONED = (
    "Led to something: an incident, a human act beyond the acknowledgement (a note, another person, another"
    " severity), or the word “actionable”. The share is of those judged: acted on, given a word, or over"
    " without any human touch. q, under 10 %: the exact test that a tenth or more of a rule's alerts lead to"
    " something, by Benjamini–Hochberg, since many rules are looked at at once; if small, they do not."
)
HOW_SELF = "Ended by its source within m minutes, before any human act; what still fires is not self-resolved."
HOW_FLAPS = "Three or more fires of one rule and target within any 60 minutes."
HOW_LOUD = "Every alert of the window by its rule and target; Gini over the pairs."
LISTED = 12
HALF = 0.5
PLACES = (1, 2, 3, 5, 10, 20, 50, 100, 1000)  # of the loudest, in the table of how few make how much


def alert_quality(tables: Tables, scope: Scope) -> Report:
    """What came of each rule's alerts; what ends by itself; what flaps; what was never acted on."""
    alerts = scope.inside(tables.alerts, "fired_at")
    quality = noise.actioned_share(alerts, tables.events, as_of=scope.as_of, by="rule")
    quality = quality.sort_values("n", ascending=False)
    cards = (
        quality_card(quality, scope), self_resolve_card(alerts, scope), talkers_card(alerts, scope),
        few_card(alerts, scope), flaps_card(alerts, scope), never_card(quality, scope),
    )  # fmt: skip
    return Report(
        "05_alert_quality",
        "Which alerts earn their page?",
        cards[0].sentence,
        scope.header,
        cards,
        lambda: decisions(recommend(tables, scope)),
    )


def decisions(found: list[Recommendation]) -> tuple[str, ...]:
    """The recommendations as sentences; that there are none, where there are none."""
    said = tuple(f"{one.title}: {one.sentence} {one.cost}" for one in found[:6])
    return said or (
        "No rule stands out with enough evidence. Judge more alerts when they close, and look again.",
    )


def quality_card(quality: pd.DataFrame, scope: Scope) -> Card:
    """Volume against the share that led to something."""
    n, judged, acted = (int(quality[c].sum()) for c in ("n", "judged", "actioned"))
    low, high = noise.share_interval(acted, judged)
    if judged < 20:
        sentence = f"{words.count(n, 'alert')}, {judged} of them judged: too few to tell."
    else:
        sentence = (
            f"{words.share(acted / judged)} of {words.count(judged, 'judged alert')} led to something (95 %"
            f" interval {between(low, high, 'share')}); {words.share(1 - judged / n)} of all are not judged."
        )
    table = with_interval(quality, "share").assign(
        q=["under 0.001" if q < 0.001 else f"{q:.3f}" for q in noise.doubts(quality)],
    )
    return Card(
        "quality",
        sentence,
        "Rules by how often they fire and how often that led to something",
        (lambda theme: figures.actioned_share(quality, theme=theme)) if judged else None,
        in_words(
            table,
            {
                "index": ("Rule", "word"),
                "n": ("Alerts", "count"),
                "share": ("Led to something", "share"),
                "interval": ("95 % interval", "word"),
                "share_not_judged": ("Not judged", "share"),
                "q": ("q, under 10 %", "word"),
            },
        ),
        scope.footer(n, "alerts", judged=judged, not_judged=n - judged),
        HOW_ACTIONED,
        behind={str(rule): () for rule in quality.index},
    )


def self_resolve_card(alerts: pd.DataFrame, scope: Scope) -> Card:
    """How much would have gone away by waiting."""
    table = noise.self_resolved_share(alerts, as_of=scope.as_of)
    n = len(alerts)
    quarter = table[table["minutes"] == 15].iloc[0] if len(table) else None
    sentence = (
        f"{words.share(quarter['share'])} of {words.count(n, 'alert')} end by themselves within 15 minutes"
        f" (95 % interval {between(quarter['low'], quarter['high'], 'share')})."
        if quarter is not None and n >= 20
        else f"{words.count(n, 'alert')}: too few to tell what ends by itself."
    )
    shown = with_interval(table, "share")
    return Card(
        "self-resolve",
        sentence,
        "The share of alerts that ended by themselves within so many minutes",
        lambda theme: figures.self_resolved_share(table, theme=theme),
        in_words(
            shown,
            {
                "minutes": ("Within minutes", "count"),
                "k": ("Ended by itself", "count"),
                "share": ("Share", "share"),
                "interval": ("95 % interval", "word"),
            },
        ),
        scope.footer(n, "alerts"),
        HOW_SELF,
    )


def talkers_card(alerts: pd.DataFrame, scope: Scope) -> Card:
    """The loudest pairs of rule and target."""
    table = noise.top_talkers(alerts, as_of=scope.as_of)
    found = noise.concentration(alerts, as_of=scope.as_of)
    n = len(alerts)
    loudest = (
        f"{min(5, len(table))} of {len(table):,} pairs of rule and target make"
        f" {words.share(found['top_share'])} of all alerts (Gini {found['gini']:.2f})."
        if len(table) > 5
        else f"All {n:,} alerts come from {len(table)} pair{'' if len(table) == 1 else 's'} of rule and target."
    )
    sentence = loudest if n else "No alerts in this window."
    top = table.head(LISTED)
    return Card(
        "loudest",
        sentence,
        "Alerts by rule and target, the loudest first",
        (lambda theme: figures.top_talkers(top, theme=theme))
        if len(top) > 1  # one bar compares to nothing
        else None,
        in_words(
            top.assign(pair=noise.pair_names(top)),
            {
                "pair": ("Rule and target", "word"),
                "n": ("Alerts", "count"),
                "share": ("Of all", "share"),
                "running": ("Running", "share"),
            },
        ),
        scope.footer(n, "alerts", pairs=len(table)),
        HOW_LOUD,
    )


def few_card(alerts: pd.DataFrame, scope: Scope) -> Card:
    """From how few pairs of rule and target how much of it all comes."""
    table = noise.top_talkers(alerts, as_of=scope.as_of)
    found = noise.concentration(alerts, as_of=scope.as_of)
    n = len(table)
    half = int((table["running"] < HALF).sum()) + 1
    places = [place for place in PLACES if place <= n]
    sentence = (
        f"Half of all alerts come from {half:,} of {n:,} pairs of rule and target (Gini {found['gini']:.2f})."
        if n > 1
        else "There are no two pairs of rule and target to compare."
    )
    return Card(
        "few",
        sentence,
        "The share of all alerts that the loudest pairs of rule and target make",
        (lambda theme: figures.concentration(table, theme=theme)) if n > 1 else None,
        in_words(
            table.iloc[[place - 1 for place in places]].assign(pairs=places),
            {"pairs": ("The loudest", "count"), "running": ("Of all alerts", "share")},
        ),
        scope.footer(len(alerts), "alerts", pairs=n),
        HOW_LOUD,
    )


def flaps_card(alerts: pd.DataFrame, scope: Scope) -> Card:
    """What fires again and again."""
    table = noise.flapping(alerts, as_of=scope.as_of)
    n = int(table["in_flaps"].sum())
    sentence = (
        f"{words.count(len(table), 'target')} flapped: {words.count(n, 'alert')} came in bursts of three or"
        " more an hour."
        if n
        else "Nothing flapped."
    )
    top = table.head(LISTED)
    return Card(
        "flaps",
        sentence,
        "Rules and targets that flapped",
        (lambda theme: figures.flapping(top, theme=theme)) if len(top) > 1 else None,
        in_words(
            top.assign(pair=noise.pair_names(top)),
            {
                "pair": ("Rule and target", "word"),
                "fires": ("Fires", "count"),
                "in_flaps": ("In flaps", "count"),
            },
        ),
        scope.footer(len(alerts), "alerts"),
        HOW_FLAPS,
    )


def never_card(quality: pd.DataFrame, scope: Scope) -> Card:
    """Rules that never led to anything."""
    never = quality[(quality["actioned"] == 0) & (quality["n"] > 0)]
    sentence = (
        f"{words.count(len(never), 'rule')} never led to anything:"
        f" {words.listed([str(r) for r in never.index], 3)}."
        if len(never)
        else "Every rule that fired led to something at least once."
    )
    return Card(
        "never",
        sentence,
        "Rules that never led to anything",
        None,
        in_words(
            never,
            {
                "index": ("Rule", "word"),
                "n": ("Alerts", "count"),
                "judged": ("Judged", "count"),
                "high": ("At most, 95 %", "share"),
            },
        ),
        scope.footer(int(quality["n"].sum()), "alerts", rules=len(quality)),
        HOW_ACTIONED,
    )
