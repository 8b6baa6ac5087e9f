"""Which alerts earn their page: what came of them, what ended by itself, what fires again and again, or
together.
"""

from typing import Any

import numpy as np
import pandas as pd

from analytics import words
from analytics.change import false_discoveries, gini
from analytics.intervals import share_interval as share_interval
from analytics.response import NOT_HUMAN, Moment, how_much_we_say, known_rows, looked_up, minutes_between
from analytics.volume import countable

#: what a person does to an alert beyond saying "I have it"
ACTIONS = ("promoted", "reassigned", "escalated", "severity_changed", "noted")
MINUTES = (5, 10, 15, 30, 60)
FLAP, FLAP_WINDOW = 3, pd.Timedelta(minutes=60)
TOGETHER = pd.Timedelta(minutes=10)
ENOUGH = 5
WORTHLESS = 0.10  # a rule of which less than this leads to something is not worth its page
UNWRITTEN = "not written down"  # of which severity it was
NONE_FIRED, NONE_JUDGED = "no alert had fired", "none was judged"


def outcomes(alerts: pd.DataFrame, events: pd.DataFrame | None = None, *, as_of: Moment) -> pd.DataFrame:
    """Per alert that had fired by `as_of`: its columns as known then, and ``actioned``, ``judged``,
    ``self_resolved``.

    Actioned: it led to an incident, to a human act beyond the acknowledgement, or somebody called it
    actionable. Judged: actioned, or somebody gave it another word, or it was over without any human touch.
    What a human acknowledged and nobody said a word about is not judged.
    """
    known = known_rows(alerts, as_of, events)
    rows = known.rows
    acknowledged = known.moment("acknowledged_at").notna() & ~known.text("acknowledged_by").isin(NOT_HUMAN)
    resolved = known.moment("resolved_at")
    by = known.text("resolved_by")
    by_source = resolved.notna() & ((by == "source") | (by.isna() & ~acknowledged))
    acted = pd.Series(False, index=rows.index)
    if events is not None:
        human = events[events["kind"].isin(ACTIONS) & events["actor"].notna() & (events["at"] <= known.as_of)]
        acted = rows["alert_id"].isin(human["alert_id"])
    word = rows["usefulness"].astype("str").where(rows["usefulness"].notna())
    actioned = (
        (rows["incident_id"].notna() & ~_linked_later(rows, events, known.as_of))
        | acted
        | (word == "actionable")
    )
    untouched = by_source & ~acknowledged
    return rows.assign(
        resolved_at=resolved,
        lasted=minutes_between(rows["fired_at"], resolved),
        actioned=actioned,
        judged=actioned | word.notna() | untouched | (resolved.notna() & (by == "timeout")),
        self_resolved=untouched,
    )


def _linked_later(rows: pd.DataFrame, events: pd.DataFrame | None, as_of: pd.Timestamp) -> "pd.Series[Any]":
    """Which alerts became incidents after `as_of`, where `events` date it."""
    if events is None or "alert_id" not in events:
        return pd.Series(False, index=rows.index)
    later = events.loc[(events["at"] > as_of) & (events["kind"] == "promoted"), "alert_id"]
    return rows["alert_id"].isin(later.dropna())


def actioned_share(
    alerts: pd.DataFrame, events: pd.DataFrame | None = None, *, as_of: Moment, by: str | None = None
) -> pd.DataFrame:
    """Alerts that led to something of all judged, with Wilson's interval; ``n``, ``judged``,
    ``share_not_judged`` beside.
    """
    table = outcomes(alerts, events, as_of=as_of)
    groups = {"all": table} if by is None else {str(k): g for k, g in table.groupby(by, sort=True)}
    lines = {}
    for name, group in groups.items():
        n, judged, k = len(group), int(group["judged"].sum()), int(group["actioned"].sum())
        low, high = share_interval(k, judged)
        lines[name] = {
            "n": n,
            "judged": judged,
            "actioned": k,
            "share": k / judged if judged else float("nan"),
            "low": low,
            "high": high,
            "share_not_judged": 1 - judged / n if n else float("nan"),
            "why": "" if judged else NONE_JUDGED if n else NONE_FIRED,
        }
    columns = ["n", "judged", "actioned", "share", "low", "high", "share_not_judged", "why"]
    return pd.DataFrame.from_dict(lines, orient="index", columns=columns).rename_axis(by or "group")


