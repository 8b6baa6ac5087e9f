"""What to change about alerts, each with its evidence and its backtest: fitted on the older two thirds of a
window, judged on the newest third. Nothing is applied by itself.
"""

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from analytics import backtest, noise, pager_load, words
from analytics.backtest import Backtest
from analytics.card import Scope
from analytics.intervals import upper_bound
from analytics.tables import Tables

WORTHLESS = noise.WORTHLESS  # a rule is let go when at most this share can have mattered
HOLDS = (5.0, 10.0, 15.0, 30.0)
DOMINATES = 0.5  # of a rule's alerts end by themselves within the hold
ENOUGH = 20
TOGETHER = 0.5  # Jaccard
LEVELS = {"critical", "error"}


@dataclass(frozen=True)
class Recommendation:
    """One change to consider. `key` names it for as long as its subject is the same; `draft` is the change as
    data.
    """

    kind: str  # demote, hold, group, raise
    subject: str
    title: str
    sentence: str
    cost: str
    evidence: dict[str, Any]
    draft: dict[str, Any]
    backtest: dict[str, Any]

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.subject}"

    def as_data(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


def recommend(tables: Tables, scope: Scope) -> list[Recommendation]:
    """The changes that the window's older two thirds suggest and its newest third bears out, the most pages
    first.
    """
    alerts = scope.inside(tables.alerts, "fired_at")
    alerts = alerts[alerts["rule"].notna()]
    cut = scope.window.since + (min(scope.window.until, scope.as_of) - scope.window.since) * 2 / 3
    older = noise.outcomes(alerts[alerts["fired_at"] < cut], tables.events, as_of=scope.as_of)
    newest = noise.outcomes(alerts[alerts["fired_at"] >= cut], tables.events, as_of=scope.as_of)
    woken = pager_load.told_of(tables, as_of=scope.as_of, zone=scope.zone)
    found: list[Recommendation] = []
    for rule, before in older.groupby("rule", sort=True):
        after = newest[newest["rule"] == rule]
        one = _demote(str(rule), before, after, woken, scope) or _hold(str(rule), before, after, woken, scope)
        found += [each for each in (one, _raise(str(rule), before, after, tables, scope)) if each is not None]
    found += _group(older, newest, woken, scope)
    return sorted(found, key=lambda one: (-one.backtest["pages_avoided"], one.key))


def _demote(
    rule: str, before: pd.DataFrame, after: pd.DataFrame, woken: pd.DataFrame | None, scope: Scope
) -> Recommendation | None:
    acted, n = int(before["actioned"].sum()), len(before)
    bound = upper_bound(acted, n)
    if (
        bound >= WORTHLESS
        or upper_bound(int(after["actioned"].sum()), len(after)) >= 0.5
        or after["actioned"].mean() > WORTHLESS
    ):
        return None
    test = backtest.drop(after, as_of=scope.as_of, disturbances=woken)
    return Recommendation(
        "demote",
        rule,
        f"Let “{rule}” page nobody",
        f"{acted} of {n:,} alerts led to anything; with 95 % confidence that is at most {words.share(bound)} of"
        " them.",
        _cost(test),
        {"n": n, "actioned": acted, "upper_bound": bound},
        {"rule": rule, "change": "low urgency, record only"},
        _judged(test),
    )


def _hold(
    rule: str, before: pd.DataFrame, after: pd.DataFrame, woken: pd.DataFrame | None, scope: Scope
) -> Recommendation | None:
    if len(before) < ENOUGH or after.empty:
        return None
    for minutes in HOLDS:
        quick = before["self_resolved"] & (before["lasted"] <= minutes)
        if quick.mean() < DOMINATES or before.loc[before["lasted"] < minutes, "incident_id"].notna().any():
            continue
        test = backtest.hold(after, minutes, as_of=scope.as_of, disturbances=woken)
        low, high = noise.share_interval(int(quick.sum()), len(before))
        return Recommendation(
            "hold", rule, f"Hold “{rule}” for {minutes:g} minutes",
            f"{words.share(float(quick.mean()))} of {len(before):,} alerts end by themselves within that (95 %"
            f" interval {words.share(low)} to {words.share(high)}).",
            _cost(test), {"n": len(before), "self_resolved": int(quick.sum()), "low": low, "high": high},
            {"rule": rule, "change": "hold", "minutes": minutes}, _judged(test),
        )  # fmt: skip
    return None


def _raise(
    rule: str, before: pd.DataFrame, after: pd.DataFrame, tables: Tables, scope: Scope
) -> Recommendation | None:
    known = tables.incidents[tables.incidents["detected_at"] < scope.as_of]
    bad = set(known.loc[known["severity"].isin(["SEV1", "SEV2"]), "incident_id"])
    quiet = ~before["severity"].isin(LEVELS)
    hits = before["incident_id"].isin(bad)
    if len(before) < 5 or not quiet.all() or not hits.all() or not after["incident_id"].isin(bad).all():
        return None
    return Recommendation(
        "raise",
        rule,
        f"Page at once for “{rule}”",
        f"All {len(before) + len(after)} alerts became a SEV1 or SEV2.",
        "It would page more, and nothing would be lost.",
        {"n": len(before)},
        {"rule": rule, "change": "high urgency"},
        {"n": len(after), "pages_avoided": 0, "avoided_asleep": 0, "lost": [], "delayed": [], "delay": 0.0},
    )


def _group(
    older: pd.DataFrame, newest: pd.DataFrame, woken: pd.DataFrame | None, scope: Scope
) -> list[Recommendation]:
    pairs = noise.cooccurrence(older, as_of=scope.as_of)
    found = []
    pair: Any
    for pair in pairs[pairs["jaccard"] >= TOGETHER].itertuples():
        both = newest[newest["rule"].isin([pair.first, pair.second])]
        # as if one rule on one target: what fires while the other is on, or soon after, is no page of its own
        test = backtest.regroup(
            both.assign(rule="group", target=both["service"]), 10.0, as_of=scope.as_of, disturbances=woken
        )
        subject = " + ".join(sorted([str(pair.first), str(pair.second)]))
        found.append(
            Recommendation(
                "group",
                subject,
                f"Group “{pair.first}” with “{pair.second}”",
                f"They fired together {pair.together} times ({words.share(pair.jaccard)} of all);"
                f" “{pair.first}” leads by {words.duration(pair.lag)}.",
                _cost(test),
                {"together": pair.together, "jaccard": pair.jaccard, "lift": pair.lift, "lag": pair.lag},
                {"rules": [pair.first, pair.second], "change": "group", "minutes": 10},
                _judged(test),
            )
        )
    return found


def _cost(test: Backtest) -> str:
    avoided = f"In the newest third it would have avoided {words.count(test.pages_avoided, 'page')}"
    asleep = f", {test.avoided_asleep} of them in sleep" if test.avoided_asleep else ""
    if not test.is_paged:
        asleep = f" ({backtest.NO_PAGES})"
    if test.lost:
        return (
            f"{avoided}{asleep}, and lost {words.count(len(test.lost), 'detection')}:"
            f" {words.listed(list(test.lost))}."
        )
    late = (
        f", each of {len(test.delayed)} detections {words.duration(test.delay)} later" if test.delayed else ""
    )
    return f"{avoided}{asleep}, and lost no detection{late}."


def _judged(test: Backtest) -> dict[str, Any]:
    return {
        "n": test.n,
        "kept": test.kept,
        "pages_avoided": test.pages_avoided,
        "avoided_asleep": test.avoided_asleep,
        "delay": test.delay,
        "delayed": list(test.delayed),
        "lost": list(test.lost),
    }