def doubts(shares: pd.DataFrame, *, limit: float = WORTHLESS) -> "pd.Series[float]":
    """Of each line of `actioned_share`: q, Benjamini–Hochberg's, of the exact test that `limit` or more of its
    judged alerts lead to something. Small: they do not, and not because many rules were looked at at once.
    """
    from scipy import stats

    p = [float(stats.binom.cdf(k, n, limit)) for k, n in zip(shares["actioned"], shares["judged"], strict=True)]
    return pd.Series(false_discoveries(p), index=shares.index, dtype="float64")


def self_resolved_share(
    alerts: pd.DataFrame, *, as_of: Moment, minutes: tuple[int, ...] = MINUTES, by: str | None = None
) -> pd.DataFrame:
    """The share of alerts that their source ended within m minutes before any human act; what still fires is
    not.
    """
    table = outcomes(alerts, as_of=as_of)
    groups = {"all": table} if by is None else {str(k): g for k, g in table.groupby(by, sort=True)}
    lines = []
    for name, group in groups.items():
        for limit in minutes:
            k = int((group["self_resolved"] & (group["lasted"] <= limit)).sum())
            low, high = share_interval(k, len(group))
            share = k / len(group) if len(group) else float("nan")
            lines.append({
                by or "group": name, "minutes": limit, "k": k, "n": len(group), "share": share, "low": low,
                "high": high, "why": words.why_not(share, NONE_FIRED),
            })  # fmt: skip
    return pd.DataFrame(lines, columns=[by or "group", "minutes", "k", "n", "share", "low", "high", "why"])


def flapping(alerts: pd.DataFrame, *, as_of: Moment) -> pd.DataFrame:
    """Rule and target that fired 3 or more times within any 60 minutes: ``fires`` in all, ``in_flaps`` of
    them.
    """
    rows = _with_key(known_rows(alerts, as_of).rows).sort_values(["key", "fired_at"], kind="stable")
    at, key = rows["fired_at"], rows["key"]
    group = at.groupby(key, sort=False)
    # the third of three is at most an hour after the first
    closes = (at - group.shift(FLAP - 1)) <= FLAP_WINDOW
    inside = closes.copy()
    for back in range(1, FLAP):
        inside |= closes.groupby(key, sort=False).shift(-back, fill_value=False)
    table = rows.assign(inside=inside).groupby(["rule", "target"], dropna=False, sort=False)
    found = table.agg(fires=("inside", "size"), in_flaps=("inside", "sum")).reset_index()
    return found[found["in_flaps"] > 0].sort_values(
        "in_flaps", ascending=False, kind="stable", ignore_index=True
    )


def top_talkers(alerts: pd.DataFrame, *, as_of: Moment) -> pd.DataFrame:
    """Alerts by rule and target, the most first: ``n``, ``share``, ``running`` (share of this and those
    above).
    """
    rows = known_rows(alerts, as_of).rows
    counts = rows.groupby(["rule", "target"], dropna=False).size().rename("n").reset_index()
    counts = counts.sort_values(["n", "rule", "target"], ascending=[False, True, True], ignore_index=True)
    total = counts["n"].sum()
    return counts.assign(share=counts["n"] / total, running=counts["n"].cumsum() / total)


def concentration(alerts: pd.DataFrame, *, as_of: Moment, top: int = 5) -> dict[str, Any]:
    """How unevenly alerts fall: the share of the `top` rule and target pairs, and Gini over all that fired."""
    table = top_talkers(alerts, as_of=as_of)
    if table.empty:
        return {"pairs": 0.0, "top_share": float("nan"), "gini": float("nan"), "why": NONE_FIRED}
    share = float(table["n"].head(top).sum() / table["n"].sum())
    return {"pairs": float(len(table)), "top_share": share, "gini": gini(table["n"]), "why": ""}


def cooccurrence(alerts: pd.DataFrame, *, as_of: Moment) -> pd.DataFrame:
    """Pairs of rules that fire in the same incident or within 10 minutes of each other, 5 times or more.

    ``together``: how often the rarer one fired with the other; ``jaccard``: of all times one of them fired;
    ``lift``: against what chance would give at their rates; ``lag``: median minutes from ``first`` to
    ``second``, so that ``first`` leads.
    """
    rows = known_rows(alerts, as_of).rows
    rows = rows[rows["rule"].notna()].sort_values("fired_at", kind="stable").reset_index(drop=True)
    columns = ["first", "second", "together", "jaccard", "lift", "lag"]
    if len(rows) < 2:
        return pd.DataFrame(columns=columns)
    pairs = _pairs(rows)
    if pairs.empty:
        return pd.DataFrame(columns=columns)
    fires = {str(rule): int(n) for rule, n in rows["rule"].value_counts().items()}
    span = max((rows["fired_at"].iloc[-1] - rows["fired_at"].iloc[0]) / TOGETHER, 1.0)
    lines = []
    for (a, b), group in pairs.groupby(["a", "b"], sort=True):
        together = min(group["i"].nunique(), group["j"].nunique())
        if together < ENOUGH:
            continue
        n_a, n_b, lag = fires[str(a)], fires[str(b)], float(group["lag"].median())
        first, second = (a, b) if lag >= 0 else (b, a)
        lines.append(
            {
                "first": first,
                "second": second,
                "together": together,
                "jaccard": together / (n_a + n_b - together),
                "lift": together / max(n_a * n_b * 2 / span, 1e-12),
                "lag": abs(lag),
            }
        )
    table = pd.DataFrame(lines, columns=columns)
    return table.sort_values(["together", "jaccard"], ascending=False, kind="stable", ignore_index=True)


def _pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """Every two fires of different rules that belong together: their places, rules in order of name, lag in
    minutes.
    """
    at = rows["fired_at"].astype("int64").to_numpy()
    last = np.searchsorted(at, at + TOGETHER // pd.Timedelta(microseconds=1), side="right")
    reach = last - np.arange(len(at)) - 1
    i = np.repeat(np.arange(len(at)), reach)
    j = i + 1 + np.arange(len(i)) - np.repeat(np.cumsum(reach) - reach, reach)
    near = pd.DataFrame({"i": i, "j": j})
    inside = rows.loc[rows["incident_id"].notna(), ["incident_id"]].reset_index()
    same = inside.merge(inside, on="incident_id").query("index_x < index_y")
    linked = pd.DataFrame({"i": same["index_x"], "j": same["index_y"]})
    both = pd.concat([near, linked]).drop_duplicates()
    rule = rows["rule"].to_numpy()
    a, b = rule[both["i"]], rule[both["j"]]
    lag = (at[both["j"]] - at[both["i"]]) / 60e6
    swap = a > b
    table = pd.DataFrame({
        "i": np.where(swap, both["j"], both["i"]), "j": np.where(swap, both["i"], both["j"]),
        "a": np.where(swap, b, a), "b": np.where(swap, a, b), "lag": np.where(swap, -lag, lag),
    })  # fmt: skip
    return table[table["a"] != table["b"]]


def missed_by_alerts(
    incidents: pd.DataFrame, alerts: pd.DataFrame, *, as_of: Moment, events: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Incidents that no alert told of before somebody declared them: one row per incident with ``missed``."""
    rows = countable(incidents, as_of=as_of, events=events)
    first = known_rows(alerts, as_of).rows.groupby("incident_id")["fired_at"].min()
    told = looked_up(rows["incident_id"], first)
    declared = rows["declared_at"].fillna(rows["detected_at"])
    columns = ["incident_id", "title", "service", "severity", "detected_at"]
    return rows[columns].assign(missed=~(told <= declared)).reset_index(drop=True)


def missed_share(table: pd.DataFrame, *, by: str) -> pd.DataFrame:
    """Of `missed_by_alerts` by group: ``k`` of ``n``, and of six or more the share with Wilson's interval.
    Those of no group are one of their own.
    """
    lines = {}
    for name, group in table.groupby(table[by].fillna(UNWRITTEN), sort=True):
        k, n = int(group["missed"].sum()), len(group)
        share, (low, high) = k / n, share_interval(k, n)
        if not how_much_we_say(n).median:
            share = low = high = float("nan")
        lines[str(name)] = {"k": k, "n": n, "share": share, "low": low, "high": high}
    columns = ["k", "n", "share", "low", "high"]
    return pd.DataFrame.from_dict(lines, orient="index", columns=columns).rename_axis(by)


def pair_names(table: pd.DataFrame) -> list[str]:
    """ "Disk is full · db-1" for each row with ``rule`` and ``target``; the rule alone, where there is no
    target.
    """
    both = zip(table["rule"], table["target"], strict=True)
    return [f"{rule} · {target}" if isinstance(target, str) else str(rule) for rule, target in both]


def _with_key(rows: pd.DataFrame) -> pd.DataFrame:
    key: pd.Series[Any] = rows["rule"].fillna("") + "\x1f" + rows["target"].fillna("")
    return rows.assign(key=key)
